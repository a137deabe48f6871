"""Painters, measured: pictures a second, the time to the first one, and how they differ.

Each engine runs in a process of its own, so that its memory and its start are its own.
"""

from __future__ import annotations

import asyncio
import time
import tomllib
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import combinations
from multiprocessing import get_context
from typing import TYPE_CHECKING

import numpy as np

from meetbot.bench.painters import Opened, open_painter, prepared
from meetbot.core.errors import MeetbotError
from meetbot.core.pictures import PaintRequest
from meetbot.engines.painter.storyboard.styles import STYLES
from meetbot.observe import ProcessSampler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from meetbot.bench.painters import Job
    from meetbot.core.ports import Painter

__all__ = [
    "Differences",
    "ImageFigures",
    "PainterFigures",
    "Times",
    "differences",
    "measure_images",
    "measure_painter",
]

THUMBNAIL = 64
"""Pixels a side: what two pictures are compared at."""


@dataclass(frozen=True, slots=True)
class Times:
    """Of one picture, in milliseconds; ``cpu_ms``: of all cores together."""

    p50_ms: float
    p95_ms: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Differences:
    """Between all pairs of pictures of different prompts, 0 (the same) … 1 (black and white).

    The mean absolute difference of thumbnails. ``equal``: pairs without any.
    """

    pictures: int
    least: float
    median: float
    equal: int


@dataclass(frozen=True, slots=True)
class PainterFigures:
    """One engine. ``absent``: why it cannot run here; all else is None then.

    ``weights``: ``none`` (it needs no model), ``official`` (of the catalogue), ``given`` (a folder
    that was named), or ``seeded`` and the architecture: random, as fast, and no picture.
    ``first_image_s``: loading and warm-up included, making a seeded model not. ``styles``: where
    it has some.
    """

    engine: str
    absent: str | None = None
    name: str | None = None
    weights: str | None = None
    device: str | None = None
    width: int | None = None
    height: int | None = None
    steps: int | None = None
    pictures: int | None = None
    first_image_s: float | None = None
    images_per_s: float | None = None
    times: Times | None = None
    styles: Mapping[str, Times] | None = None
    differences: Differences | None = None
    peak_rss_mb: float | None = None
    peak_device_mb: float | None = None


@dataclass(frozen=True, slots=True)
class ImageFigures:
    """Every engine that was asked for."""

    painters: tuple[PainterFigures, ...]


def measure_images(jobs: Sequence[Job], tell: Callable[[str], None]) -> ImageFigures:
    """Measure one after the other. Blocks for minutes; what cannot run here is told as absent."""
    figures = []
    for job in jobs:
        tell(job.engine)
        with (
            prepared(job) as ready,
            ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone,
        ):
            figures.append(alone.submit(_run, ready).result())
    return ImageFigures(tuple(figures))


def _run(job: Job) -> PainterFigures:
    try:
        return asyncio.run(measure_painter(job))
    except (MeetbotError, ImportError) as error:
        return PainterFigures(job.engine, absent=str(error))


async def measure_painter(job: Job) -> PainterFigures:
    """Open what ``job`` asks for, in this process, and let it paint. Raises ``MeetbotError``."""
    sampler = ProcessSampler()
    sampling = asyncio.create_task(sampler.run(0.1))
    try:
        begin = time.perf_counter()
        opened = await asyncio.to_thread(open_painter, job)
        requests = await asyncio.to_thread(_requests, job.count, opened.width, opened.height)
        await opened.painter.paint(requests[0])
        first = time.perf_counter() - begin - opened.made_s
        pictures, times, seconds = await _timed(opened.painter, requests)
        styles = await _by_style(opened, requests)
        await asyncio.to_thread(sampler.sample)
        peak = opened.peak_device_mb()
        await opened.painter.close()
    finally:
        sampling.cancel()
        with suppress(asyncio.CancelledError):
            await sampling
    return PainterFigures(
        engine=job.engine,
        name=opened.painter.name,
        weights=opened.weights,
        device=opened.device,
        width=opened.width,
        height=opened.height,
        steps=opened.steps,
        pictures=job.count,
        first_image_s=round(first, 3),
        images_per_s=round(len(requests) / seconds, 3),
        times=times,
        styles=styles,
        differences=differences(pictures) if opened.engine == "storyboard" else None,
        peak_rss_mb=round(sampler.use().peak_rss_mb, 1),
        peak_device_mb=peak,
    )


async def _by_style(opened: Opened, requests: Sequence[PaintRequest]) -> Mapping[str, Times] | None:
    if opened.engine != "storyboard":
        return None
    times = {}
    for style in STYLES:
        styled = [replace(request, style=style) for request in requests]
        _, times[style], _ = await _timed(opened.painter, styled)
    return times


@cache
def _prompts() -> tuple[tuple[str, str], ...]:
    """Language and text, the languages taking turns."""
    read = tomllib.loads((files("meetbot.bench") / "images.toml").read_text(encoding="utf-8"))
    return tuple(
        (language, text)
        for pair in zip(*([(code, text) for text in read[code]] for code in read), strict=True)
        for language, text in pair
    )


def _requests(count: int, width: int, height: int) -> list[PaintRequest]:
    texts = [_prompts()[number % len(_prompts())] for number in range(count)]
    return [
        PaintRequest(text, text, language, seed, width, height)
        for seed, (language, text) in enumerate(texts)
    ]


async def _timed(
    painter: Painter, requests: Sequence[PaintRequest]
) -> tuple[list[NDArray[np.float32]], Times, float]:
    """Thumbnails, the times of one picture, and the seconds of all."""
    thumbnails, walls = [], []
    cpu = time.process_time()
    for request in requests:
        begin = time.perf_counter()
        painting = await painter.paint(request)
        walls.append(time.perf_counter() - begin)
        thumbnails.append(_thumbnail(painting.pixels))
    cpu_ms = (time.process_time() - cpu) * 1000 / len(requests)
    p50, p95 = (float(np.percentile(walls, share)) * 1000 for share in (50, 95))
    return thumbnails, Times(round(p50, 2), round(p95, 2), round(cpu_ms, 2)), sum(walls)


def _thumbnail(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """At most 64 × 64, in 0…1, by the mean of tiles."""
    down, across = (max(1, side // THUMBNAIL) for side in pixels.shape[:2])
    high, wide = pixels.shape[0] // down, pixels.shape[1] // across
    tiles = pixels[: high * down, : wide * across].reshape(high, down, wide, across, 3)
    return np.asarray(tiles.mean(axis=(1, 3)) / 255, np.float32)


def differences(thumbnails: Sequence[NDArray[np.float32]]) -> Differences | None:
    """Of each two of pictures of one size, with values in 0…1; None of fewer than two."""
    apart = [float(np.abs(a - b).mean()) for a, b in combinations(thumbnails, 2)]
    if not apart:
        return None
    return Differences(
        pictures=len(thumbnails),
        least=round(min(apart), 4),
        median=round(float(np.median(apart)), 4),
        equal=sum(one == 0 for one in apart),
    )
