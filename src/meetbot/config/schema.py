"""Every setting, with its unit, range and default. A section exists once a part reads it."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Literal, Self

import platformdirs
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

__all__ = [
    "AsrSettings",
    "GateSettings",
    "HearingSettings",
    "IceServer",
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
    "is_loopback",
]

PUBLIC_TOKEN_LENGTH = 16

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Threads = Annotated[int, Field(ge=1, le=64)]
Device = Literal["auto", "cpu", "cuda"]


def _expanded(path: object) -> object:
    return Path(path).expanduser() if isinstance(path, str | Path) else path


FolderOrFile = Annotated[Path, BeforeValidator(_expanded)]


def is_loopback(host: str) -> bool:
    """Whether ``host`` can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Section(BaseModel):
    """A frozen part of the settings that knows all of its keys."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=()
    )

    @field_validator("*", mode="before")
    @classmethod
    def _true_is_no_number(cls, value: object, info: ValidationInfo) -> object:
        kind = cls.model_fields[str(info.field_name)].annotation
        if isinstance(value, bool) and kind is not bool:
            raise ValueError("true and false are not values of this key")
        return value


class IceServer(Section):
    """A STUN or TURN server (RFC 7064, RFC 7065); a plain string stands for its address."""

    url: Annotated[str, StringConstraints(pattern=r"^(stuns?|turns?):[^\s]+$")]
    username: str | None = None
    credential: SecretStr | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_address(cls, value: object) -> object:
        return {"url": value} if isinstance(value, str) else value


class RoomSettings(Section):
    """The meeting room, and how the bot shows up in it."""

    name: Name = "meeting"
    """The room that the bot holds when none is named."""
    bot_name: Name = "Meetbot (AI)"
    """Must say that it is a machine: the room shows it in the roster."""
    ice_servers: tuple[IceServer, ...] = ()
    """None by default: loopback and the local network need none."""
    grace_seconds: Annotated[float, Field(ge=0, le=600)] = 30.0
    """How long a lost participant keeps their place."""
    video_codec: Literal["h264", "vp8"] = "h264"
    """Of what the bot shows."""
    video_bitrate: Annotated[int, Field(ge=500_000, le=3_000_000)] = 1_500_000
    """Bits per second; the range is aiortc's for H.264."""
    max_participants: Annotated[int, Field(ge=1, le=6)] = 6
    """A mesh: everyone sends to everyone, so six at most."""


class AsrSettings(Section):
    """Speech to text."""

    engine: Name = "faster-whisper"
    """An entry point of `meetbot.engines.asr`."""
    model: Name = "whisper-base"
    """A name of `meetbot models list`."""
    threads: Threads = 2
    device: Device = "cpu"
    compute_type: Literal["int8", "int8_float16", "float16", "float32"] = "int8"
    """CTranslate2's: what the weights are computed in."""
    language: Language | None = None
    """ISO 639-1; None: detected, and remembered for each speaker."""
    languages: tuple[Language, ...] = ()
    """The only languages that detection may answer with; empty: any."""
    beam_size: Annotated[int, Field(ge=1, le=10)] = 2
    context_seconds: Annotated[float, Field(ge=2, le=30)] = 6.0
    """Silence that the encoder sees behind the speech; 30 is Whisper's full window."""

    @model_validator(mode="after")
    def _language_is_one_of_languages(self) -> Self:
        if self.language and self.languages and self.language not in self.languages:
            raise ValueError(
                f"language {self.language!r} is not one of languages {list(self.languages)}"
            )
        return self


class VadSettings(Section):
    """Voice activity."""

    engine: Name = "silero"
    """An entry point of `meetbot.engines.vad`."""
    threshold: Probability = 0.5


class TurnSettings(Section):
    """End of turn."""

    engine: Name = "smart-turn"
    """An entry point of `meetbot.engines.turn`."""
    threshold: Probability = 0.5


class GateSettings(Section):
    """What a recognition must pass to count as speech rather than an invention on noise."""

    min_rms: Annotated[float, Field(ge=0, le=1)] = 0.0025
    """Root mean square of the turn, full scale 1."""
    max_no_speech: Probability = 0.6
    """Whisper's probability that nobody spoke."""
    min_log_probability: Annotated[float, Field(ge=-10, le=0)] = -1.0
    """Mean per token, natural logarithm."""
    max_compression: Annotated[float, Field(ge=1, le=100)] = 2.4
    """Text length over its zlib length: high where a model repeats itself."""
    min_speech_ms: Annotated[int, Field(ge=0, le=5_000)] = 250


class HearingSettings(Section):
    """From sound to words."""

    asr: AsrSettings = AsrSettings()
    vad: VadSettings = VadSettings()
    turn: TurnSettings = TurnSettings()
    gates: GateSettings = GateSettings()
    speculate_after_ms: Annotated[int, Field(ge=32, le=2_000)] = 100
    """Silence after which recognition starts, to be thrown away if speech goes on."""
    end_after_ms: Annotated[int, Field(ge=32, le=5_000)] = 200
    """Silence after which the end-of-turn detector is asked."""
    max_pause_ms: Annotated[int, Field(ge=100, le=10_000)] = 800
    """Silence after which a turn has ended, whatever the detector says."""
    max_turn_seconds: Annotated[float, Field(ge=2, le=28)] = 15.0
    """Longer speech is cut at a pause before this."""
    partial_interval_seconds: Annotated[float, Field(ge=0.2, le=10)] = 1.2
    """How often a caption grows while someone speaks."""
    audio_queue_seconds: Annotated[float, Field(ge=0.5, le=60)] = 5.0
    """Sound kept for a recogniser that falls behind; older sound is dropped and counted."""

    @model_validator(mode="after")
    def _silences_grow(self) -> Self:
        if not self.speculate_after_ms <= self.end_after_ms <= self.max_pause_ms:
            raise ValueError(
                "needs speculate_after_ms <= end_after_ms <= max_pause_ms, got "
                f"{self.speculate_after_ms}, {self.end_after_ms}, {self.max_pause_ms}"
            )
        return self


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
    stage: StageSettings = StageSettings()
    models: ModelSettings = ModelSettings()
    web: WebSettings = WebSettings()
    store: StoreSettings = StoreSettings()
    observe: ObserveSettings = ObserveSettings()

    def secrets(self) -> tuple[str, ...]:
        """Every secret in the settings, for keeping them out of logs."""
        given = [self.web.token, *(server.credential for server in self.room.ice_servers)]
        return tuple(secret.get_secret_value() for secret in given if secret is not None)
