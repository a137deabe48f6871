"""Settings: a validated, frozen value built from profile < file < environment < flags.

Importing this package imports pydantic, so only what needs settings does.
"""

from meetbot.config.loading import Loaded, load, load_settings
from meetbot.config.profiles import profile_names, profile_text
from meetbot.config.schema import (
    AsrSettings,
    CacheSettings,
    ConversationSettings,
    FaceSettings,
    GateSettings,
    HearingSettings,
    IceServer,
    LanguageModelSettings,
    ModelSettings,
    ObserveSettings,
    PeopleSettings,
    RoomSettings,
    Settings,
    StageSettings,
    StoreSettings,
    TalkingSettings,
    TurnSettings,
    VadSettings,
    VoiceSettings,
    WebSettings,
)

__all__ = [
    "AsrSettings",
    "CacheSettings",
    "ConversationSettings",
    "FaceSettings",
    "GateSettings",
    "HearingSettings",
    "IceServer",
    "LanguageModelSettings",
    "Loaded",
    "ModelSettings",
    "ObserveSettings",
    "PeopleSettings",
    "RoomSettings",
    "Settings",
    "StageSettings",
    "StoreSettings",
    "TalkingSettings",
    "TurnSettings",
    "VadSettings",
    "VoiceSettings",
    "WebSettings",
    "load",
    "load_settings",
    "profile_names",
    "profile_text",
]
