from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from meetbot.core.errors import EngineError
from meetbot.hearing.desk import RecognitionDesk, Urgency

from .fakes import CountingRecognizer, speech

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def desk_of(
    recognizer: CountingRecognizer, rebuilt: CountingRecognizer | None = None
) -> AsyncIterator[tuple[RecognitionDesk, list[str]]]:
    reports: list[str] = []

    async def rebuild() -> CountingRecognizer:
        if rebuilt is None:
            raise EngineError("gone for good")
        return rebuilt

    async def report(text: str) -> None:
        reports.append(text)

    desk = RecognitionDesk(recognizer, rebuild=rebuild, report=report)
    serving = asyncio.create_task(desk.run())
    try:
        yield desk, reports
    finally:
        serving.cancel()
        await asyncio.wait({serving})


async def test_a_final_overtakes_guesses_and_partials_that_wait() -> None:
    recognizer = CountingRecognizer(0.01)
    async with desk_of(recognizer) as (desk, _):
        partial = desk.submit("a", speech(1), Urgency.PARTIAL)
        guess = desk.submit("b", speech(2), Urgency.GUESS)
        final = desk.submit("c", speech(3), Urgency.FINAL)
        await asyncio.gather(partial.result, guess.result, final.result)
    assert recognizer.heard == [3, 2, 1]


async def test_nobody_waits_behind_anothers_many_turns() -> None:
    recognizer = CountingRecognizer(0.01)
    async with desk_of(recognizer) as (desk, _):
        talker = [desk.submit("talker", speech(9), Urgency.FINAL) for _ in range(5)]
        shy = desk.submit("shy", speech(1), Urgency.FINAL)
        await asyncio.gather(shy.result, *(job.result for job in talker))
    assert recognizer.heard.index(1) <= 1


async def test_a_newer_partial_replaces_the_one_that_waits() -> None:
    recognizer = CountingRecognizer(0.01)
    async with desk_of(recognizer) as (desk, _):
        old = desk.submit("a", speech(1), Urgency.PARTIAL)
        new = desk.submit("a", speech(2), Urgency.PARTIAL)
        await new.result
        assert old.result.cancelled()
    assert recognizer.heard == [2]
    assert desk.dropped_partials == 1


async def test_a_withdrawn_guess_is_never_recognised() -> None:
    recognizer = CountingRecognizer(0.01)
    async with desk_of(recognizer) as (desk, _):
        desk.submit("a", speech(1), Urgency.GUESS).result.cancel()
        await desk.submit("a", speech(2), Urgency.FINAL).result
    assert recognizer.heard == [2]


async def test_a_recognizer_that_breaks_once_is_replaced_and_the_words_are_not_lost() -> None:
    replacement = CountingRecognizer(0.01)
    async with desk_of(CountingRecognizer(0.01, breaks=1), replacement) as (desk, reports):
        recognition = await desk.submit("a", speech(2), Urgency.FINAL).result
    assert recognition.text == "heard 2.0 seconds"
    assert len(reports) == 1
    assert "restarted" in reports[0]


async def test_a_recognizer_that_stays_broken_fails_the_job_and_serves_on() -> None:
    async with desk_of(CountingRecognizer(0.01, breaks=1)) as (desk, reports):
        with pytest.raises(EngineError, match="broke"):
            await desk.submit("a", speech(2), Urgency.FINAL).result
        assert (await desk.submit("a", speech(1), Urgency.FINAL).result).text
    assert any("could not be restarted" in report for report in reports)


async def test_what_is_withdrawn_while_it_is_recognized_holds_nobody_up() -> None:
    recognizer = CountingRecognizer(30)
    async with desk_of(recognizer) as (desk, reports):
        guess = desk.submit("a", speech(1), Urgency.GUESS)
        await asyncio.sleep(0.01)
        guess.result.cancel()
        recognizer._seconds = 0.01
        final = desk.submit("a", speech(2), Urgency.FINAL)
        async with asyncio.timeout(5):
            await final.result
    assert recognizer.heard == [2]
    assert reports == []


async def test_a_partial_gives_way_to_what_says_more_of_the_same_person() -> None:
    recognizer = CountingRecognizer(30)
    async with desk_of(recognizer) as (desk, _):
        partial = desk.submit("a", speech(1), Urgency.PARTIAL)
        await asyncio.sleep(0.01)
        recognizer._seconds = 0.01
        async with asyncio.timeout(5):
            await desk.submit("a", speech(2), Urgency.GUESS).result
    assert partial.result.cancelled()
    assert desk.dropped_partials == 1


async def test_a_partial_goes_on_when_somebody_else_pauses() -> None:
    recognizer = CountingRecognizer(0.05)
    async with desk_of(recognizer) as (desk, _):
        partial = desk.submit("a", speech(1), Urgency.PARTIAL)
        await asyncio.sleep(0.01)
        await desk.submit("b", speech(2), Urgency.GUESS).result
    assert not partial.result.cancelled()
    assert recognizer.heard == [1, 2]
