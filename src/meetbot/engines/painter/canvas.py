"""How large a diffusion model paints, and how pictures are made to fit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["fit", "paint_size"]


def fit(pixels: NDArray[np.uint8], width: int, height: int) -> Image.Image:
    """A uint8 RGB picture ``(h, w, 3)`` that fills ``width`` × ``height``, its edges cropped."""
    return ImageOps.fit(Image.fromarray(pixels), (width, height), Image.Resampling.LANCZOS)


def paint_size(width: int, height: int, side: int, multiple: int) -> tuple[int, int]:
    """The size to paint at for a picture of ``width`` × ``height``.

    Its shape, rounded to ``multiple``; not larger in area than ``side`` squared, since a model
    repeats its subject on what is larger than it was trained on.
    """
    scale = min(1.0, math.sqrt(side * side / (width * height)))

    def rounded(length: float) -> int:
        return max(multiple, round(length * scale / multiple) * multiple)

    return rounded(width), rounded(height)
