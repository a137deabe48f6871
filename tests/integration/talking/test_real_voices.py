"""The lane with the real voices: what it plays is understood, and what it reports was played."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soxr

from meetbot.cache.disk import DiskCache
from meetbot.config import AsrSettings
from meetbot.config.talking import VoiceSettings
from meetbot.core.types import SAMPLE_RATE
from meetbot.engines.asr.whisper import WhisperRecognizer
from meetbot.engines.tts.router import load_voices
from meetbot.models import ModelStore
from unit.talking.fakes import ANNA, Meeting, stretches

if TYPE_CHECKING:
    from pathlib import Path

    from meetbot.engines.tts.router import VoiceRouter

pytestmark = [pytest.mark.model, pytest.mark.virtual_time]

ENGLISH = "Good morning, everyone. The meeting has been moved to Friday, because Diane is away."
RUSSIAN = "Мы решили выпустить новую версию на следующей неделе, а новый план будет готов завтра."
LOUD = 0.003


@pytest.fixture(scope="module")
def models() -> ModelStore:
    return ModelStore()


@pytest.fixture(scope="module")
def recognizer(models: ModelStore) -> WhisperRecognizer:
    return WhisperRecognizer.load(models, AsrSettings())


@pytest.fixture(scope="module")
def voices(models: ModelStore) -> VoiceRouter:
    return load_voices(VoiceSettings(), models)


def _pieces(text: str) -> list[str]:
    """As a language model writes: word by word."""
    return [f"{word} " for word in text.split()]


def _plain(text: str) -> str:
    return " ".join("".join(c for c in text.lower() if c.isalnum() or c == " ").split())


async def _understood(recognizer: WhisperRecognizer, meeting: Meeting, language: str) -> str:
    sound = soxr.resample(meeting.sound().astype(np.float32) / 32_767, 48_000, SAMPLE_RATE)
    recognition = await recognizer.recognize(sound.astype(np.float32), language=language)
    return _plain(recognition.text)


@pytest.mark.parametrize(("language", "text"), [("en", ENGLISH), ("ru", RUSSIAN)], ids=["en", "ru"])
async def test_an_answer_is_understood_word_for_word_and_the_second_time_it_is_kept(
    voices: VoiceRouter, recognizer: WhisperRecognizer, tmp_path: Path, language: str, text: str
) -> None:
    cache = DiskCache(tmp_path, 10_000_000)
    meetings = [Meeting(synthesizer=voices, cache=cache) for _ in range(2)]
    for meeting in meetings:
        async with meeting:
            await meeting.say(*_pieces(text), language=language)
            await meeting.until(9)
            meeting.check()
    first, second = meetings
    await cache.close()
    assert await _understood(recognizer, first, language) == _plain(text)
    assert first.sink.said[0].text == text
    assert first.metrics.counter("talking.underruns") == 0
    assert second.metrics.counter("cache.sound.misses") == 0
    assert second.metrics.counter("cache.sound.hits") >= 2
    assert np.abs(first.sound().astype(int) - second.sound().astype(int)).max() <= 2


@pytest.mark.parametrize(("language", "text"), [("en", ENGLISH), ("ru", RUSSIAN)], ids=["en", "ru"])
async def test_what_is_said_to_have_been_spoken_is_what_was_heard(
    voices: VoiceRouter, recognizer: WhisperRecognizer, language: str, text: str
) -> None:
    async with Meeting(synthesizer=voices) as meeting:
        await meeting.say(*_pieces(text), language=language)
        await meeting.until(2.6)
        await meeting.words(ANNA, "Excuse me", 0.6)
        await meeting.until(6)
    (spoken,) = meeting.sink.said
    assert spoken.interrupted
    assert text.startswith(spoken.text)
    said = _plain(spoken.text).split()
    understood = (await _understood(recognizer, meeting, language)).split()
    assert len(said) >= 3
    assert understood[: len(said) - 1] == said[:-1]
    assert abs(len(understood) - len(said)) <= 1


async def test_the_first_sound_is_not_silence(voices: VoiceRouter) -> None:
    async with Meeting(synthesizer=voices) as meeting:
        await meeting.say(ENGLISH)
        await meeting.until(9)
    released = 0.3
    ((begin, _), *_) = stretches(meeting.loudness() > LOUD)
    assert begin - released <= 0.06
