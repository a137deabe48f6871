"""Settings of the rooms that the bot joins."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, StringConstraints, model_validator

from meetbot.config.section import Name, Section

__all__ = ["CameraSettings", "IceServer", "LeaveSettings", "LiveKitSettings", "RoomSettings"]

Minutes = Annotated[float, Field(ge=0, le=1440)]


class IceServer(Section):
    """A STUN or TURN server (RFC 7064, RFC 7065); a plain string stands for its address."""

    url: Annotated[str, StringConstraints(pattern=r"^(stuns?|turns?):[^\s]+$")]
    username: str | None = None
    credential: SecretStr | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_address(cls, value: object) -> object:
        return {"url": value} if isinstance(value, str) else value


class LiveKitSettings(Section):
    """A LiveKit server, and what the bot sends there."""

    key: Name | None = None
    """The API key's name: with ``secret``, the bot makes its own tokens."""
    secret: SecretStr | None = None
    identity: Name | None = None
    """The bot's identity in the room; None: a new one each time, so that it is never taken."""
    tls: bool | None = None
    """Whether the address means wss; None: everywhere but on this machine."""
    codec: Literal["h264", "vp8", "vp9"] = "h264"
    simulcast: bool = False
    """Several sizes at once, for a server whose viewers differ; costs an encoder for each."""
    camera_bitrate: Annotated[int, Field(ge=200_000, le=8_000_000)] = 2_000_000
    """Bits per second."""
    pictures_bitrate: Annotated[int, Field(ge=200_000, le=8_000_000)] = 1_500_000
    """Bits per second."""
    measured: bool = False
    """Tells with each picture of the face how loud its sound is, for the benchmark's guest; a
    Chromium with livekit-client 2.23 shows no camera then."""
    encryption_key: SecretStr | None = None
    """The shared key of a room with end-to-end encryption."""
    relay_only: bool = False
    """Media by TURN only."""
    token_seconds: Annotated[int, Field(ge=10, le=86_400)] = 60
    """How long a token that the bot makes can be used to join; a new one is made each time."""
    give_up_seconds: Annotated[float, Field(ge=1, le=86_400)] = 120.0
    """How long a server that is gone is waited for."""

    @model_validator(mode="after")
    def _key_and_secret(self) -> Self:
        if (self.key is None) != (self.secret is None):
            raise ValueError("key and secret go together; one of them is missing")
        return self


class CameraSettings(Section):
    """The virtual webcam and microphone of `meetbot camera`."""

    device: Name | None = None
    """The virtual camera's name or path; None: the first that is free."""
    backend: Name | None = None
    """Of pyvirtualcam: `v4l2loopback`, `obs`, `unitycapture`; None: what is there."""
    fps: Annotated[int, Field(ge=10, le=60)] = 30
    microphone: Name | None = None
    """Your own; None: the system's."""
    speakers: Name | None = None
    """Where the others are heard; None: the system's."""
    voice: Name | None = None
    """The virtual cable that the bot speaks into; None: made (Linux) or found by its name."""
    hear_me: bool = True
    hear_others: bool = True
    pass_microphone: bool = True
    """Whether your own voice goes into the virtual microphone as well."""
    echo_cancellation: bool = True
    """Whether what the speakers play is taken out of your microphone."""
    my_name: Name = "Me"
    others_name: Name = "Others"


class LeaveSettings(Section):
    """When the bot leaves a room that it was sent to by itself; 0: never."""

    alone_minutes: Minutes = 5.0
    """Nobody else is there."""
    silence_minutes: Minutes = 60.0
    """Nobody has said or written anything."""
    when_told: bool = True
    """“Meetbot, please leave”, by voice or in the chat."""


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
    leave: LeaveSettings = LeaveSettings()
    livekit: LiveKitSettings = LiveKitSettings()
    camera: CameraSettings = CameraSettings()
