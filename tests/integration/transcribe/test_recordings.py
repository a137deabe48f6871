"""Recordings of every kind through the real models."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.config import Settings
from meetbot.core.errors import EngineError, InputError
from meetbot.models import ModelStore
from meetbot.transcribe import Transcriber
from support.recordings import at_rate, talk, write_mute_video, write_sound, write_video

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.core.types import Recognition
    from meetbot.session import Engines

pytestmark = pytest.mark.model

PLACES = ("New Jersey", "Texas", "Chicago")


def _eight_khz(path: Path) -> Path:
    return write_sound(path / "8k.wav", at_rate(talk(), 8_000)[None], 8_000)


def _cd(path: Path) -> Path:
    stereo = np.repeat(at_rate(talk(), 44_100)[None], 2, axis=0)
    return write_sound(path / "cd.wav", stereo, 44_100, layout="stereo")


def _surround(path: Path) -> Path:
    """Speech in the centre alone, as in a film."""
    channels = np.zeros((6, len(talk(48_000))), np.float32)
    channels[2] = talk(48_000)
    return write_sound(path / "film.wav", channels, 48_000, layout="5.1")


def _float_with_nan(path: Path) -> Path:
    sound = talk().copy()
    sound[::4_001] = np.nan
    sound[100], sound[200] = np.inf, -np.inf
    return write_sound(
        path / "nan.wav", sound[None], 16_000, codec="pcm_f32le", sample_format="flt"
    )


def _clipped(path: Path) -> Path:
    """Ten times too loud for full scale at its loudest."""
    sound = talk() * (10 / np.abs(talk()).max())
    return write_sound(path / "loud.wav", sound[None], 16_000)


def _video(path: Path) -> Path:
    return write_video(path / "call.mp4", at_rate(talk(), 44_100), 44_100)


@pytest.mark.parametrize("make", [_eight_khz, _cd, _surround, _float_with_nan, _clipped, _video])
async def test_speech_is_understood_in_a_file_of_any_kind(
    make: Callable[[Path], Path], transcriber: Transcriber, tmp_path: Path
) -> None:
    transcript = await transcriber.transcribe(await asyncio.to_thread(make, tmp_path))
    text = " ".join(utterance.text for utterance in transcript.utterances)
    assert transcript.language == "en"
    found = [place for place in PLACES if re.search(place, text, re.IGNORECASE)]
    assert len(found) >= 2, text
    for utterance in transcript.utterances:
        assert 0 <= utterance.start_ns < utterance.end_ns <= 6.3e9
        assert utterance.words


@pytest.mark.parametrize("loudness", [0.0, 0.001, 0.05])
async def test_silence_and_noise_give_no_words(
    loudness: float, transcriber: Transcriber, tmp_path: Path
) -> None:
    noise = np.random.default_rng(7).normal(0, 1, 6 * 16_000).astype(np.float32)
    file = tmp_path / "quiet.wav"
    await asyncio.to_thread(write_sound, file, loudness * noise[None], 16_000)
    assert (await transcriber.transcribe(file)).utterances == ()


async def test_a_file_that_cannot_be_heard_does_not_spoil_the_next(
    transcriber: Transcriber, tmp_path: Path
) -> None:
    mute = await asyncio.to_thread(write_mute_video, tmp_path / "mute.mp4")
    with pytest.raises(InputError, match="has no sound track"):
        await transcriber.transcribe(mute)
    file = await asyncio.to_thread(_eight_khz, tmp_path)
    assert (await transcriber.transcribe(file)).utterances


class BrokenRecognizer:
    async def recognize(
        self, audio: NDArray[np.float32], *, language: str | None = None, words: bool = False
    ) -> Recognition:
        raise RuntimeError("out of memory")

    async def time_words(self, audio: NDArray[np.float32], recognition: Recognition) -> Recognition:
        raise RuntimeError("out of memory")


async def test_a_recording_whose_engine_breaks_is_an_error_and_no_half_transcript(
    engines: Engines, tmp_path: Path
) -> None:
    broken = replace(engines, recognizer=BrokenRecognizer())
    file = await asyncio.to_thread(_eight_khz, tmp_path)
    with pytest.raises(EngineError, match="out of memory"):
        await Transcriber(Settings(), broken, ModelStore(), None).transcribe(file)
