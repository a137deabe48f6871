"""The encoders' front end against the definition, computed the long way."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from meetbot.engines.speaker.mel import mel_filters, mel_power, raise_volume
from meetbot.engines.speaker.windows import mean_print, partials


def hertz(mel: float) -> float:
    """Slaney's scale: linear to 1 kHz (mel 15), then 27 steps for each factor 6.4."""
    return mel * 200 / 3 if mel < 15 else 1000 * 6.4 ** ((mel - 15) / 27)


def filters_by_definition(fft_size: int, bands: int) -> np.ndarray[Any, Any]:
    top = 15 + 27 * math.log(8) / math.log(6.4)
    edges = [hertz(top * i / (bands + 1)) for i in range(bands + 2)]
    bank = np.zeros((bands, fft_size // 2 + 1))
    for band in range(bands):
        low, peak, high = edges[band : band + 3]
        for k in range(fft_size // 2 + 1):
            f = k * 16_000 / fft_size
            if low < f <= peak:
                bank[band, k] = (f - low) / (peak - low)
            elif peak < f < high:
                bank[band, k] = (high - f) / (high - peak)
        bank[band] *= 2 / (high - low)
    return bank


@pytest.mark.parametrize("fft_size", [400, 512])
def test_filters_are_slaneys_triangles(fft_size: int) -> None:
    assert np.allclose(mel_filters(fft_size, 40), filters_by_definition(fft_size, 40), atol=1e-7)


@pytest.mark.parametrize("fft_size", [400, 512])
def test_mel_power_is_the_filtered_power_of_each_centred_frame(fft_size: int) -> None:
    sound = np.random.default_rng(3).standard_normal(4000).astype(np.float32)
    found = mel_power(sound, fft_size=fft_size, bands=40)
    assert found.shape == (26, 40)
    window = np.array([0.5 - 0.5 * math.cos(2 * math.pi * i / 400) for i in range(400)])
    bank = filters_by_definition(fft_size, 40)
    turning = np.exp(
        -2j * np.pi * np.outer(np.arange(fft_size // 2 + 1), np.arange(400)) / fft_size
    )
    for frame in (0, 7, 25):
        begin = frame * 160 - 200
        piece = [sound[i] if 0 <= i < 4000 else 0.0 for i in range(begin, begin + 400)]
        power = np.abs(turning @ (np.array(piece) * window)) ** 2
        assert np.allclose(found[frame], bank @ power, rtol=1e-4)


def test_quiet_sound_is_raised_to_the_target_and_loud_sound_left() -> None:
    quiet = np.full(1000, 0.001, dtype=np.float32)
    assert 20 * np.log10(raise_volume(quiet, -30.0).std() + raise_volume(quiet, -30.0).mean()) == (
        pytest.approx(-30, abs=0.01)
    )
    loud = np.full(1000, 0.5, dtype=np.float32)
    assert raise_volume(loud, -30.0) is loud
    silent = np.zeros(1000, dtype=np.float32)
    assert raise_volume(silent, -30.0) is silent


@pytest.mark.parametrize("samples", [1, 9, 10, 11, 25, 30])
def test_partials_cover_everything_in_equal_slices(samples: int) -> None:
    cuts = partials(samples, 10, 5)
    assert cuts[0][0] == 0
    assert cuts[-1][1] == samples
    assert len({end - start for start, end in cuts}) == 1
    assert all(b[0] <= a[1] for a, b in itertools.pairwise(cuts))


def test_the_mean_of_prints_has_length_one() -> None:
    rows = np.eye(4, dtype=np.float32)[:2]
    assert np.allclose(mean_print(rows), [0.5**0.5, 0.5**0.5, 0, 0])
