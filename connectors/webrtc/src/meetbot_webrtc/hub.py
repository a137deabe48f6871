"""Who is in which room, and the passing on of messages between them. No media comes by here."""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from meetbot.core.channels import Channel, Overflow
from meetbot.core.limits import RateLimit
from meetbot_webrtc.messages import (
    Answer,
    Away,
    Back,
    Candidate,
    Change,
    Changed,
    Decline,
    Gone,
    Hello,
    IceServerInfo,
    Joined,
    Leave,
    Left,
    Offer,
    PeerInfo,
    Ping,
    Pong,
    Refused,
    Renew,
    Welcome,
    link_role,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from meetbot.config import RoomSettings
    from meetbot_webrtc.messages import ClientMessage, Kind, Relayed, ServerMessage

__all__ = ["Connection", "Refusal", "SignalingHub"]

log = logging.getLogger(__name__)

OUTBOX = 512
MAX_ROOMS = 200
MAX_BOTS = 4
MAX_VIEWERS = 8


class Refusal(Exception):
    """A member is put out: ``refused`` says why."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.refused = Refused.model_validate({"code": code, "text": text})


@dataclass(slots=True)
class Member:
    """Someone in a room. ``connection`` is None while their grace runs."""

    info: PeerInfo
    resume: str
    connection: Connection | None
    grace: asyncio.TimerHandle | None = None


@dataclass(slots=True)
class RoomState:
    """One room: its members by id, in order of arrival."""

    members: dict[str, Member] = field(default_factory=dict)
    arrivals: int = 0

    def count(self, *, bots: bool = False, kinds: tuple[Kind, ...] = ("peer", "whip")) -> int:
        """How many members of these kinds are there."""
        return sum(m.info.is_bot == bots and m.info.kind in kinds for m in self.members.values())


class Connection:
    """The hub's side of one member's signalling: messages in by ``receive``, out by ``outbox``."""

    def __init__(self, hub: SignalingHub, room: str, kind: Kind, trusted: bool) -> None:
        self.room = room
        self.kind: Kind = kind
        self.trusted = trusted
        self.outbox: Channel[ServerMessage] = Channel(OUTBOX, Overflow.WAIT)
        self.member: Member | None = None
        self._hub = hub
        self._rate = RateLimit(per_second=50, burst=300)

    def receive(self, message: ClientMessage) -> None:
        """Act on what the member sent. Raises ``Refusal``, after which it is to be closed."""
        if not self.trusted and not self._rate.allows():
            raise Refusal("rate", "Too many messages; slow down and join again.")
        if self.member is None:
            if not isinstance(message, Hello):
                raise Refusal("protocol", "The first message must be hello.")
            self._hub.enter(self, message)
        else:
            self._hub.act(self, self.member, message)

    def push(self, message: ServerMessage) -> None:
        """Queue a message for the member; one that does not read is put out."""
        if self.outbox.closed:
            return
        try:
            self.outbox.offer(message)
        except asyncio.QueueFull:
            log.warning("a member of room %s does not read its messages; closed", self.room)
            self.lost()

    def lost(self) -> None:
        """The member's signalling ended without ``leave``; the grace begins."""
        self.outbox.close()
        if self.member is not None and self.member.connection is self:
            self._hub.lose(self.room, self.member)


class SignalingHub:
    """All rooms of one server.

    ``token``: what a member must show, None where none is needed (loopback). ``bot_secret``:
    what a member from outside must show to count as a bot. ``loopback``: the server is bound to
    loopback, so members need no other address.
    """

    def __init__(
        self,
        settings: RoomSettings,
        *,
        token: str | None = None,
        bot_secret: str | None = None,
        loopback: bool = True,
    ) -> None:
        self.settings = settings
        self.loopback = loopback
        self._token = token
        self._bot_secret = bot_secret or secrets.token_urlsafe(32)
        self._rooms: dict[str, RoomState] = {}
        self._watchers: list[Callable[[str], None]] = []
        self._closing = False

    # ------------------------------------------------------------------ for servers

    def connect(self, room: str, *, kind: Kind = "peer", trusted: bool = False) -> Connection:
        """A new member's connection to ``room``; ``trusted`` for those of this process."""
        return Connection(self, room, kind, trusted)

    def watch(self, changed: Callable[[str], None]) -> None:
        """Call ``changed(room)`` whenever someone has come or gone for good."""
        self._watchers.append(changed)

    def people(self, room: str) -> int:
        """How many participants that are not bots are in ``room``, those in their grace too."""
        state = self._rooms.get(room)
        return state.count() if state else 0

    def roster(self, room: str) -> tuple[PeerInfo, ...]:
        """Who is in ``room``, in order of arrival."""
        state = self._rooms.get(room)
        return tuple(member.info for member in state.members.values()) if state else ()

    def admits(self, token: str | None) -> bool:
        """Whether ``token`` is the one to show; compared in constant time."""
        return self._token is None or _same(token, self._token)

    def close(self) -> None:
        """Put everyone out; the server ends."""
        self._closing = True
        for state in self._rooms.values():
            for member in state.members.values():
                if member.grace:
                    member.grace.cancel()
                if member.connection:
                    member.connection.push(Refused(code="closing", text="The server is closing."))
                    member.connection.outbox.close()
        self._rooms.clear()

    # ------------------------------------------------------------------ for connections

    def enter(self, connection: Connection, hello: Hello) -> None:
        """Let a member in, or back in. Raises ``Refusal``."""
        if self._closing:
            raise Refusal("closing", "The server is closing.")
        if not connection.trusted and not self.admits(hello.token):
            raise Refusal("token", "The access token is missing or wrong.")
        if hello.resume and self._resume(connection, hello):
            return
        is_bot = self._is_bot(connection, hello)
        state = self._rooms.get(connection.room) or RoomState()
        self._check_room(state, connection, is_bot)
        self._rooms[connection.room] = state
        state.arrivals += 1
        info = PeerInfo(
            id=f"{'bot' if is_bot else 'p'}-{secrets.token_hex(6)}",
            name=hello.name,
            order=state.arrivals,
            is_bot=is_bot,
            shared_microphone=hello.shared_microphone,
            kind=connection.kind,
        )
        member = Member(info, secrets.token_urlsafe(24), connection)
        state.members[info.id] = member
        connection.member = member
        self._welcome(connection, state, member)
        self._tell(state, info, Joined(peer=info))
        self._notify(connection.room)

    def act(self, connection: Connection, member: Member, message: ClientMessage) -> None:
        """Do what a member that is in asks for. Raises ``Refusal``."""
        match message:
            case Offer() | Answer() | Candidate() | Renew() | Decline():
                self._relay(connection.room, member, message)
            case Ping():
                connection.push(Pong())
            case Change(shared_microphone=shared):
                self._change(connection.room, member, shared)
            case Gone(peer=peer):
                self._gone(connection.room, member, peer)
            case Leave():
                self._remove(connection.room, member, "left")
                connection.outbox.close()
            case Hello():
                raise Refusal("protocol", "hello was said already.")

    def lose(self, room: str, member: Member) -> None:
        """A member's signalling is gone: it has the grace to come back."""
        member.connection = None
        state = self._rooms.get(room)
        if state is None or member.info.id not in state.members:
            return
        grace = self.settings.grace_seconds
        if member.info.kind != "peer" or grace <= 0:
            self._remove(room, member, "lost")
            return
        member.info = member.info.model_copy(update={"away": True})
        self._tell(state, member.info, Away(peer=member.info.id))
        loop = asyncio.get_running_loop()
        member.grace = loop.call_later(grace, self._remove, room, member, "lost")

    # ------------------------------------------------------------------ inside

    def _is_bot(self, connection: Connection, hello: Hello) -> bool:
        if hello.bot_secret is None:
            return False
        if connection.kind != "peer":
            raise Refusal("bot", "A WHIP or WHEP client cannot be a bot.")
        if not connection.trusted and not _same(hello.bot_secret, self._bot_secret):
            raise Refusal("bot", "To join as a bot, show the server's bot secret.")
        return True

    def _check_room(self, state: RoomState, connection: Connection, is_bot: bool) -> None:
        if connection.room not in self._rooms and len(self._rooms) >= MAX_ROOMS:
            raise Refusal("full", f"This server has its {MAX_ROOMS} rooms already.")
        limit = self.settings.max_participants
        if is_bot and state.count(bots=True) >= MAX_BOTS:
            raise Refusal("full", f"The room has its {MAX_BOTS} bots already.")
        if connection.kind == "whep" and state.count(kinds=("whep",)) >= MAX_VIEWERS:
            raise Refusal("full", f"The room has its {MAX_VIEWERS} WHEP viewers already.")
        if connection.kind != "whep" and not is_bot and state.count() >= limit:
            raise Refusal(
                "full",
                f"The room is full: {limit} participants. In a room of this kind everyone sends "
                "to everyone; for a larger meeting use a LiveKit room.",
            )

    def _resume(self, connection: Connection, hello: Hello) -> bool:
        state = self._rooms.get(connection.room)
        if state is None or hello.resume is None:
            return False
        for member in state.members.values():
            if _same(hello.resume, member.resume):
                break
        else:
            return False
        if member.grace:
            member.grace.cancel()
        old, member.connection, member.grace = member.connection, connection, None
        if old is not None:
            old.member = None
            old.outbox.close()
        member.info = member.info.model_copy(update={"away": False})
        connection.member = member
        self._welcome(connection, state, member)
        known = tuple(peer for peer in hello.links if peer in state.members)
        self._tell(state, member.info, Back(peer=member.info.id, links=known))
        return True

    def _welcome(self, connection: Connection, state: RoomState, member: Member) -> None:
        servers = tuple(
            IceServerInfo(
                urls=server.url,
                username=server.username,
                credential=server.credential.get_secret_value() if server.credential else None,
            )
            for server in self.settings.ice_servers
        )
        connection.push(
            Welcome(
                me=member.info,
                resume=member.resume,
                room=connection.room,
                peers=tuple(other.info for other in self._seen_by(state, member.info)),
                ice_servers=servers,
                loopback=self.loopback,
                grace_seconds=self.settings.grace_seconds,
                max_participants=self.settings.max_participants,
            )
        )

    def _seen_by(self, state: RoomState, info: PeerInfo) -> Iterable[Member]:
        """The others that ``info`` is told of: WHEP viewers are known to bots only."""
        for other in state.members.values():
            if other.info.id != info.id and (other.info.kind != "whep" or info.is_bot):
                yield other

    def _tell(self, state: RoomState, about: PeerInfo, message: ServerMessage) -> None:
        for other in list(state.members.values()):
            seen = about.kind != "whep" or other.info.is_bot
            if other.info.id != about.id and seen and other.connection:
                other.connection.push(message)

    def _relay(self, room: str, sender: Member, message: Relayed) -> None:
        target = self._rooms[room].members.get(message.peer)
        if target is None or target.connection is None:
            return
        if link_role(sender.info, target.info) == "none":
            raise Refusal("protocol", f"There is nothing to negotiate with {message.peer}.")
        target.connection.push(message.model_copy(update={"peer": sender.info.id}))

    def _change(self, room: str, member: Member, shared: bool) -> None:
        member.info = member.info.model_copy(update={"shared_microphone": shared})
        self._tell(self._rooms[room], member.info, Changed(peer=member.info))

    def _gone(self, room: str, bot: Member, peer: str) -> None:
        target = self._rooms[room].members.get(peer)
        if not bot.info.is_bot:
            raise Refusal("protocol", "Only a bot may report a WHIP or WHEP client as gone.")
        if target is not None and target.info.kind != "peer":
            self._remove(room, target, "lost")

    def _remove(self, room: str, member: Member, reason: str) -> None:
        state = self._rooms.get(room)
        if state is None or state.members.pop(member.info.id, None) is None:
            return
        if member.grace:
            member.grace.cancel()
        if member.connection:
            member.connection.member = None
            member.connection.outbox.close()
        self._tell(state, member.info, Left(peer=member.info.id, reason=reason))
        if not state.members:
            del self._rooms[room]
        self._notify(room)

    def _notify(self, room: str) -> None:
        for changed in self._watchers:
            changed(room)


def _same(given: str | None, expected: str) -> bool:
    return hmac.compare_digest((given or "").encode(), expected.encode())
