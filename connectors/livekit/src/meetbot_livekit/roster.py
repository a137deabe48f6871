"""Who is in the room, as the meeting knows them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from livekit import rtc
from livekit.rtc import DisconnectReason

from meetbot.core.limits import shown_name
from meetbot.core.types import Participant, ParticipantJoined, ParticipantLeft
from meetbot_livekit.presence import AI

if TYPE_CHECKING:
    from collections.abc import Callable

    from livekit.rtc.room import EventTypes

    from meetbot.core.clock import Clock
    from meetbot.core.types import RoomEvent

__all__ = ["SHARED_MICROPHONE", "Roster", "as_participant"]

log = logging.getLogger(__name__)

SHARED_MICROPHONE = "meetbot.shared_microphone"
"""The attribute that says, when it is ``true``, that several people sit at a microphone."""
MACHINES = frozenset(
    {
        rtc.ParticipantKind.PARTICIPANT_KIND_EGRESS,
        rtc.ParticipantKind.PARTICIPANT_KIND_BRIDGE,
    }
)
"""What sits in a room without being somebody: recorders, and what connects rooms."""
FOR_GOOD = {
    DisconnectReason.CLIENT_INITIATED: "left",
    DisconnectReason.PARTICIPANT_REMOVED: "removed",
    DisconnectReason.ROOM_DELETED: "left",
    DisconnectReason.ROOM_CLOSED: "left",
    DisconnectReason.MIGRATION: "moved",
    DisconnectReason.USER_UNAVAILABLE: "left",
    DisconnectReason.USER_REJECTED: "left",
}
"""Whoever goes for another reason was cut off, and may be back."""
LOST = "lost"


class Roster:
    """A ``Part``: tells who comes and who goes, over all connections, each of them once.

    Who is cut off keeps their place for ``grace_seconds``; so does everyone when the bot itself is
    cut off, counted from when it is back. ``changed(participant)`` is told of someone whose name
    has changed, right after they are announced anew.
    """

    def __init__(
        self,
        clock: Clock,
        grace_seconds: float,
        tell: Callable[[RoomEvent], None],
        changed: Callable[[Participant], None],
    ) -> None:
        self._clock = clock
        self._grace_seconds = grace_seconds
        self._tell = tell
        self._changed = changed
        self._announced: dict[str, Participant] = {}
        self._missing: dict[str, asyncio.TimerHandle] = {}
        self._room: rtc.Room | None = None
        self._handlers: dict[EventTypes, Callable[..., None]] = {
            "participant_connected": self._came,
            "participant_active": self._came,
            "participant_disconnected": self._went,
            "participant_name_changed": self._altered,
            "participant_metadata_changed": self._altered,
            "participant_attributes_changed": lambda _, who: self._altered(who),
            "participant_permissions_changed": self._altered,
            "reconnected": self._compare,
            "moved": self._compare,
        }

    def get(self, identity: str) -> Participant | None:
        """Who that is; None: nobody who was announced."""
        return self._announced.get(identity)

    # ------------------------------------------------------------------ Part

    def attach(self, room: rtc.Room) -> None:
        """Listen."""
        self._room = room
        for event, handler in self._handlers.items():
            room.on(event, handler)

    async def up(self, room: rtc.Room) -> None:
        """Tell of those who are there and were not before."""
        self._compare()

    async def down(self) -> None:
        """All keep their places; nobody's time runs while the bot itself is away."""
        room, self._room = self._room, None
        if room is not None:
            for event, handler in self._handlers.items():
                room.off(event, handler)
        for timer in self._missing.values():
            timer.cancel()
        self._missing.clear()

    # ------------------------------------------------------------------ inside

    def _compare(self) -> None:
        """What the server says counts."""
        if self._room is None:
            return
        present = self._room.remote_participants
        for one in list(present.values()):
            self._came(one)
        for identity in self._announced.keys() - present.keys():
            self._wait_for(identity)

    def _came(self, who: rtc.RemoteParticipant) -> None:
        if _is_machine(who):
            return
        timer = self._missing.pop(who.identity, None)
        if timer is not None:
            timer.cancel()
        self._announce(who)

    def _altered(self, who: rtc.Participant, *_: object) -> None:
        if isinstance(who, rtc.RemoteParticipant) and who.identity in self._announced:
            self._announce(who)

    def _announce(self, who: rtc.RemoteParticipant) -> None:
        participant, known = as_participant(who), self._announced.get(who.identity)
        if participant == known:
            return
        self._announced[who.identity] = participant
        self._tell(ParticipantJoined(participant, self._clock.now_ns()))
        if known is not None:
            self._changed(participant)

    def _went(self, who: rtc.RemoteParticipant) -> None:
        if who.identity not in self._announced:
            return
        reason = FOR_GOOD.get(who.disconnect_reason or DisconnectReason.UNKNOWN_REASON)
        if reason is None:
            self._wait_for(who.identity)
        else:
            self._leave(who.identity, reason)

    def _wait_for(self, identity: str) -> None:
        if identity not in self._missing:
            self._missing[identity] = asyncio.get_running_loop().call_later(
                self._grace_seconds, self._leave, identity, LOST
            )

    def _leave(self, identity: str, reason: str) -> None:
        timer = self._missing.pop(identity, None)
        if timer is not None:
            timer.cancel()
        participant = self._announced.pop(identity, None)
        if participant is not None:
            self._tell(ParticipantLeft(participant, self._clock.now_ns(), reason))


def as_participant(who: rtc.RemoteParticipant) -> Participant:
    """Somebody of the SDK's, as the meeting knows them; what they typed is cleaned."""
    return Participant(
        who.identity,
        shown_name(who.name) or shown_name(who.identity) or "?",
        is_bot=_is_bot(who),
        shared_microphone=who.attributes.get(SHARED_MICROPHONE) == "true",
    )


def _is_bot(who: rtc.RemoteParticipant) -> bool:
    agent = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
    return who.kind == agent or who.attributes.get(AI) == "true"


def _is_machine(who: rtc.RemoteParticipant) -> bool:
    return who.kind in MACHINES or who.permissions.hidden
