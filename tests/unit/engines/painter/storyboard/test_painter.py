"""The storyboard as a painter, with the icons and words of the catalogue."""

from __future__ import annotations

import asyncio
import itertools
import time
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from meetbot.config import PainterSettings
from meetbot.core.pictures import PaintRequest, Reference
from meetbot.engines.painter.storyboard.engine import StoryboardPainter
from meetbot.engines.painter.storyboard.styles import STYLES
from meetbot.models import ModelStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from numpy.typing import NDArray

pytestmark = pytest.mark.model

PROMPTS = tomllib.loads((Path(__file__).parent / "prompts.toml").read_text(encoding="utf-8"))
REQUEST = PaintRequest("two dogs play in the park", "", "en", 7, 256, 144)
CLEARLY = 12.0
"""Of two pictures, 32 × 32 pixels each: mean difference of 0…255 where they are different."""
BUDGET_S = 0.150
GENEROUS = 2


@pytest.fixture
async def painter() -> AsyncIterator[StoryboardPainter]:
    painter = await asyncio.to_thread(StoryboardPainter.load, ModelStore(), PainterSettings())
    yield painter
    await painter.close()


def _apart(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(np.abs(one.astype(np.int16) - other).mean())


async def test_the_same_request_is_the_same_picture(painter: StoryboardPainter) -> None:
    first = await painter.paint(REQUEST)
    await painter.paint(replace(REQUEST, subject="a cat", style="ink"))
    again = await painter.paint(REQUEST)
    assert np.array_equal(first.pixels, again.pixels)
    assert first.engine == "storyboard"
    other = await painter.paint(replace(REQUEST, seed=8))
    assert not np.array_equal(first.pixels, other.pixels)


async def test_fifty_prompts_are_fifty_clearly_different_pictures(
    painter: StoryboardPainter,
) -> None:
    small = []
    for language, prompts in PROMPTS.items():
        for prompt in prompts:
            request = replace(REQUEST, subject=prompt, language=language)
            pixels = (await painter.paint(request)).pixels
            small.append(cv2.resize(pixels, (32, 32), interpolation=cv2.INTER_AREA))
    assert len(small) == 50
    near = [
        (one, other, round(_apart(small[one], small[other]), 1))
        for one, other in itertools.combinations(range(50), 2)
        if _apart(small[one], small[other]) < CLEARLY
    ]
    assert near == []


async def test_a_reference_gives_its_colours_the_more_the_less_strength(
    painter: StoryboardPainter,
) -> None:
    green = np.full((60, 80, 3), (20, 150, 60), np.uint8)
    green[:20, :20] = (230, 220, 60)
    palette = ("#5a1f6b", "#8a3f7b", "#f2c14e", "#f25f5c")
    request = replace(REQUEST, palette=palette, references=(Reference("r", green),))

    async def greenness(strength: float) -> float:
        pixels = (await painter.paint(replace(request, strength=strength))).pixels.astype(int)
        return float((pixels[..., 1] - (pixels[..., 0] + pixels[..., 2]) / 2).mean())

    near, half, far = [await greenness(strength) for strength in (0.1, 0.5, 0.9)]
    assert near > half + 2 > far + 4


@pytest.mark.parametrize("style", STYLES)
async def test_a_picture_takes_no_more_than_its_time(
    painter: StoryboardPainter, style: str
) -> None:
    took = []
    for prompt in PROMPTS["en"][:2] * 3:
        request = replace(REQUEST, subject=prompt, style=style, width=768, height=768)
        began = time.process_time()
        await painter.paint(request)
        took.append(time.process_time() - began)
    assert cv2.getNumThreads() == 1
    assert min(took) < BUDGET_S * GENEROUS


async def test_a_picture_nobody_waits_for_is_dropped(painter: StoryboardPainter) -> None:
    waiting = [
        asyncio.create_task(painter.paint(replace(REQUEST, seed=seed, width=768, height=768)))
        for seed in range(4)
    ]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in done)
    picture = await asyncio.wait_for(painter.paint(REQUEST), 5)
    assert picture.pixels.shape == (144, 256, 3)


@pytest.mark.parametrize(
    "subject", ["", " ", "word " * 10_000, "🔥" * 50, "\x00\u202e<svg>", "ПрИвЕт hello"]
)
async def test_whatever_is_said_there_is_a_picture(
    painter: StoryboardPainter, subject: str
) -> None:
    picture = await painter.paint(replace(REQUEST, subject=subject))
    assert picture.pixels.shape == (144, 256, 3)
    assert picture.pixels.std() > 4
