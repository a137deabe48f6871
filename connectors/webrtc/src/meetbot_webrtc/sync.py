"""How far a bot's sound and picture are apart where they are received, and a signal to tell by."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.clock import NS_PER_S
from meetbot.core.voice import MOMENT_NS, MOMENT_SAMPLES, Moment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from meetbot.core.clock import Clock
    from meetbot.core.guests import ReceivedPicture, ReceivedSound

__all__ = ["Skew", "av_skew", "clapperboard", "content_skew", "flashes", "summed_up"]

NS_PER_MS = 1_000_000
RATE = 48_000
ENDS = 0.1
"""The share of the moments, at each end, that drift is told from."""
BRIGHT = 128
LOUD = 3_000
NEAR_NS = NS_PER_S // 4
BEEP_HERTZ = 1_000
FLASH_MOMENTS = 5
CYCLE_MOMENTS = 25
SIZE = 512


@dataclass(frozen=True, slots=True)
class Skew:
    """In milliseconds. ``p50_ms`` and ``p95_ms``: of the absolute skew of ``moments`` moments.

    ``median_ms``: with its sign, positive where the picture comes after its sound. ``drift_ms``:
    median of the last tenth of the moments less that of the first tenth.
    """

    moments: int
    p50_ms: float
    p95_ms: float
    median_ms: float
    drift_ms: float


def av_skew(pictures: Sequence[ReceivedPicture], sounds: Sequence[ReceivedSound]) -> Skew | None:
    """Skew as received, of one track and the voice of one bot; None: nothing to compare.

    The skew of a moment is the arrival of its picture less that of its sound. They belong
    together by ``captured_ns``, which is what browsers go by (RTP time stamps mapped by RTCP
    sender reports). Sound arrives with its packet, whose later samples are due accordingly
    later. Pictures shown in silence, where no sound is sent, do not count.
    """
    told = [sound for sound in sounds if sound.captured_ns is not None]
    starts = [sound.captured_ns or 0 for sound in told]
    skews: list[int] = []
    for picture in pictures:
        if picture.captured_ns is None:
            continue
        place = bisect_right(starts, picture.captured_ns) - 1
        if place < 0:
            continue
        into = picture.captured_ns - starts[place]
        if into < len(told[place].samples) * NS_PER_S // RATE:
            skews.append(picture.arrival_ns - (told[place].arrival_ns + into))
    return summed_up(skews)


def content_skew(
    pictures: Sequence[ReceivedPicture], sounds: Sequence[ReceivedSound]
) -> Skew | None:
    """Skew told from what is seen and heard: of pictures that turn white as a beep begins.

    What is presented must be ``clapperboard``. For checking ``av_skew`` and the sender's reports.
    """
    white = flashes(pictures)
    skews: list[int] = []
    for beep in _beeps(sounds):
        nearest = min(white, key=lambda flash: abs(flash - beep), default=None)
        if nearest is not None and abs(nearest - beep) < NEAR_NS:
            skews.append(nearest - beep)
    return summed_up(skews)


def summed_up(skews_ns: Sequence[int]) -> Skew | None:
    """The figures of a series of skews in order; None of an empty one."""
    if not skews_ns:
        return None
    values = np.asarray(skews_ns, np.float64) / NS_PER_MS
    end = max(1, round(len(values) * ENDS))
    p50, p95 = np.percentile(np.abs(values), [50, 95])
    drift = float(np.median(values[-end:]) - np.median(values[:end]))
    return Skew(len(values), float(p50), float(p95), float(np.median(values)), drift)


async def clapperboard(clock: Clock, seconds: float) -> AsyncIterator[Moment]:
    """Moments when they are due: each second a white picture of 0.2 s and with it a 1 kHz beep."""
    dark, white = (np.full((SIZE, SIZE, 3), grey, np.uint8) for grey in (30, 235))
    time = np.arange(FLASH_MOMENTS * MOMENT_SAMPLES) / RATE
    sine = (np.sin(2 * np.pi * BEEP_HERTZ * time) * 12_000).astype(np.int16)
    beep, silence = sine.reshape(FLASH_MOMENTS, -1), np.zeros(MOMENT_SAMPLES, np.int16)
    begin = clock.now_ns() + MOMENT_NS
    for number in range(round(seconds * NS_PER_S / MOMENT_NS)):
        pts_ns = begin + number * MOMENT_NS
        await clock.sleep_until(pts_ns)
        place = number % CYCLE_MOMENTS
        flash = place < FLASH_MOMENTS
        yield Moment(white if flash else dark, beep[place] if flash else silence, pts_ns)


def flashes(pictures: Sequence[ReceivedPicture]) -> list[int]:
    """Arrivals of the first white picture after dark ones, of ``clapperboard``."""
    begun, bright = [], True
    for picture in pictures:
        grey = picture.frame.reformat(16, 16, "gray").to_ndarray()
        was, bright = bright, bool(grey.mean() > BRIGHT)
        if bright and not was:
            begun.append(picture.arrival_ns)
    return begun


def _beeps(sounds: Sequence[ReceivedSound]) -> list[int]:
    """When the first loud sample after 0.2 s without one is due, by the arrival of its packet."""
    beeps, last = [], None
    for sound in sounds:
        loud = np.flatnonzero(np.abs(sound.samples.astype(np.int32)) > LOUD)
        if not len(loud):
            continue
        at = sound.arrival_ns + int(loud[0]) * NS_PER_S // RATE
        if last is None or at - last > NS_PER_S // 5:
            beeps.append(at)
        last = sound.arrival_ns + int(loud[-1]) * NS_PER_S // RATE
    return beeps
