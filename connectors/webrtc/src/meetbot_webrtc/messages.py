"""The signalling protocol: JSON messages over one WebSocket per member.

The first message is ``hello``; the answer is ``welcome`` or ``refused``. From then on the hub
tells who comes and goes, and passes ``offer``, ``answer``, ``candidate``, ``renew`` and
``decline`` on: ``peer`` is the addressee in what a member sends and the sender in what it gets.
``session`` names one negotiation, so that what belongs to an older one can be told apart.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, field_validator

from meetbot.core.limits import MAX_NAME, shown_name

__all__ = [
    "MAX_MESSAGE_BYTES",
    "Answer",
    "Away",
    "Back",
    "Candidate",
    "Change",
    "Changed",
    "ClientMessage",
    "Decline",
    "Gone",
    "Hello",
    "IceServerInfo",
    "Joined",
    "Leave",
    "Left",
    "Offer",
    "PeerInfo",
    "Ping",
    "Pong",
    "Refused",
    "Relayed",
    "Renew",
    "ServerMessage",
    "Welcome",
    "guest_name",
    "link_role",
    "parse_client_message",
    "parse_server_message",
]

MAX_MESSAGE_BYTES = 64 * 1024

PeerId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
SessionId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Sdp = Annotated[str, StringConstraints(min_length=1, max_length=48_000)]
Secret = Annotated[str, StringConstraints(max_length=512)]
Kind = Literal["peer", "whip", "whep"]


def guest_name(name: str) -> str:
    """``name`` as it may be shown, never empty."""
    return shown_name(name) or "Guest"


class Message(BaseModel):
    """A frozen message that knows all of its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PeerInfo(Message):
    """One member as the others see it. ``order`` grows with each arrival in the room."""

    id: PeerId
    name: str
    order: int
    is_bot: bool = False
    shared_microphone: bool = False
    kind: Kind = "peer"
    away: bool = False


class IceServerInfo(Message):
    """A STUN or TURN server, as an ``RTCIceServer`` dictionary."""

    urls: str
    username: str | None = None
    credential: str | None = None


class Hello(Message):
    """The first message. ``links``: the peers whose media still flows, when resuming."""

    type: Literal["hello"] = "hello"
    name: Annotated[str, StringConstraints(max_length=4 * MAX_NAME)] = ""
    token: Secret | None = None
    resume: Secret | None = None
    links: Annotated[tuple[PeerId, ...], Field(max_length=64)] = ()
    shared_microphone: bool = False
    bot_secret: Secret | None = None

    @field_validator("name")
    @classmethod
    def _shown_safely(cls, value: str) -> str:
        return guest_name(value)


class Offer(Message):
    """A session description to be answered. ``track``: what a WHEP viewer wants to see."""

    type: Literal["offer"] = "offer"
    peer: PeerId
    session: SessionId
    sdp: Sdp
    track: Annotated[str, StringConstraints(max_length=64)] | None = None


class Answer(Message):
    """The answer to an offer."""

    type: Literal["answer"] = "answer"
    peer: PeerId
    session: SessionId
    sdp: Sdp


class Candidate(Message):
    """One ICE candidate, as ``RTCIceCandidate.toJSON`` gives it."""

    type: Literal["candidate"] = "candidate"
    peer: PeerId
    session: SessionId
    candidate: Annotated[str, StringConstraints(max_length=1024)]
    sdp_mid: Annotated[str, StringConstraints(max_length=64)] | None = None
    sdp_mline_index: Annotated[int, Field(ge=0, le=64)] | None = None


class Renew(Message):
    """The media with ``peer`` broke: the side that offers is asked for a fresh offer."""

    type: Literal["renew"] = "renew"
    peer: PeerId


class Decline(Message):
    """An offer that cannot be answered, and why."""

    type: Literal["decline"] = "decline"
    peer: PeerId
    session: SessionId
    text: Annotated[str, StringConstraints(max_length=400)]


class Gone(Message):
    """From a bot: the media of a WHIP or WHEP client has ended."""

    type: Literal["gone"] = "gone"
    peer: PeerId


class Change(Message):
    """The sender's microphone is, or is no longer, shared by several people."""

    type: Literal["change"] = "change"
    shared_microphone: bool


class Leave(Message):
    """The sender goes for good; no grace."""

    type: Literal["leave"] = "leave"


class Ping(Message):
    """Is anyone there?"""

    type: Literal["ping"] = "ping"


class Welcome(Message):
    """The sender is in: who it is, who else is there, and how to reach them.

    ``resume`` is a secret that brings the same identity back within ``grace_seconds``.
    ``loopback``: all members are on this machine, so Python members use 127.0.0.1 only.
    """

    type: Literal["welcome"] = "welcome"
    me: PeerInfo
    resume: str
    room: str
    peers: tuple[PeerInfo, ...]
    ice_servers: tuple[IceServerInfo, ...] = ()
    loopback: bool = False
    grace_seconds: float
    max_participants: int


class Refused(Message):
    """The answer to a ``hello`` that failed, or the reason for which a member is put out."""

    type: Literal["refused"] = "refused"
    code: Literal["token", "full", "room", "bot", "protocol", "rate", "slow", "closing"]
    text: str


class Joined(Message):
    """Someone came in."""

    type: Literal["joined"] = "joined"
    peer: PeerInfo


class Changed(Message):
    """What the others see of someone has changed."""

    type: Literal["changed"] = "changed"
    peer: PeerInfo


class Away(Message):
    """Someone's signalling is lost; they may come back within the grace."""

    type: Literal["away"] = "away"
    peer: PeerId


class Back(Message):
    """Someone is back. Media with those not in ``links`` is negotiated anew."""

    type: Literal["back"] = "back"
    peer: PeerId
    links: tuple[PeerId, ...] = ()


class Left(Message):
    """Someone is gone for good: ``left``, or ``lost`` when their grace ran out."""

    type: Literal["left"] = "left"
    peer: PeerId
    reason: str = "left"


class Pong(Message):
    """The answer to ``ping``."""

    type: Literal["pong"] = "pong"


Relayed = Offer | Answer | Candidate | Renew | Decline
ClientMessage = Hello | Relayed | Gone | Change | Leave | Ping
ServerMessage = Welcome | Refused | Joined | Changed | Away | Back | Left | Relayed | Pong

_CLIENT: TypeAdapter[ClientMessage] = TypeAdapter(
    Annotated[ClientMessage, Field(discriminator="type")]
)
_SERVER: TypeAdapter[ServerMessage] = TypeAdapter(
    Annotated[ServerMessage, Field(discriminator="type")]
)


def parse_client_message(text: str | bytes) -> ClientMessage:
    """What a member sent. Raises ``ValueError`` when it is not one of the protocol's messages."""
    if len(text) > MAX_MESSAGE_BYTES:
        raise ValueError(f"a message may have {MAX_MESSAGE_BYTES} bytes, not {len(text)}")
    return _CLIENT.validate_json(text)


def parse_server_message(text: str | bytes) -> ServerMessage:
    """What the hub sent. Raises ``ValueError`` when it is not one of the protocol's messages."""
    return _SERVER.validate_json(text)


def link_role(me: PeerInfo, other: PeerInfo) -> Literal["offer", "answer", "none"]:
    """What ``me`` does to get media going with ``other``.

    A bot offers to people and answers WHIP and WHEP clients; of two people the newcomer offers;
    bots have nothing to say to each other.
    """
    if me.is_bot and other.is_bot:
        return "none"
    if "peer" not in (me.kind, other.kind) or me.kind != other.kind:
        bot, guest = (me, other) if me.is_bot else (other, me)
        if not bot.is_bot or guest.kind == "peer":
            return "none"
        return "answer" if me.is_bot else "offer"
    if me.is_bot or other.is_bot:
        return "offer" if me.is_bot else "answer"
    return "offer" if me.order > other.order else "answer"
