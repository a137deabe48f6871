"""The measure of lip sync, on mouths whose answer is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.bench.face import STEP_S, lip_sync
from meetbot.core.errors import EngineError

if TYPE_CHECKING:
    from numpy.typing import NDArray

SECONDS = 12.0
REST = 0.02


def syllables() -> NDArray[np.float64]:
    """Loudness of syllables of uneven strength, silent for the first and last two seconds."""
    axis = np.arange(round(SECONDS / STEP_S)) * STEP_S
    strength = 0.6 + 0.4 * np.sin(axis * 2.3)
    loudness = strength * np.sin(np.pi * axis * 3.1) ** 2
    loudness[(axis < 2) | (axis > SECONDS - 2)] = 0
    return loudness


def mouth(
    loudness: NDArray[np.float64], late_s: float = 0.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Openings of a mouth that follows ``loudness``, in pictures of 40 ms, and their times."""
    at_s = np.arange(0.0, SECONDS, 0.04)
    axis = np.arange(len(loudness)) * STEP_S
    return REST + 0.1 * np.interp(at_s - late_s, axis, loudness), at_s


def test_a_mouth_that_follows_the_sound_has_no_lag_and_is_shut_in_silence() -> None:
    loudness = syllables()
    figures = lip_sync(*mouth(loudness), loudness)
    assert figures.correlation > 0.95
    assert abs(figures.lag_ms) <= 10
    assert figures.open_in_silence < 0.02


@pytest.mark.parametrize("late_ms", [-80, 80])
def test_a_late_mouth_is_told_by_its_lag(late_ms: int) -> None:
    loudness = syllables()
    figures = lip_sync(*mouth(loudness, late_ms / 1000), loudness)
    assert figures.lag_ms == pytest.approx(late_ms, abs=10)
    assert figures.at_once < figures.correlation - 0.1


def test_a_mouth_that_moves_at_random_does_not_correlate() -> None:
    loudness = syllables()
    _, at_s = mouth(loudness)
    openings = np.random.default_rng(1).random(len(at_s))
    assert lip_sync(openings, at_s, loudness).correlation < 0.4


def test_a_mouth_that_moves_in_silence_is_told() -> None:
    loudness = syllables()
    openings, at_s = mouth(loudness)
    openings[at_s < 1] += 0.05 * (1 + np.sin(at_s[at_s < 1] * 9))
    assert lip_sync(openings, at_s, loudness).open_in_silence > 0.3


def test_a_mouth_that_never_moves_counts_as_unrelated() -> None:
    loudness = syllables()
    _, at_s = mouth(loudness)
    assert lip_sync(np.full(len(at_s), REST), at_s, loudness).correlation == 0


def test_pictures_without_a_face_are_counted_and_left_out() -> None:
    loudness = syllables()
    openings, at_s = mouth(loudness)
    openings[10:30] = np.nan
    figures = lip_sync(openings, at_s, loudness)
    assert figures.pictures_without_face == 20
    assert figures.correlation > 0.95


def test_too_few_faces_are_an_error() -> None:
    loudness = syllables()
    openings, at_s = mouth(loudness)
    openings[: len(openings) * 2 // 3] = np.nan
    with pytest.raises(EngineError, match="a face is found in only"):
        lip_sync(openings, at_s, loudness)
