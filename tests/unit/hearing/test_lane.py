from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from meetbot.config import HearingSettings
from meetbot.core.types import AudioFrame, Participant
from meetbot.hearing import HearingLane

from .fakes import (
    Collected,
    CountingRecognizer,
    FixedTurn,
    LoudnessActivity,
    played,
    silence,
    speech,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ANNA = Participant("1", "Anna")
BORIS = Participant("2", "Борис")


class Bench:
    def __init__(
        self, *, completion: float = 1.0, seconds: float = 0.2, breaks: int = 0, live: bool = True
    ) -> None:
        self.sink = Collected()
        self.activity = LoudnessActivity()
        self.recognizer = CountingRecognizer(seconds, breaks=breaks)
        self.lane = HearingLane(
            HearingSettings(),
            voice_activity=self.activity,
            turn_detector=FixedTurn(completion),
            recognizer=self.recognizer,
            rebuild=self._rebuild,
            identifier=None,
            sink=self.sink,
            live=live,
        )

    async def _rebuild(self) -> CountingRecognizer:
        return self.recognizer

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        serving = asyncio.create_task(self.lane.run())
        try:
            yield
        finally:
            serving.cancel()
            await asyncio.wait({serving})


pytestmark = pytest.mark.virtual_time


async def test_a_complete_turn_is_final_soon_after_its_last_sound() -> None:
    bench = Bench()
    async with bench.running():
        await bench.lane.listen(ANNA, played(silence(1), speech(2), silence(2)))
    ((at, utterance),) = bench.sink.finals
    assert utterance.participant is ANNA
    assert utterance.end_ns == pytest.approx(3e9, abs=5e7)
    assert at - 3.0 < 0.45


async def test_recognition_begun_in_the_pause_is_not_done_again_at_the_end() -> None:
    bench = Bench()
    async with bench.running():
        await bench.lane.listen(ANNA, played(speech(1), silence(2)))
    assert len(bench.recognizer.heard) == 1


async def test_an_unfinished_sentence_waits_for_its_speaker() -> None:
    bench = Bench(completion=0.1)
    async with bench.running():
        await bench.lane.listen(ANNA, played(speech(1), silence(0.5), speech(1), silence(2)))
    ((_, utterance),) = bench.sink.finals
    assert utterance.text == pytest.approx("heard 2.6 seconds")


async def test_partials_come_at_least_every_second_and_a_half_while_someone_speaks() -> None:
    bench = Bench()
    async with bench.running():
        await bench.lane.listen(ANNA, played(speech(9), silence(1)))
    times = [at for at, _ in bench.sink.partials]
    gaps = [after - before for before, after in zip([0.0, *times], times, strict=False)]
    assert max(gaps) <= 1.5
    assert len({caption.utterance_id for _, caption in bench.sink.partials}) == 1
    assert bench.sink.finals[0][1].id == bench.sink.partials[0][1].utterance_id


async def test_two_at_once_are_both_heard_to_the_end() -> None:
    bench = Bench()
    async with bench.running(), asyncio.TaskGroup() as tasks:
        for who in (ANNA, BORIS):
            tasks.create_task(
                bench.lane.listen(who, played(speech(3), silence(1), speech(3), silence(1)))
            )
    assert sorted(u.participant.name for _, u in bench.sink.finals) == [
        "Anna",
        "Anna",
        "Борис",
        "Борис",
    ]


async def test_a_monologue_does_not_hold_up_a_short_word_of_another() -> None:
    bench = Bench(seconds=0.3)
    async with bench.running(), asyncio.TaskGroup() as tasks:
        tasks.create_task(bench.lane.listen(ANNA, played(speech(40), silence(1))))
        tasks.create_task(bench.lane.listen(BORIS, played(silence(20), speech(1), silence(2))))
    at = next(at for at, u in bench.sink.finals if u.participant is BORIS)
    assert at - 21.0 < 1.0


async def test_someone_who_vanishes_in_mid_sentence_is_kept_as_far_as_heard() -> None:
    bench = Bench()

    async def cut_off() -> AsyncIterator[AudioFrame]:
        async for frame in played(speech(2)):
            yield frame
        await asyncio.sleep(60)

    async with bench.running():
        await bench.lane.listen(ANNA, cut_off())
    ((at, utterance),) = bench.sink.finals
    assert utterance.end_ns == pytest.approx(2e9, abs=5e7)
    assert at < 5


async def test_leaving_keeps_what_was_said_so_far() -> None:
    bench = Bench()
    async with bench.running():
        listening = asyncio.create_task(bench.lane.listen(ANNA, played(speech(20))))
        await asyncio.sleep(3)
        bench.lane.stop()
        await listening
    assert len(bench.sink.finals) == 1


async def test_a_silent_microphone_costs_no_inference() -> None:
    bench = Bench()
    async with bench.running():
        await bench.lane.listen(ANNA, played(silence(60)))
    assert bench.activity.opened[0].calls == 0
    assert bench.sink.finals == []


async def test_a_recognizer_that_breaks_once_loses_nothing_and_is_reported() -> None:
    bench = Bench(breaks=1)
    async with bench.running():
        await bench.lane.listen(ANNA, played(speech(1), silence(2)))
    assert len(bench.sink.finals) == 1
    assert len(bench.sink.troubles) == 1


async def test_a_recording_gives_the_same_words_as_the_live_sound() -> None:
    parts = (speech(2), silence(1), speech(3), silence(1))
    texts = []
    for live in (True, False):
        bench = Bench(live=live)
        async with bench.running():
            await bench.lane.listen(ANNA, played(*parts, live=live))
        texts.append([u.text for _, u in bench.sink.finals])
    assert texts[0] == texts[1]


async def test_levels_end_at_zero_when_the_turn_does() -> None:
    bench = Bench()
    async with bench.running():
        await bench.lane.listen(ANNA, played(speech(1), silence(2)))
    assert max(level for _, level in bench.sink.levels) == 1.0
    assert bench.sink.levels[-1] == ("1", 0.0)
