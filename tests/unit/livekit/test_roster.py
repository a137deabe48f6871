"""Who keeps their place when connections break, and for how long."""

from __future__ import annotations

import asyncio

import pytest
from livekit import rtc
from livekit.rtc import DisconnectReason
from livekit.rtc._proto.participant_pb2 import OwnedParticipant

from meetbot.core.clock import MeetingClock
from meetbot.core.types import Participant, ParticipantJoined, ParticipantLeft
from meetbot_livekit.roster import Roster, as_participant

pytestmark = pytest.mark.virtual_time

GRACE = 30.0


def somebody(identity: str, name: str = "", **attributes: str) -> rtc.RemoteParticipant:
    """A participant of the SDK's, without a connection."""
    owned = OwnedParticipant()
    owned.info.identity = identity
    owned.info.name = name
    owned.info.attributes.update(attributes)
    return rtc.RemoteParticipant(owned)


class Meeting:
    """A roster, and what it told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.changed: list[str] = []
        self.roster = Roster(
            MeetingClock(), GRACE, self._tell, lambda p: self.changed.append(p.name)
        )
        self.room = rtc.Room()

    def _tell(self, event: object) -> None:
        if isinstance(event, ParticipantJoined):
            self.told.append(f"+{event.participant.name}")
        elif isinstance(event, ParticipantLeft):
            self.told.append(f"-{event.participant.name} {event.reason}")

    async def connect(self, *present: str) -> None:
        """A new connection, with these there."""
        self.room = rtc.Room()
        self.roster.attach(self.room)
        for identity in present:
            self.room._remote_participants[identity] = somebody(identity)
        await self.roster.up(self.room)

    def come(self, identity: str) -> None:
        """Somebody joins."""
        one = self.room._remote_participants[identity] = somebody(identity)
        self.room.emit("participant_connected", one)

    def go(self, identity: str, reason: DisconnectReason.ValueType) -> None:
        """Somebody's connection ends."""
        one = self.room._remote_participants.pop(identity)
        one._info.disconnect_reason = reason
        self.room.emit("participant_disconnected", one)


async def test_who_is_cut_off_and_comes_back_in_time_never_left() -> None:
    meeting = Meeting()
    await meeting.connect("anna")
    meeting.go("anna", DisconnectReason.SIGNAL_CLOSE)
    await asyncio.sleep(GRACE - 1)
    meeting.come("anna")
    await asyncio.sleep(2 * GRACE)
    assert meeting.told == ["+anna"]
    await meeting.roster.down()


@pytest.mark.parametrize(
    "reason",
    [
        DisconnectReason.UNKNOWN_REASON,
        DisconnectReason.CONNECTION_TIMEOUT,
        DisconnectReason.DUPLICATE_IDENTITY,
        DisconnectReason.SERVER_SHUTDOWN,
    ],
)
async def test_who_is_cut_off_has_left_when_the_grace_is_over(
    reason: DisconnectReason.ValueType,
) -> None:
    meeting = Meeting()
    await meeting.connect("anna")
    meeting.go("anna", reason)
    await asyncio.sleep(GRACE - 1)
    assert meeting.told == ["+anna"]
    await asyncio.sleep(2)
    assert meeting.told == ["+anna", "-anna lost"]


async def test_who_hangs_up_has_left_at_once() -> None:
    meeting = Meeting()
    await meeting.connect("anna", "boris")
    meeting.go("anna", DisconnectReason.CLIENT_INITIATED)
    meeting.go("boris", DisconnectReason.MIGRATION)
    assert meeting.told == ["+anna", "+boris", "-anna left", "-boris moved"]


async def test_nobodys_grace_runs_while_the_bot_itself_is_away() -> None:
    meeting = Meeting()
    await meeting.connect("anna", "boris")
    meeting.go("anna", DisconnectReason.SIGNAL_CLOSE)
    await meeting.roster.down()
    await asyncio.sleep(10 * GRACE)
    await meeting.connect("chloe")
    assert meeting.told == ["+anna", "+boris", "+chloe"]
    meeting.come("boris")
    await asyncio.sleep(GRACE + 1)
    assert meeting.told == ["+anna", "+boris", "+chloe", "-anna lost"]


async def test_a_handler_of_a_connection_that_is_gone_hears_nothing() -> None:
    meeting = Meeting()
    await meeting.connect("anna")
    old = meeting.room
    await meeting.roster.down()
    await meeting.connect("anna")
    old.emit("participant_disconnected", old._remote_participants["anna"])
    await asyncio.sleep(2 * GRACE)
    assert meeting.told == ["+anna"]


async def test_a_new_name_is_announced_and_told_to_those_who_listen() -> None:
    meeting = Meeting()
    await meeting.connect("anna")
    one = meeting.room._remote_participants["anna"]
    one._info.name = "Anna Berg"
    meeting.room.emit("participant_name_changed", one, "", "Anna Berg")
    one._info.attributes["irrelevant"] = "1"
    meeting.room.emit("participant_attributes_changed", {"irrelevant": "1"}, one)
    assert meeting.told == ["+anna", "+Anna Berg"]
    assert meeting.changed == ["Anna Berg"]


@pytest.mark.parametrize(
    ("identity", "name", "seen"),
    [
        ("a-1", "Anna", "Anna"),
        ("a-1", "", "a-1"),
        ("a-1", " \u202e\x00\n ", "a-1"),
        ("\u200b", "", "?"),
        ("a-1", "Анна\tБерг\x1b[2J", "Анна Берг[2J"),
        ("a-1", "x" * 1_000_000, "x" * 64),
    ],
)
async def test_names_are_cleaned_and_short(identity: str, name: str, seen: str) -> None:
    assert as_participant(somebody(identity, name)) == Participant(identity, seen)


async def test_what_says_that_it_is_a_machine_is_one() -> None:
    assert as_participant(somebody("x", **{"meetbot.ai": "true"})).is_bot
    assert not as_participant(somebody("x", **{"meetbot.ai": "yes"})).is_bot
