from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetbot.core.types import AudioFrame
from meetbot.hearing.intake import WINDOW, Intake, to_mono


def tone(rate: int, seconds: float, hertz: float = 440) -> np.ndarray:
    time = np.arange(round(rate * seconds)) / rate
    return (0.5 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def heard(frames: list[AudioFrame]) -> tuple[np.ndarray, list[int]]:
    intake = Intake()
    windows = [window for frame in frames for window in intake.push(frame)]
    windows += list(intake.flush())
    return np.concatenate([w.samples for w in windows]), [w.pts_ns for w in windows]


def cut(samples: np.ndarray, rate: int, start_ns: int = 0) -> list[AudioFrame]:
    step = rate // 50
    return [
        AudioFrame(samples[at : at + step], rate, start_ns + at * 1_000_000_000 // rate)
        for at in range(0, len(samples), step)
    ]


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
def test_any_rate_becomes_sixteen_kilohertz_of_the_same_length_and_pitch(rate: int) -> None:
    samples, _ = heard(cut(tone(rate, 2), rate))
    assert len(samples) == pytest.approx(32_000, abs=WINDOW)
    spectrum = np.abs(np.fft.rfft(samples[:32_000]))
    assert np.argmax(spectrum) / 2 == pytest.approx(440, abs=1)


def test_stereo_integers_become_one_channel_of_full_scale_one() -> None:
    stereo = np.stack([np.full(320, 16_384), np.zeros(320)], axis=1).astype(np.int16)
    assert to_mono(stereo) == pytest.approx(np.full(320, 0.25))


def test_what_is_no_number_becomes_silence_and_what_is_too_loud_is_clipped() -> None:
    broken = np.array([np.nan, np.inf, -np.inf, 7.0, -7.0, 0.5], dtype=np.float32)
    assert to_mono(broken).tolist() == [0.0, 1.0, -1.0, 1.0, -1.0, 0.5]


def test_a_gap_in_the_time_stamps_becomes_silence_so_that_time_stays_true() -> None:
    first = cut(tone(16_000, 1), 16_000)
    later = cut(tone(16_000, 1), 16_000, start_ns=1_500_000_000)
    samples, _ = heard(first + later)
    assert len(samples) == pytest.approx(40_000, abs=WINDOW)
    assert np.abs(samples[17_000:23_000]).max() == 0


def test_gaps_too_small_to_fill_do_not_add_up() -> None:
    frames = []
    for number in range(100):
        frames += cut(tone(16_000, 0.5), 16_000, start_ns=number * 540_000_000)
    _, times = heard(frames)
    assert times[-1] / 1e9 == pytest.approx(99 * 0.54 + 0.5, abs=0.15)


def test_frames_that_overlap_do_not_run_ahead() -> None:
    frames = []
    for number in range(100):
        frames += cut(tone(16_000, 0.5), 16_000, start_ns=number * 480_000_000)
    _, times = heard(frames)
    assert times[-1] / 1e9 == pytest.approx(99 * 0.48 + 0.5, abs=0.15)


def test_a_long_gap_does_not_fill_memory_but_jumps() -> None:
    first = cut(tone(16_000, 1), 16_000)
    later = cut(tone(16_000, 1), 16_000, start_ns=3_600_000_000_000)
    samples, times = heard(first + later)
    assert len(samples) < 5 * 16_000
    assert times[-1] > 3_600_000_000_000


@given(st.lists(st.integers(1, 2_000), min_size=1, max_size=30))
def test_frames_of_any_size_lose_no_sample(sizes: list[int]) -> None:
    total = np.arange(1, sum(sizes) + 1, dtype=np.float32) / (sum(sizes) + 1)
    frames, at = [], 0
    for size in sizes:
        frames.append(AudioFrame(total[at : at + size], 16_000, at * 62_500))
        at += size
    samples, _ = heard(frames)
    assert np.array_equal(samples[: len(total)], total)
    assert not samples[len(total) :].any()
