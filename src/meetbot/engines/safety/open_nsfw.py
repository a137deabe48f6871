"""open_nsfw (Yahoo, BSD-2): how likely a picture is pornographic.

Source: https://github.com/yahoo/open_nsfw. Input: BGR 0…255 less the mean of ImageNet, the middle
224×224 of the picture squeezed to 256×256, after a round trip through JPEG as it was trained on.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from PIL import Image

from meetbot.core.worker import ModelThread
from meetbot.engines.onnx import open_session

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.config import SafetySettings
    from meetbot.models import ModelStore

__all__ = ["OpenNsfwFilter"]

SIDE = 256
CROP = 224
MEAN_BGR = np.array([104, 117, 123], np.float32)


class OpenNsfwFilter:
    """The filter on a thread of its own; about 15 ms a picture, one thread."""

    name = "open_nsfw"

    def __init__(self, session: Any) -> None:
        self._session = session
        self._input = session.get_inputs()[0].name
        self._thread = ModelThread("open-nsfw")

    @classmethod
    def load(cls, models: ModelStore, settings: SafetySettings) -> Self:
        """Open the catalogue's ``open-nsfw``; the threshold is the caller's to hold against."""
        del settings
        return cls(open_session(models.path("open-nsfw") / "open-nsfw.onnx"))

    async def unsafe(self, pixels: NDArray[np.uint8]) -> float:
        """Probability 0…1 that a uint8 RGB picture ``(height, width, 3)`` is pornographic."""
        return await self._thread.run(self._unsafe, pixels)

    def _unsafe(self, pixels: NDArray[np.uint8]) -> float:
        (scores,) = self._session.run(None, {self._input: _prepared(pixels)[np.newaxis]})
        return float(scores[0, 1])


def _prepared(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The network's input, shape ``(224, 224, 3)``."""
    margin = (SIDE - CROP) // 2
    squeezed = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    middle = squeezed.crop((margin, margin, margin + CROP, margin + CROP))
    with BytesIO() as file:
        middle.save(file, format="JPEG")
        rgb = np.asarray(Image.open(file), np.float32)
    return np.ascontiguousarray(rgb[:, :, ::-1] - MEAN_BGR)
