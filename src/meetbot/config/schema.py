"""Every setting, with its unit, range and default. A section exists once a part reads it."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Literal, Self

import platformdirs
from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator

from meetbot.config.hearing import (
    AsrSettings,
    GateSettings,
    HearingSettings,
    TurnSettings,
    VadSettings,
)
from meetbot.config.painting import (
    PainterSettings,
    PaintingSettings,
    ReferenceSettings,
    SafetySettings,
)
from meetbot.config.rooms import (
    CameraSettings,
    IceServer,
    LeaveSettings,
    LiveKitSettings,
    RoomSettings,
)
from meetbot.config.section import Device, FolderOrFile, Name, Section, Threads
from meetbot.config.talking import (
    ConversationSettings,
    FaceSettings,
    LanguageModelSettings,
    TalkingSettings,
    VoiceSettings,
)

__all__ = [
    "AsrSettings",
    "CacheSettings",
    "CameraSettings",
    "ConversationSettings",
    "FaceSettings",
    "GateSettings",
    "HearingSettings",
    "IceServer",
    "LanguageModelSettings",
    "LeaveSettings",
    "LiveKitSettings",
    "ModelSettings",
    "ObserveSettings",
    "PainterSettings",
    "PaintingSettings",
    "PeopleSettings",
    "ReferenceSettings",
    "RoomSettings",
    "SafetySettings",
    "Settings",
    "StageSettings",
    "StoreSettings",
    "TalkingSettings",
    "TurnSettings",
    "VadSettings",
    "VoiceSettings",
    "WebSettings",
    "is_loopback",
]

PUBLIC_TOKEN_LENGTH = 16


def is_loopback(host: str) -> bool:
    """Whether ``host`` can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class PeopleSettings(Section):
    """Who is speaking."""

    enabled: bool = True
    """False: no voice-print is made; captions bear the participants' names."""
    encoder: Name = "ge2e"
    """An entry point of `meetbot.engines.speaker`."""
    device: Device = "cpu"
    threads: Threads = 1
    retention_days: Annotated[int, Field(ge=1, le=36_500)] = 365
    """Voice-prints of people not heard for so long are deleted."""


class CacheSettings(Section):
    """What was computed once and is kept for next time: answers' sound, faces, embeddings."""

    url: Annotated[str, StringConstraints(pattern=r"^(rediss?|unix)://")] | None = None
    """A Redis server; None: files in ``folder``."""
    folder: FolderOrFile | None = None
    """None: ``answers`` in this user's cache folder."""
    limit_mb: Annotated[int, Field(ge=1, le=1_000_000)] = 500
    """In 10⁶ bytes; the least recently used go first."""


class StageSettings(Section):
    """What the bot shows: pixels, and frames per second."""

    width: Annotated[int, Field(ge=320, le=1920, multiple_of=2)] = 1280
    height: Annotated[int, Field(ge=180, le=1080, multiple_of=2)] = 720
    fps: Annotated[int, Field(ge=1, le=30)] = 15


class ModelSettings(Section):
    """Where models are kept and where they may come from."""

    folder: FolderOrFile | None = None
    """None: ``models`` in this user's cache folder."""
    hub: bool = True
    """Whether a model hub may be asked; packages are asked either way."""
    accept_licences: tuple[Name, ...] = ()
    """Licences with conditions (such as non-commercial use) that you agree to."""


class WebSettings(Section):
    """The server. Anything but loopback needs a token and HTTPS."""

    host: Name = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8765
    """0: any free port."""
    token: SecretStr | None = None
    """Everyone who joins must give it; printable ASCII without spaces."""
    tls_certificate: FolderOrFile | None = None
    tls_key: FolderOrFile | None = None
    tls_by_proxy: bool = False
    """True: a proxy in front speaks HTTPS, so this server need not."""
    max_upload_mb: Annotated[int, Field(ge=1, le=4_096)] = 200
    """In 10⁶ bytes."""

    @property
    def is_public(self) -> bool:
        """Whether other machines can reach the server."""
        return not is_loopback(self.host)

    @property
    def scheme(self) -> Literal["http", "https"]:
        """What this server itself speaks."""
        return "https" if self.tls_certificate else "http"

    @field_validator("tls_certificate", "tls_key")
    @classmethod
    def _file_is_there(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"there is no file {value}")
        return value

    @field_validator("token")
    @classmethod
    def _token_is_text(cls, value: SecretStr | None) -> SecretStr | None:
        text = value.get_secret_value() if value else "x"
        if not text.isascii() or not text.isprintable() or " " in text or not text:
            raise ValueError("needs printable ASCII characters without spaces")
        return value

    @model_validator(mode="after")
    def _tls_is_a_pair(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together; one of them is missing")
        return self

    @model_validator(mode="after")
    def _public_is_safe(self) -> Self:
        if not self.is_public:
            return self
        token = self.token.get_secret_value() if self.token else ""
        if len(token) < PUBLIC_TOKEN_LENGTH:
            raise ValueError(
                f"host {self.host} can be reached from outside: set web.token "
                f"({PUBLIC_TOKEN_LENGTH} characters or more)"
            )
        if self.tls_certificate is None and not self.tls_by_proxy:
            raise ValueError(
                f"host {self.host} can be reached from outside, and browsers give a microphone "
                "to HTTPS pages only: set web.tls_certificate and web.tls_key, or "
                "web.tls_by_proxy = true"
            )
        return self


class StoreSettings(Section):
    """Where people and meetings are kept."""

    folder: FolderOrFile | None = None
    """None: this user's data folder."""
    url: Annotated[str, StringConstraints(pattern=r"^(sqlite|postgresql)(\+\w+)?://")] | None = None
    """An SQLAlchemy database URL, in place of SQLite in ``folder``."""

    @property
    def location(self) -> str | Path:
        """What ``Store.open`` takes: the URL if there is one, else the folder."""
        return self.url or self.folder or Path(platformdirs.user_data_dir("meetbot", False))

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.folder is not None and self.url is not None:
            raise ValueError("set folder or url, not both")
        return self


class ObserveSettings(Section):
    """Logs and figures."""

    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    log_file: FolderOrFile | None = None
    """None: logs go to standard error only."""
    figures_file: FolderOrFile | None = None
    """Where a process that ran sessions leaves its figures when it ends, as JSON."""


class Settings(Section):
    """All settings. Made by ``load_settings``; never changed afterwards."""

    room: RoomSettings = RoomSettings()
    hearing: HearingSettings = HearingSettings()
    people: PeopleSettings = PeopleSettings()
    conversation: ConversationSettings = ConversationSettings()
    talking: TalkingSettings = TalkingSettings()
    painting: PaintingSettings = PaintingSettings()
    cache: CacheSettings = CacheSettings()
    stage: StageSettings = StageSettings()
    models: ModelSettings = ModelSettings()
    web: WebSettings = WebSettings()
    store: StoreSettings = StoreSettings()
    observe: ObserveSettings = ObserveSettings()

    def secrets(self) -> tuple[str, ...]:
        """Every secret in the settings, for keeping them out of logs."""
        room = self.room
        given = [
            self.web.token,
            room.livekit.secret,
            room.livekit.encryption_key,
            *(server.credential for server in room.ice_servers),
        ]
        return tuple(secret.get_secret_value() for secret in given if secret is not None)
