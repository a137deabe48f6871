"""A real meeting on loopback: a room with the bot, and every participant a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from meetbot.core.clock import monotonic_ns
from meetbot.core.errors import RoomError
from meetbot.demo.asker import Exchange
from meetbot.demo.venue import end_process, last_line
from meetbot.observe.process import ProcessSampler

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from pathlib import Path

    from meetbot.demo.plan import GuestPlan
    from meetbot.demo.venue import Venue
    from meetbot.observe.process import ProcessUse

__all__ = ["Meeting", "Received", "hold_meeting"]

READY_SECONDS = 60.0
LEAVE_SECONDS = 30.0
QUESTIONS_SECONDS = 1200.0
LEAD_NS = 500_000_000
NS_PER_S = 1_000_000_000
LAST_CAPTIONS_SECONDS = 20.0
QUIET_SECONDS = 3.0
LINE_LIMIT = 64 * 1024 * 1024

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Received:
    """A message of the bot as the watcher received it; ``at_ns`` monotonic."""

    at_ns: int
    message: Message


@dataclass(slots=True)
class Meeting:
    """What came of a meeting. ``ends``: speech ends by participant id, in monotonic seconds.

    ``offset``: monotonic seconds at meeting time 0. ``exchanges``: questions and answers as the
    one who asked heard them. ``face``: as the watcher saw it. ``pictures``: by id, when it was seen
    first, in monotonic nanoseconds; None: that cannot be told for sure. ``picture_files``: by
    id, the file beside the recording that it was kept in.
    """

    begin_ns: int
    end_ns: int = 0
    received: list[Received] = field(default_factory=list)
    ends: Mapping[str, list[float]] = field(default_factory=dict)
    offset: float = 0.0
    exchanges: list[Exchange] = field(default_factory=list)
    face: Mapping[str, Any] | None = None
    pictures: Mapping[str, int | None] = field(default_factory=dict)
    picture_files: Mapping[str, str] = field(default_factory=dict)
    server: ProcessUse | None = None

    @property
    def unfinished(self) -> bool:
        """Whether a caption was begun and neither finished nor withdrawn."""
        latest: dict[str, bool] = {}
        for item in self.received:
            if item.message["type"] == "caption":
                latest[item.message["id"]] = item.message["final"] or not item.message["text"]
        return not all(latest.values())

    @property
    def painted(self) -> list[Received]:
        """What was told of pictures, in the order it came."""
        return [item for item in self.received if item.message["type"] == "picture"]

    @property
    def finals(self) -> list[Received]:
        """The final captions, in the order they came."""
        return [
            item
            for item in self.received
            if item.message["type"] == "caption" and item.message["final"]
        ]


async def hold_meeting(
    venue: Venue,
    plans: Sequence[GuestPlan],
    folder: Path,
    *,
    seconds: float,
    on_message: Callable[[Message], None] = lambda _: None,
) -> Meeting:
    """Let ``plans`` meet for ``seconds`` from the common beginning, and until captions are final.

    Exactly one of them watches. A meeting with questions goes on until they are answered.

    Raises ``RoomError`` when a participant cannot come or breaks off.
    """
    async with contextlib.AsyncExitStack() as stack:
        guests = [
            await stack.enter_async_context(_guest(plan, folder / f"guest-{number}"))
            for number, plan in enumerate(plans)
        ]
        await asyncio.gather(*(guest.expect("ready", READY_SECONDS) for guest in guests))
        meeting = Meeting(monotonic_ns() + LEAD_NS)
        sampler = ProcessSampler(venue.pid)
        sampling = asyncio.create_task(sampler.run())
        for guest in guests:
            await guest.order(begin=meeting.begin_ns)
        followed = [_Followed(guest, meeting, on_message) for guest in guests]
        following = [
            asyncio.create_task(one.run()) for one in followed if one.plan.watch or one.asks
        ]
        try:
            await asyncio.sleep(seconds + (meeting.begin_ns - monotonic_ns()) / 1e9)
            async with asyncio.timeout(QUESTIONS_SECONDS):
                await asyncio.gather(*(one.asked.wait() for one in followed if one.asks))
            meeting.end_ns = monotonic_ns()
            await _until_final(meeting)
            for guest in guests:
                await guest.order(leave=True)
            async with asyncio.timeout(LEAVE_SECONDS):
                await asyncio.gather(*following)
        finally:
            for task in (sampling, *following):
                task.cancel()
            await asyncio.wait({sampling, *following})
        meeting.server = sampler.use()
    return meeting


async def _until_final(meeting: Meeting) -> None:
    """Wait until nothing was said for a while, and every caption that was begun is final."""
    limit_ns = monotonic_ns() + round(LAST_CAPTIONS_SECONDS * NS_PER_S)
    quiet_ns = round(QUIET_SECONDS * NS_PER_S)
    while monotonic_ns() < limit_ns:
        latest_ns = max((item.at_ns for item in meeting.received), default=0)
        latest_ns = max(latest_ns, meeting.end_ns)
        if monotonic_ns() - latest_ns > quiet_ns and not meeting.unfinished:
            return
        await asyncio.sleep(0.1)


class _Followed:
    """Takes in what one participant reports. ``asked``: all its questions are answered."""

    def __init__(self, guest: _Guest, meeting: Meeting, tell: Callable[[Message], None]) -> None:
        self.plan = guest.plan
        self.asks = bool(guest.plan.questions)
        self.asked = asyncio.Event()
        self._guest = guest
        self._meeting = meeting
        self._tell = tell

    async def run(self) -> None:
        """Up to its last line of interest."""
        while not self._take(await self._guest.line()):
            pass

    def _take(self, line: Message) -> bool:
        """One line; True for the last."""
        meeting = self._meeting
        match line["event"]:
            case "caption":
                meeting.received.append(Received(line["arrival_ns"], line["message"]))
                self._tell(line["message"])
            case "answered":
                meeting.exchanges.append(Exchange.from_json(line["exchange"]))
            case "played":
                self.asked.set()
                return self.plan.watch is None
            case "heard":
                meeting.ends, meeting.offset = line["ends"], line["offset"]
                meeting.face = line["face"]
                meeting.pictures, meeting.picture_files = line["pictures"], line["files"]
                return True
        return False


class _Guest:
    """The parent's side of a guest's process."""

    def __init__(self, plan: GuestPlan, process: asyncio.subprocess.Process, log: Path) -> None:
        self.plan = plan
        self._lines = cast("asyncio.StreamReader", process.stdout)
        self._orders = cast("asyncio.StreamWriter", process.stdin)
        self._log = log

    async def line(self) -> Message:
        """The next line. Raises ``RoomError`` when the process has ended."""
        text = await self._lines.readline()
        if not text:
            raise RoomError(f"participant {self.plan.name!r} broke off: {last_line(self._log)}")
        line: Message = json.loads(text)
        return line

    async def expect(self, event: str, seconds: float) -> Message:
        """Wait for one event; others are passed over."""
        try:
            async with asyncio.timeout(seconds):
                while (line := await self.line())["event"] != event:
                    pass
                return line
        except TimeoutError:
            raise RoomError(
                f"participant {self.plan.name!r} was not {event} within {seconds:.0f} s; "
                f"see {self._log}"
            ) from None

    async def order(self, **values: object) -> None:
        """Tell the process something."""
        self._orders.write((json.dumps(values) + "\n").encode())
        await self._orders.drain()


@contextlib.asynccontextmanager
async def _guest(plan: GuestPlan, stem: Path) -> AsyncIterator[_Guest]:
    plan_file, log = stem.with_suffix(".json"), stem.with_suffix(".log")
    plan.write(plan_file)
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "meetbot.demo.guest", str(plan_file),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=errors,
            limit=LINE_LIMIT,
        )  # fmt: skip
    try:
        yield _Guest(plan, process, log)
        async with asyncio.timeout(LEAVE_SECONDS):
            await process.communicate()
    finally:
        await end_process(process)
