"""What hearing tells at once: who speaks, what they said as far as one can tell, and when."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar, cast

import pytest

from meetbot.config import HearingSettings
from meetbot.core.types import (
    Participant,
    Recognition,
    Speaker,
    SpeakerSpan,
    SpeechBegan,
    SpeechEnded,
    SpeechWent,
    TurnDropped,
    TurnGuessed,
    TurnTaken,
)
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

    from meetbot.core.types import Word
    from meetbot.people import VoiceIdentifier

pytestmark = pytest.mark.virtual_time

ANNA = Participant("1", "Anna")
Event = TypeVar("Event")


class SlowVoices:
    """Takes two seconds to tell whose voice it is."""

    async def attribute(
        self, audio: NDArray[np.float32], *, participant: Participant, words: tuple[Word, ...]
    ) -> tuple[SpeakerSpan, ...]:
        await asyncio.sleep(2)
        return (SpeakerSpan(0, len(audio), None),)

    async def prepare(self, audio: NDArray[np.float32]) -> None:
        pass

    async def guess(
        self, audio: NDArray[np.float32], *, participant: Participant
    ) -> Speaker | None:
        return None


class NoiseRecognizer(CountingRecognizer):
    """Takes nothing it hears for speech."""

    async def recognize(
        self, audio: NDArray[np.float32], *, language: str | None = None, words: bool = False
    ) -> Recognition:
        await super().recognize(audio, language=language, words=words)
        return Recognition("Thank you.", "en", no_speech=0.99)


@asynccontextmanager
async def hearing(
    sink: Collected,
    *,
    recognizer: CountingRecognizer | None = None,
    completion: float = 1.0,
    voices: SlowVoices | None = None,
) -> AsyncIterator[HearingLane]:
    recognizer = recognizer or CountingRecognizer(0.05)

    async def rebuild() -> CountingRecognizer:
        return recognizer

    lane = HearingLane(
        HearingSettings(),
        voice_activity=LoudnessActivity(),
        turn_detector=FixedTurn(completion),
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


def told(sink: Collected, kind: type[Event]) -> list[tuple[float, Event]]:
    return [(at, event) for at, event in sink.events if isinstance(event, kind)]


def order(sink: Collected) -> list[type]:
    """Kinds of events in order, without the steady ones."""
    return [type(event) for _, event in sink.events if not isinstance(event, SpeechWent)]


async def test_a_turn_is_begun_guessed_ended_and_taken() -> None:
    sink = Collected()
    async with hearing(sink) as lane:
        await lane.listen(ANNA, played(silence(1), speech(2), silence(2)))
    assert order(sink) == [SpeechBegan, TurnGuessed, SpeechEnded, TurnTaken]
    ((_, guessed),) = told(sink, TurnGuessed)
    ((_, taken),) = told(sink, TurnTaken)
    ((_, utterance),) = sink.finals
    assert guessed.turn_id == taken.turn_id == utterance.id
    assert guessed.text == taken.text == utterance.text
    assert (taken.start_ns, taken.end_ns) == (utterance.start_ns, utterance.end_ns)


async def test_speech_is_told_within_a_tenth_of_a_second_of_its_beginning() -> None:
    sink = Collected()
    async with hearing(sink) as lane:
        await lane.listen(ANNA, played(silence(1), speech(2), silence(2)))
    ((at, began),) = told(sink, SpeechBegan)
    assert began.at_ns == pytest.approx(1e9, abs=4e7)
    assert 1.0 < at < 1.1


async def test_every_voiced_window_is_told_with_the_speech_so_far() -> None:
    sink = Collected()
    async with hearing(sink, completion=0.0) as lane:
        await lane.listen(ANNA, played(speech(1.024), silence(0.512), speech(0.512), silence(2)))
    went = [event for _, event in told(sink, SpeechWent)]
    assert [event.voiced_ms for event in went] == [64.0 + 32 * i for i in range(len(went))]
    assert went[-1].voiced_ms == pytest.approx(1536, abs=64)
    assert not [event for event in went if 1.1e9 < event.at_ns < 1.5e9]


async def test_the_words_are_guessed_before_the_end_of_the_turn_is_sure() -> None:
    sink = Collected()
    async with hearing(sink, completion=0.1) as lane:
        await lane.listen(ANNA, played(speech(2), silence(2)))
    ((guessed_at, _),) = told(sink, TurnGuessed)
    ((taken_at, _),) = told(sink, TurnTaken)
    assert guessed_at - 2.0 < 0.3
    assert taken_at - 2.0 > 0.8


async def test_words_that_come_after_the_end_are_taken_without_a_guess() -> None:
    sink = Collected()
    async with hearing(sink, recognizer=CountingRecognizer(0.6)) as lane:
        await lane.listen(ANNA, played(speech(1), silence(2)))
    assert order(sink) == [SpeechBegan, SpeechEnded, TurnTaken]


async def test_a_guess_is_dropped_when_its_speaker_goes_on_and_made_again_under_the_same_id() -> (
    None
):
    sink = Collected()
    async with hearing(sink, completion=0.1) as lane:
        await lane.listen(ANNA, played(speech(1), silence(0.5), speech(1), silence(2)))
    assert order(sink) == [
        SpeechBegan,
        TurnGuessed,
        TurnDropped,
        TurnGuessed,
        SpeechEnded,
        TurnTaken,
    ]
    ((dropped_at, _),) = told(sink, TurnDropped)
    assert 1.5 < dropped_at < 1.6
    assert len({event.turn_id for _, event in told(sink, TurnGuessed)}) == 1


async def test_going_on_before_the_words_are_there_tells_nothing() -> None:
    sink = Collected()
    recognizer = CountingRecognizer(0.4)
    async with hearing(sink, recognizer=recognizer, completion=0.1) as lane:
        await lane.listen(ANNA, played(speech(0.9), silence(0.3), speech(1), silence(2)))
    assert order(sink) == [SpeechBegan, TurnGuessed, SpeechEnded, TurnTaken]


async def test_noise_that_sounded_like_speech_is_never_guessed_nor_taken() -> None:
    sink = Collected()
    async with hearing(sink, recognizer=NoiseRecognizer()) as lane:
        await lane.listen(ANNA, played(speech(1), silence(2)))
    assert order(sink) == [SpeechBegan, SpeechEnded]


async def test_finding_out_whose_voice_it_was_delays_no_turn() -> None:
    sink = Collected()
    async with hearing(sink, voices=SlowVoices()) as lane:
        await lane.listen(ANNA, played(speech(1), silence(1), speech(1), silence(1)))
    times = [at for at, _ in told(sink, TurnTaken)]
    assert times == [pytest.approx(1.25, abs=0.1), pytest.approx(3.25, abs=0.1)]
    assert sink.finals[0][0] == pytest.approx(times[0] + 2, abs=0.1)
    assert sink.finals[1][0] == pytest.approx(times[1] + 2, abs=0.1)


async def test_speech_too_long_for_one_turn_ends_and_begins_again() -> None:
    sink = Collected()
    async with hearing(sink) as lane:
        await lane.listen(ANNA, played(speech(20), silence(1)))
    assert order(sink).count(SpeechBegan) == order(sink).count(SpeechEnded) == 2
    (_, (_, second)) = told(sink, SpeechBegan)
    ((_, first), _) = told(sink, SpeechEnded)
    assert second.at_ns == first.at_ns


async def test_a_recognizer_that_stays_broken_tells_of_no_words() -> None:
    sink = Collected()
    async with hearing(sink, recognizer=CountingRecognizer(breaks=99)) as lane:
        await lane.listen(ANNA, played(speech(1), silence(2)))
    assert order(sink) == [SpeechBegan, SpeechEnded]
    assert sink.finals == []
