"""Settings: a validated, frozen value built from profile < file < environment < flags.

Importing this package imports pydantic, so only what needs settings does.
"""

from meetbot.config.loading import Loaded, load, load_settings
from meetbot.config.profiles import profile_names, profile_text
from meetbot.config.schema import (
    AsrSettings,
    GateSettings,
    HearingSettings,
    IceServer,
    ModelSettings,
    ObserveSettings,
    PeopleSettings,
    RoomSettings,
    Settings,
    StageSettings,
    StoreSettings,
    TurnSettings,
    VadSettings,
    WebSettings,
)

__all__ = [
    "AsrSettings",
    "GateSettings",
    "HearingSettings",
    "IceServer",
    "Loaded",
    "ModelSettings",
    "ObserveSettings",
    "PeopleSettings",
    "RoomSettings",
    "Settings",
    "StageSettings",
    "StoreSettings",
    "TurnSettings",
    "VadSettings",
    "WebSettings",
    "load",
    "load_settings",
    "profile_names",
    "profile_text",
]
