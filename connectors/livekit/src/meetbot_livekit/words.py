"""What the bot writes into a LiveKit room: captions, chat, notices, pictures, what it is doing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

from livekit import rtc
from livekit.rtc.participant import PublishDataError

from meetbot.core.channels import Channel, Overflow
from meetbot.core.clock import NS_PER_S
from meetbot.core.messages import CHANNEL, as_json
from meetbot.core.types import ActivityChanged, Caption, ChatSent, Notice
from meetbot_livekit.chat import ChatIn, write_chat
from meetbot_livekit.greeting import NEWS_SECONDS, Greeter
from meetbot_livekit.outbox import Outbox
from meetbot_livekit.presence import Sign
from meetbot_livekit.problems import reason_of
from meetbot_livekit.transcripts import as_line, publish_packet, publish_text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from livekit.rtc.room import EventTypes

    from meetbot.core.clock import Clock
    from meetbot.core.types import RoomMessage

__all__ = ["Words"]

log = logging.getLogger(__name__)

RECENT = 50
QUESTIONS = 64
STEP_SECONDS = 10.0
ATTEMPTS = 3
RETRY_SECONDS = 0.5
UNSURE_NS = 20 * NS_PER_S
"""Longer than it takes to find out that a connection is dead."""
MACHINES = frozenset(
    {
        rtc.ParticipantKind.PARTICIPANT_KIND_AGENT,
        rtc.ParticipantKind.PARTICIPANT_KIND_EGRESS,
        rtc.ParticipantKind.PARTICIPANT_KIND_INGRESS,
    }
)


class Words:
    """A ``Part``: tells the room what it is given, in order, over all of its connections.

    Everything goes out as JSON on the topic ``meetbot``; captions as LiveKit transcriptions and
    chat as LiveKit chat as well, and what the bot does as its attribute ``lk.agent.state``. Finals
    wait while there is no connection; those told just before it broke are told again, under the
    same ids. Who comes later gets the last 50 finals as JSON, and, once per meeting, a chat line
    that says that an AI listens. ``wrote(identity, text)`` is told of what participants write.
    """

    def __init__(self, clock: Clock, name: str, wrote: Callable[[str, str], None]) -> None:
        self._clock = clock
        self._greeter = Greeter(name)
        self._chat = ChatIn(wrote, self._ask)
        self._outbox = Outbox()
        self._sign = Sign()
        self._recent: OrderedDict[str, str] = OrderedDict()
        self._notice: str | None = None
        self._told: deque[tuple[int, RoomMessage]] = deque()
        self._current: RoomMessage | None = None
        self._newcomers: deque[str] = deque()
        self._welcomed: set[str] = set()
        self._questions: Channel[tuple[str, int]] = Channel(QUESTIONS, Overflow.DROP_OLDEST)
        self._connected = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._tasks: list[asyncio.Task[None]] = []
        self._room: rtc.Room | None = None
        self._connections = 0
        self._again: asyncio.TimerHandle | None = None
        self._handlers: dict[EventTypes, Callable[..., None]] = {
            "participant_active": self._came,
            "participant_disconnected": self._went,
            "reconnecting": self._connected.clear,
            "reconnected": self._reconnected,
            "local_track_published": self._published,
        }

    @property
    def dropped(self) -> int:
        """Finals that waited too long for a connection."""
        return self._outbox.dropped

    def send(self, message: RoomMessage) -> None:
        """Give everyone ``message``; never waits."""
        self._outbox.put(message)
        if isinstance(message, ActivityChanged):
            self._sign.show(message.activity)
        self._idle.clear()

    async def drain(self, seconds: float) -> None:
        """Wait until all was handed over, but ``seconds`` at most; not without a connection."""
        if not self._tasks:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()

    # ------------------------------------------------------------------ Part

    def attach(self, room: rtc.Room) -> None:
        """Listen to who comes, and to what is written."""
        self._chat.attach(room)
        self._greeter.attach(room)
        self._room = room
        self._connections += 1
        for event, handler in self._handlers.items():
            room.on(event, handler)

    async def up(self, room: rtc.Room) -> None:
        """Tell what waits, and greet who is there."""
        self._connected.set()
        self._outbox.forget_partials()
        knew, self._welcomed = self._welcomed, set()
        for one in room.remote_participants.values():
            if one.state == rtc.ParticipantState.PARTICIPANT_STATE_ACTIVE:
                if one.identity in knew:
                    self._welcomed.add(one.identity)
                self._came(one)
        self._tasks = [
            asyncio.create_task(self._write(room), name="words"),
            asyncio.create_task(self._sign.run(room), name="state"),
            asyncio.create_task(self._greeter.run(room, self._do), name="greeting"),
            asyncio.create_task(self._answer(room), name="time"),
        ]

    async def down(self) -> None:
        """Keep what was not told, or may not have arrived."""
        self._connected.clear()
        if self._again is not None:
            self._again.cancel()
            self._again = None
        room, self._room = self._room, None
        if room is not None:
            for event, handler in self._handlers.items():
                room.off(event, handler)
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                log.error("what the bot writes broke: %s", reason_of(result))
        self._greeter.detach()
        await self._chat.close()
        self._newcomers.clear()
        unsure = self._unsure()
        if self._current is not None and _is_final(self._current):
            unsure.append(self._current)
        self._current = None
        self._outbox.put_back(unsure)

    # ------------------------------------------------------------------ inside

    def _came(self, participant: rtc.RemoteParticipant) -> None:
        if participant.kind in MACHINES or participant.identity in self._welcomed:
            return
        self._welcomed.add(participant.identity)
        self._newcomers.append(participant.identity)
        self._greeter.came(participant.identity)
        self._idle.clear()
        self._outbox.wake()

    def _went(self, participant: rtc.RemoteParticipant) -> None:
        self._welcomed.discard(participant.identity)

    def _reconnected(self) -> None:
        """The SDK helped itself; what it had taken before may be lost all the same."""
        self._outbox.put_back(self._unsure())
        self._connected.set()

    def _published(self, *_: object) -> None:
        """Only now is everyone told that the bot is back; what came from nobody was not taken."""
        if self._connections > 1 and self._again is None:
            loop = asyncio.get_running_loop()
            self._again = loop.call_later(NEWS_SECONDS, self._tell_again)

    def _tell_again(self) -> None:
        self._outbox.put_back(self._unsure())

    def _ask(self, identity: str, number: int) -> None:
        self._questions.offer((identity, number))

    def _unsure(self) -> list[RoomMessage]:
        """Captions that a connection which broke may not have delivered; they have ids."""
        since = self._clock.now_ns() - UNSURE_NS
        told = [m for at_ns, m in self._told if at_ns >= since and isinstance(m, Caption)]
        self._told.clear()
        return list(told)

    async def _write(self, room: rtc.Room) -> None:
        while True:
            await self._connected.wait()
            if self._newcomers:
                await self._welcome(room, self._newcomers.popleft())
                continue
            self._current = self._outbox.take()
            if self._current is None:
                self._idle.set()
                await self._outbox.filled()
            else:
                await self._tell(room, self._current)

    async def _tell(self, room: rtc.Room, message: RoomMessage) -> None:
        value = as_json(message)
        text = json.dumps(value, ensure_ascii=False)
        await self._do(lambda: _post(room, text))
        if isinstance(message, Caption):
            line = as_line(message, room)
            await self._do(lambda: publish_packet(room, message, line))
            await self._do(lambda: publish_text(room, line))
        elif isinstance(message, ChatSent):
            await self._do(lambda: write_chat(room, str(value["id"]), message.text))
        self._remember(message, str(value.get("id")), text)
        self._current = None

    def _remember(self, message: RoomMessage, message_id: str, text: str) -> None:
        if isinstance(message, Notice):
            self._notice = text
            return
        if isinstance(message, ActivityChanged) or not _is_final(message):
            return
        self._recent[message_id] = text
        if len(self._recent) > RECENT:
            self._recent.popitem(last=False)
        now_ns = self._clock.now_ns()
        self._told.append((now_ns, message))
        while self._told[0][0] < now_ns - UNSURE_NS:
            self._told.popleft()

    async def _welcome(self, room: rtc.Room, identity: str) -> None:
        """Tell who comes later what was said lately."""
        to = [identity]
        for text in (*self._recent.values(), *([self._notice] if self._notice else [])):
            await self._do(lambda: _post(room, text, to))  # noqa: B023  # awaited at once

    async def _answer(self, room: rtc.Room) -> None:
        async for identity, number in self._questions:
            seconds = self._clock.now_ns() / NS_PER_S
            text = json.dumps({"type": "time", "id": number, "meeting": seconds})
            with contextlib.suppress(PublishDataError, TimeoutError):
                async with asyncio.timeout(STEP_SECONDS):
                    await _post(room, text, [identity])

    async def _do(self, step: Callable[[], Awaitable[None]]) -> None:
        """Do it again where it fails; what fails three times on a live connection is left out."""
        for attempt in range(ATTEMPTS):
            await self._connected.wait()
            try:
                async with asyncio.timeout(STEP_SECONDS):
                    await step()
            except Exception as error:  # the SDK raises whatever it likes
                log.warning("not written to the room: %s", reason_of(error))
                if attempt + 1 < ATTEMPTS:
                    await asyncio.sleep(RETRY_SECONDS)
            else:
                return


async def _post(room: rtc.Room, text: str, to: Sequence[str] = ()) -> None:
    """As reliable data on our own topic."""
    await room.local_participant.publish_data(text, topic=CHANNEL, destination_identities=list(to))


def _is_final(message: RoomMessage) -> bool:
    return not isinstance(message, ActivityChanged) and getattr(message, "final", True)
