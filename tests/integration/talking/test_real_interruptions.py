"""The bot is interrupted by recorded people and made noises, heard with the real models."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soxr

from meetbot.config import AsrSettings, HearingSettings, TurnSettings, VadSettings
from meetbot.config.talking import VoiceSettings
from meetbot.core.types import SAMPLE_RATE, AudioFrame
from meetbot.core.voice import Voice
from meetbot.engines.asr.whisper import WhisperRecognizer
from meetbot.engines.registry import load_engine
from meetbot.engines.tts.router import load_voices
from meetbot.hearing import HearingLane
from meetbot.models import ModelStore
from meetbot.talking.sound import without_lead
from meetbot.transcribe.media import read_sound
from unit.hearing.fakes import Collected
from unit.talking.fakes import ANNA, Meeting, S, stretches

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from numpy.typing import NDArray

    from meetbot.core.types import SpeechEvent
    from meetbot.engines.tts.router import VoiceRouter

pytestmark = [pytest.mark.model, pytest.mark.virtual_time]

FRAME = 320
LOUD = 0.01
COUNTING = " ".join(["One two three four five six seven eight nine ten."] * 4)
FRAGMENTS = (8.5, 8.9, 9.6, 11.0, 12.9, 13.5, 16.5, 18.6, 19.4, 22.4, 24.6, 26.0)
"""Seconds of the phone call."""
INTERRUPTERS = (
    ("en", "Sorry, what about the price?"),
    ("en", "Wait a minute."),
    ("en", "That is not what I asked."),
    ("en", "Can we talk about something else?"),
    ("en", "Please stop counting now."),
    ("en", "I have another question."),
    ("ru", "Подождите, пожалуйста."),
    ("ru", "А сколько это стоит?"),
    ("ru", "Давайте поговорим о другом."),
    ("ru", "Я спрашивал не об этом."),
    ("ru", "Перестань считать."),
    ("ru", "У меня есть вопрос."),
)


class _Heard(Collected):
    """Tells the lane of what was heard, as a session does."""

    def __init__(self, meeting: Meeting) -> None:
        super().__init__()
        self._meeting = meeting

    def noticed(self, event: SpeechEvent) -> None:
        super().noticed(event)
        self._meeting.lane.noticed(event)


@pytest.fixture(scope="module")
def parts() -> dict[str, object]:
    models = ModelStore()
    return {
        "voice_activity": load_engine("vad", "silero", models, VadSettings()),
        "turn_detector": load_engine("turn", "smart-turn", models, TurnSettings()),
        "recognizer": WhisperRecognizer.load(models, AsrSettings(languages=("en", "ru"))),
    }


@pytest.fixture(scope="module")
def call() -> NDArray[np.float32]:
    return read_sound(ModelStore().path("phone-talk") / "sample.wav")


async def _frames(meeting: Meeting, sound: NDArray[np.float32]) -> AsyncIterator[AudioFrame]:
    """``sound`` as it is spoken from now on, each frame when it is complete."""
    start = meeting.clock.now_ns()
    for position in range(0, len(sound) - FRAME + 1, FRAME):
        await meeting.clock.sleep_until(start + (position + FRAME) * S // SAMPLE_RATE)
        pts = start + position * S // SAMPLE_RATE
        yield AudioFrame(sound[position : position + FRAME], SAMPLE_RATE, pts)


async def _interrupted(parts: dict[str, object], sound: NDArray[np.float32]) -> Meeting:
    """A meeting in which the bot counts, and someone makes ``sound`` from second 2 on."""

    async def rebuild() -> object:
        return parts["recognizer"]

    async with Meeting() as meeting:
        hearing = HearingLane(
            HearingSettings(),
            **parts,  # type: ignore[arg-type]
            rebuild=rebuild,  # type: ignore[arg-type]
            identifier=None,
            sink=_Heard(meeting),
        )
        running = asyncio.create_task(hearing.run())
        await meeting.say(COUNTING)
        await meeting.until(2)
        await hearing.listen(ANNA, _frames(meeting, sound))
        await meeting.until(16)
        meeting.check()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return meeting


@pytest.fixture(scope="module")
def voices() -> VoiceRouter:
    return load_voices(VoiceSettings(), ModelStore())


async def _said(voices: VoiceRouter, text: str, language: str) -> NDArray[np.float32]:
    """``text`` at 16 kHz, from its first sound on."""
    async with aclosing(voices.speak(text, language=language, voice=Voice())) as stretches:
        made = [without_lead(speech) async for speech in stretches]
    sound = np.concatenate([speech.samples for speech in made])
    resampled = soxr.resample(sound, made[0].sample_rate, SAMPLE_RATE)
    return np.concatenate([resampled, np.zeros(2 * SAMPLE_RATE)]).astype(np.float32)


async def test_whoever_interrupts_is_heard_out_within_300_ms(
    parts: dict[str, object], voices: VoiceRouter
) -> None:
    waits = []
    for language, text in INTERRUPTERS:
        meeting = await _interrupted(parts, await _said(voices, text, language))
        ((begin, end),) = stretches(meeting.loudness() > LOUD)
        assert begin < 2 < end
        waits.append(end - 2)
        (spoken,) = meeting.sink.said
        assert spoken.interrupted
        assert COUNTING.startswith(spoken.text)
    assert np.percentile(waits, 95) <= 0.3


async def test_fragments_of_a_voice_that_are_no_words_do_not_end_an_answer(
    parts: dict[str, object], call: NDArray[np.float32]
) -> None:
    """Like a cough or a grunt: a quarter of a second of someone's voice, backwards."""
    resumed = 0
    for at in FRAGMENTS:
        fragment = call[round(at * SAMPLE_RATE) : round((at + 0.25) * SAMPLE_RATE)][::-1]
        sound = np.concatenate([fragment, np.zeros(3 * SAMPLE_RATE)]).astype(np.float32)
        meeting = await _interrupted(parts, sound)
        (spoken,) = meeting.sink.said
        assert (spoken.text, spoken.interrupted) == (COUNTING, False)
        resumed += meeting.metrics.counter("talking.resumed")
    assert resumed >= 3


def _noises() -> dict[str, NDArray[np.float32]]:
    """Twelve noises of a meeting that are no words, half a second or so each."""
    rng = np.random.default_rng(4)
    t = np.arange(SAMPLE_RATE // 2) / SAMPLE_RATE
    white = rng.standard_normal(len(t))
    brown = np.cumsum(white) / 40
    ring = np.sin(2 * np.pi * 440 * t) + np.sin(2 * np.pi * 480 * t)
    knocks = sum(np.exp(-60 * np.maximum(t - at, 0)) * (t >= at) for at in (0, 0.15, 0.3))
    burst = np.exp(-12 * t) + 0.7 * np.exp(-18 * np.maximum(t - 0.22, 0)) * (t >= 0.22)
    low = np.convolve(white, np.ones(12) / 12, "same")
    sounds = {
        "cough": 2 * burst * np.convolve(white, np.ones(4) / 4, "same"),
        "clap": np.exp(-80 * t) * white,
        "door": 4 * np.exp(-9 * t) * low,
        "knocks": 3 * knocks * low,
        "hiss": 0.3 * white,
        "rumble": brown - brown.mean(),
        "keyboard": (rng.random(len(t)) > 0.999) * white * 3,
        "hum": np.sin(2 * np.pi * 100 * t) + 0.5 * np.sin(2 * np.pi * 200 * t),
        "ring": 0.5 * ring,
        "chirp": np.sin(2 * np.pi * (500 * t + 3_000 * t**2)),
        "breath": np.hanning(len(t)) * white * 0.2,
        "glass": np.exp(-15 * t) * np.sin(2 * np.pi * 3_100 * t),
    }
    return {name: (0.3 * s / np.abs(s).max()).astype(np.float32) for name, s in sounds.items()}


async def test_noises_do_not_end_an_answer(parts: dict[str, object]) -> None:
    for name, noise in _noises().items():
        sound = np.concatenate([noise, np.zeros(4 * SAMPLE_RATE, np.float32)])
        meeting = await _interrupted(parts, sound)
        (spoken,) = meeting.sink.said
        assert (name, spoken.text, spoken.interrupted) == (name, COUNTING, False)
