"""Parts that break in ways they should not: the words go on."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import pytest

from meetbot.config import HearingSettings
from meetbot.core.errors import StoreError
from meetbot.core.types import Participant, Speaker, SpeakerSpan
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

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.core.types import AudioFrame, Utterance, Word
    from meetbot.hearing import HearingSink
    from meetbot.people import VoiceIdentifier

pytestmark = pytest.mark.virtual_time

ANNA = Participant("1", "Anna")
VOICE = Speaker("p1", "Anna", "#ff8800")


class BrokenVoices:
    """Cannot name anyone while ``broken``."""

    def __init__(self) -> None:
        self.broken = True

    async def attribute(
        self, audio: NDArray[np.float32], *, participant: Participant, words: tuple[Word, ...]
    ) -> tuple[SpeakerSpan, ...]:
        if self.broken:
            raise StoreError("the disk is full")
        return (SpeakerSpan(0, len(audio), VOICE),)

    async def prepare(self, audio: NDArray[np.float32]) -> None:
        if self.broken:
            raise RuntimeError("a bug")

    async def guess(
        self, audio: NDArray[np.float32], *, participant: Participant
    ) -> Speaker | None:
        if self.broken:
            raise ValueError("a bug")
        return VOICE


@asynccontextmanager
async def lane_with(
    sink: HearingSink,
    *,
    voices: BrokenVoices | None = None,
    recognizer: CountingRecognizer | None = None,
) -> AsyncIterator[HearingLane]:
    recognizer = recognizer or CountingRecognizer()

    async def rebuild() -> CountingRecognizer:
        return recognizer

    lane = HearingLane(
        HearingSettings(),
        voice_activity=LoudnessActivity(),
        turn_detector=FixedTurn(),
        recognizer=recognizer,
        rebuild=rebuild,
        identifier=cast("VoiceIdentifier | None", voices),
        sink=sink,
    )
    serving = asyncio.create_task(lane.run())
    try:
        yield lane
    finally:
        serving.cancel()
        await asyncio.wait({serving})


async def test_words_without_a_name_are_told_and_the_trouble_once() -> None:
    sink, voices = Collected(), BrokenVoices()
    async with lane_with(sink, voices=voices) as lane:
        hearing = asyncio.create_task(
            lane.listen(ANNA, played(*[speech(3), silence(1)] * 2, speech(3), silence(1)))
        )
        await asyncio.sleep(8)
        voices.broken = False
        await hearing
    speakers = [utterance.speaker for _, utterance in sink.finals]
    assert speakers == [None, None, VOICE]
    assert sink.troubles == ["Voices cannot be told apart at the moment: the disk is full"]


async def test_a_partial_caption_that_fails_costs_nothing_else() -> None:
    sink = Collected()
    async with lane_with(sink, recognizer=CountingRecognizer(breaks=2)) as lane:
        await lane.listen(ANNA, played(speech(4), silence(1)))
    ((_, utterance),) = sink.finals
    assert utterance.end_ns == pytest.approx(4e9, abs=5e7)
    assert sink.partials


class StuckSink(Collected):
    """Takes no final, ever."""

    async def final(self, utterance: Utterance) -> None:
        await super().final(utterance)
        await asyncio.Event().wait()


async def test_a_microphone_that_is_given_up_ends_at_once_whatever_hangs() -> None:
    sink = StuckSink()
    async with lane_with(sink) as lane:
        hearing = asyncio.create_task(lane.listen(ANNA, played(*[speech(1), silence(1)] * 30)))
        await asyncio.sleep(40)
        hearing.cancel()
        before = asyncio.get_running_loop().time()
        await asyncio.wait({hearing}, timeout=60)
        assert hearing.cancelled()
        assert asyncio.get_running_loop().time() == before
    assert len(sink.finals) == 1


class BrokenSink(Collected):
    """Breaks at the second final."""

    async def final(self, utterance: Utterance) -> None:
        await super().final(utterance)
        if len(self.finals) == 2:
            raise ValueError("a bug")


async def test_a_sink_that_breaks_ends_the_microphone_and_does_not_hang() -> None:
    async with lane_with(BrokenSink()) as lane, asyncio.timeout(30):
        with pytest.raises(ExceptionGroup) as broken:
            await lane.listen(ANNA, played(*[speech(1), silence(1)] * 30))
    assert broken.group_contains(ValueError, match="a bug")


async def test_frames_that_break_off_with_an_error_are_kept_and_the_error_is_raised() -> None:
    async def breaking() -> AsyncIterator[AudioFrame]:
        async for frame in played(speech(2)):
            yield frame
        raise ValueError("the decoder broke")

    sink = Collected()
    async with lane_with(sink) as lane:
        with pytest.raises(ValueError, match="the decoder broke"):
            await lane.listen(ANNA, breaking())
    ((_, utterance),) = sink.finals
    assert utterance.end_ns == pytest.approx(2e9, abs=5e7)
