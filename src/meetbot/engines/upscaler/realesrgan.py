"""Real-ESRGAN (Wang et al. 2021, BSD-3) by ncnn on the CPU: for preparing a photo, once.

The network is animevideov3, the family's smallest: x4plus, made for photographs, takes 40 times as
long here and gives a face that is hardly better. It works on tiles of one size that overlap, so
that memory stays small and no seam is seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import ncnn
import numpy as np

from meetbot.core.errors import EngineError
from meetbot.core.worker import ModelThread

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.models import ModelStore

__all__ = ["RealEsrganUpscaler"]

ENTRY = "realesrgan-animevideov3"
SCALE = 2
TILE = 128
OVERLAP = 10
"""Pixels of the source that each tile sees beyond its own; the network looks no further."""
NICENESS = 5


class RealEsrganUpscaler:
    """The network on a thread of its own; 256×256 pixels take about a second."""

    scale = SCALE

    def __init__(self, folder: Path, threads: int = 2) -> None:
        self._net: Any = ncnn.Net()
        self._net.opt.num_threads = threads
        self._net.opt.use_vulkan_compute = False
        if self._net.load_param(str(folder / "x2.param")) or self._net.load_model(
            str(folder / "x2.bin")
        ):
            raise EngineError(f"ncnn cannot open {ENTRY}; see: meetbot models verify {ENTRY}")
        self._thread = ModelThread("upscaler", niceness=NICENESS)

    @classmethod
    def load(cls, models: ModelStore, settings: object) -> Self:
        """Open the network. Raises ``ModelError``, ``EngineError``; no setting is its own."""
        del settings
        return cls(models.path(ENTRY))

    async def upscale(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """uint8 RGB ``(h, w, 3)`` → ``(2h, 2w, 3)``. Raises ``EngineError``."""
        return await self._thread.run(self._upscale, pixels)

    def _upscale(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        height, width = pixels.shape[:2]
        rows, columns = -(-height // TILE), -(-width // TILE)
        below, right = rows * TILE - height + OVERLAP, columns * TILE - width + OVERLAP
        framed = np.pad(pixels, ((OVERLAP, below), (OVERLAP, right), (0, 0)), mode="edge")
        large = np.empty((rows * TILE * SCALE, columns * TILE * SCALE, 3), np.uint8)
        side = TILE + 2 * OVERLAP
        for top in range(0, rows * TILE, TILE):
            for left in range(0, columns * TILE, TILE):
                done = self._tile(framed[top : top + side, left : left + side])
                inner = slice(OVERLAP * SCALE, (OVERLAP + TILE) * SCALE)
                y, x = top * SCALE, left * SCALE
                large[y : y + TILE * SCALE, x : x + TILE * SCALE] = done[inner, inner]
        return large[: height * SCALE, : width * SCALE]

    def _tile(self, tile: NDArray[np.uint8]) -> NDArray[np.uint8]:
        planes = np.ascontiguousarray(tile.transpose(2, 0, 1), np.float32) / 255
        run = self._net.create_extractor()
        run.input("data", ncnn.Mat(planes).clone())
        status, out = run.extract("output")
        if status != 0:
            raise EngineError(f"Real-ESRGAN broke: ncnn says {status}")
        done = np.array(out).transpose(1, 2, 0)
        return np.asarray(np.clip(np.round(done * 255), 0, 255), np.uint8)
