"""Who is painted next, and what is too late."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from meetbot.core.clock import MeetingClock
from meetbot.core.errors import EngineError
from meetbot.core.pictures import PaintRequest
from meetbot.observe import Metrics
from meetbot.painting.job import Job
from meetbot.painting.lane import MOST_ORDERS
from meetbot.painting.queue import MOST_ASKED, JobQueue

from .fakes import ANNA, ANNAS, BORIS, BORISES, DIANE, DIANES, Meeting, S, quick

if TYPE_CHECKING:
    from meetbot.core.pictures import Trigger
    from meetbot.core.types import Participant, Speaker

pytestmark = pytest.mark.virtual_time

WHO: dict[str, tuple[Participant, Speaker]] = {
    "anna": (ANNA, ANNAS),
    "diane": (DIANE, DIANES),
    "boris": (BORIS, BORISES),
}


def job(
    who: str, subject: str, trigger: Trigger = "timer", *, due_s: float = 60, sure: bool = True
) -> Job:
    participant, speaker = WHO[who]
    request = PaintRequest(subject, subject, "en", 1, 64, 64)
    return Job(request, trigger, participant, speaker, "en", 0, round(due_s * S), sure)


class Waiting:
    """A queue, and what was dropped for being late."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.late: list[str] = []
        self.queue = JobQueue(
            MeetingClock(), self.metrics, lambda late: self.late.append(late.request.subject)
        )

    async def taken(self, count: int) -> list[str]:
        return [(await self.queue.next()).request.subject for _ in range(count)]

    async def is_empty(self) -> bool:
        try:
            await asyncio.wait_for(self.queue.next(), 1)
        except TimeoutError:
            return True
        return False


async def test_speakers_are_painted_in_turn() -> None:
    waiting = Waiting()
    for who in ("anna", "diane", "boris"):
        waiting.queue.put(job(who, f"{who} 1"))
    assert await waiting.taken(1) == ["anna 1"]
    waiting.queue.put(job("anna", "anna 2"))
    assert await waiting.taken(3) == ["diane 1", "boris 1", "anna 2"]


async def test_of_one_speaker_the_latest_wins_and_keeps_its_place() -> None:
    waiting = Waiting()
    waiting.queue.put(job("anna", "anna 1"))
    waiting.queue.put(job("diane", "diane 1"))
    waiting.queue.put(job("anna", "anna 2"))
    waiting.queue.put(job("anna", "anna 3"))
    assert await waiting.taken(2) == ["anna 3", "diane 1"]
    assert await waiting.is_empty()
    assert waiting.metrics.counter("painting.overtaken.dropped") == 2


async def test_requests_come_first_and_in_order() -> None:
    waiting = Waiting()
    waiting.queue.put(job("diane", "diane 1"))
    waiting.queue.put(job("anna", "asked 1", "request"))
    waiting.queue.put(job("anna", "asked 2", "request"))
    waiting.queue.put(job("boris", "asked 3", "api"))
    assert await waiting.taken(4) == ["asked 1", "asked 2", "asked 3", "diane 1"]


async def test_too_many_requests_are_refused() -> None:
    waiting = Waiting()
    taken = [waiting.queue.put(job("anna", str(n), "request")) for n in range(MOST_ASKED + 2)]
    assert taken == [True] * MOST_ASKED + [False] * 2


async def test_guesses_wait_for_all_that_is_sure() -> None:
    waiting = Waiting()
    guess = job("anna", "guess", sure=False)
    waiting.queue.put(guess)
    waiting.queue.put(job("diane", "sure"))
    waiting.queue.put(job("boris", "boris 1"))
    assert await waiting.taken(2) == ["sure", "boris 1"]
    waiting.queue.put(job("diane", "diane 2"))
    waiting.queue.confirm(guess)
    assert await waiting.taken(2) == ["diane 2", "guess"]
    assert guess.sure


async def test_what_is_void_is_passed_over() -> None:
    waiting = Waiting()
    void = job("anna", "void")
    waiting.queue.put(void)
    waiting.queue.put(job("diane", "diane 1"))
    void.void.set()
    assert await waiting.taken(1) == ["diane 1"]
    assert await waiting.is_empty()


async def test_what_is_overdue_is_dropped() -> None:
    waiting = Waiting()
    waiting.queue.put(job("anna", "late", due_s=1))
    waiting.queue.put(job("diane", "in time", due_s=9))
    await asyncio.sleep(2)
    assert await waiting.taken(1) == ["in time"]
    assert waiting.late == ["late"]


async def test_who_waits_is_woken() -> None:
    waiting = Waiting()
    taking = asyncio.create_task(waiting.taken(1))
    await asyncio.sleep(1)
    waiting.queue.put(job("anna", "anna 1"))
    assert await taking == ["anna 1"]


async def test_one_picture_is_painted_at_a_time() -> None:
    async with Meeting(ANNA, DIANE, BORIS) as meeting:
        meeting.noting.seconds = 1
        said = {who: f"{who.name} saw a whale and a lighthouse." for who in (ANNA, DIANE, BORIS)}
        turns = {who: meeting.guess(who, text) for who, text in said.items()}
        await asyncio.sleep(0.1)
        for who, text in said.items():
            meeting.take(who, turns[who], text)
        await asyncio.sleep(4)
        assert meeting.noting.most_at_once == 1
        assert meeting.sink.speakers == ["Anna", "Diane", "Борис"]


async def test_two_who_end_at_once_are_both_painted() -> None:
    async with Meeting() as meeting:
        turns = [meeting.guess(ANNA, "A whale swam by."), meeting.guess(DIANE, "Bees make honey.")]
        await asyncio.sleep(0.02)
        meeting.take(ANNA, turns[0], "A whale swam by.")
        meeting.take(DIANE, turns[1], "Bees make honey.")
        await asyncio.sleep(1)
        assert meeting.sink.speakers == ["Anna", "Diane"]


async def test_an_overdue_request_is_told() -> None:
    async with Meeting(settings=quick(deadline_seconds=2)) as meeting:
        meeting.noting.seconds = 1.5
        for subject in ("cat", "dog", "cow"):
            meeting.write(ANNA, f"Meetbot, draw a {subject}")
        await asyncio.sleep(8)
        assert meeting.sink.subjects == ["a cat"]
        assert meeting.metrics.counter("painting.late.dropped") == 2
        assert meeting.sink.lines == ["Sorry, that picture took too long and was dropped."] * 2


async def test_too_many_requests_are_told() -> None:
    async with Meeting() as meeting:
        meeting.noting.seconds = 1
        for number in range(MOST_ASKED + 4):
            meeting.write(ANNA, f"Meetbot, draw {number} cats")
        await asyncio.sleep(20)
        refused = meeting.metrics.counter("painting.refused.dropped")
        assert refused >= 3
        assert len(meeting.sink.pictures) == MOST_ASKED + 4 - refused
        assert [line for line in meeting.sink.lines if "too many" in line] == [
            "Sorry, too many pictures are asked for already; ask again in a moment."
        ] * refused


async def test_a_program_that_asks_for_too_much_is_refused() -> None:
    async with Meeting() as meeting:
        for number in range(MOST_ORDERS):
            meeting.lane.request(f"{number} cats")
        with pytest.raises(EngineError, match="ask again in a moment"):
            meeting.lane.request("one more cat")


async def test_stopping_leaves_nothing_behind() -> None:
    async with Meeting() as meeting:
        meeting.noting.seconds = 30
        meeting.write(ANNA, "Meetbot, draw a cat")
        meeting.guess(DIANE, "Bees make honey.")
        await asyncio.sleep(1)
        meeting.running.cancel()
        await asyncio.sleep(5)
        assert meeting.noting.cancelled == 1
