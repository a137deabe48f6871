"""Real-ESRGAN with its real weights, against plain resizing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from meetbot.core.errors import EngineError, ModelMissing
from meetbot.engines.registry import engine_names, load_engine
from meetbot.engines.upscaler.realesrgan import ENTRY, RealEsrganUpscaler
from meetbot.models import ModelStore
from meetbot.personas.photo import decode_photo
from meetbot.personas.standard import standard_photo

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.core.ports import Upscaler

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def models() -> ModelStore:
    store = ModelStore()
    store.pull([ENTRY])
    return store


@pytest.fixture(scope="module")
def upscaler(models: ModelStore) -> Upscaler:
    engine: Upscaler = load_engine("upscaler", "realesrgan", models, None)
    return engine


@pytest.fixture(scope="module")
def face() -> NDArray[np.uint8]:
    """The default face in 256×256 pixels."""
    whole = decode_photo(standard_photo())
    return np.asarray(cv2.resize(whole, (256, 256), interpolation=cv2.INTER_AREA), np.uint8)


def smaller(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    size = (pixels.shape[1] // 2, pixels.shape[0] // 2)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float64)


def sharpness(pixels: NDArray[np.uint8]) -> float:
    return float(cv2.Laplacian(pixels.astype(np.float64), cv2.CV_64F).var())


def test_the_engine_is_found_by_name() -> None:
    assert "realesrgan" in engine_names("upscaler")


async def test_the_result_is_sharper_than_resizing_and_shows_the_same(
    upscaler: Upscaler, face: NDArray[np.uint8]
) -> None:
    large = await upscaler.upscale(face)
    assert upscaler.scale == 2
    assert large.shape == (512, 512, 3)
    assert large.dtype == np.uint8
    plain = cv2.resize(face, (512, 512), interpolation=cv2.INTER_LANCZOS4)
    assert sharpness(large) > 1.5 * sharpness(np.asarray(plain, np.uint8))
    assert np.abs(smaller(large) - face).mean() < 4


@pytest.mark.parametrize("shape", [(1, 1), (7, 131), (129, 40), (128, 128)])
async def test_any_shape_is_doubled(upscaler: Upscaler, shape: tuple[int, int]) -> None:
    picture = np.full((*shape, 3), (200, 120, 40), np.uint8)
    large = await upscaler.upscale(picture)
    assert large.shape == (shape[0] * 2, shape[1] * 2, 3)
    assert np.abs(large.astype(int) - (200, 120, 40)).max() < 12


async def test_no_seam_is_seen_between_tiles(
    upscaler: Upscaler, face: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    tiled = await upscaler.upscale(face)
    monkeypatch.setattr("meetbot.engines.upscaler.realesrgan.TILE", 256)
    whole = await upscaler.upscale(face)
    assert np.abs(tiled.astype(int) - whole).max() <= 6


async def test_the_loop_goes_on_while_it_works(upscaler: Upscaler, face: NDArray[np.uint8]) -> None:
    work = asyncio.create_task(upscaler.upscale(face))
    beats = 0
    while not work.done():
        await asyncio.sleep(0.01)
        beats += 1
    assert beats >= 5
    assert work.result().shape == (512, 512, 3)


def test_a_missing_model_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=f"meetbot models pull {ENTRY}"):
        RealEsrganUpscaler.load(ModelStore(tmp_path), None)


def test_a_file_that_is_no_network_is_an_engine_error(tmp_path: Path) -> None:
    for name in ("x2.param", "x2.bin"):
        (tmp_path / name).write_text("no network")
    with pytest.raises(EngineError, match=f"meetbot models verify {ENTRY}"):
        RealEsrganUpscaler(tmp_path)
