"""One picture of two, for rooms that take one video: what is painted, and a face or captions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.errors import ConfigError
from meetbot.core.types import VideoFrame
from meetbot.stage.layout import load_layout
from meetbot.stage.scaling import Corners, covering

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from numpy.typing import NDArray

    from meetbot.stage.layout import Box

__all__ = ["Composed"]

CORNER = 20
PICTURE = "picture"
BESIDE = frozenset({"face", "captions"})


class _Part:
    """A place, and what was given for it last as it goes there."""

    def __init__(self, box: Box, corner: int) -> None:
        self._box = box
        self._corners = Corners(box.width, box.height, corner) if corner else None
        self._given: NDArray[np.uint8] | None = None
        self._fitted: NDArray[np.uint8] | None = None

    def take(self, pixels: NDArray[np.uint8] | None) -> bool:
        """Whether ``pixels`` is another array than last time; it is then scaled to the place."""
        if pixels is None or pixels is self._given:
            return False
        self._given = pixels
        self._fitted = covering(pixels, self._box.width, self._box.height)
        return True

    def put(self, onto: NDArray[np.uint8]) -> None:
        """Into its place in the whole picture."""
        if self._fitted is None:
            return
        box = self._box
        place = onto[box.top : box.top + box.height, box.left : box.left + box.width]
        if self._corners is None:
            place[:] = self._fitted
            return
        under = self._corners.under(place)
        place[:] = self._fitted
        self._corners.cut(place, under)


class Composed:
    """A picture, and a face or captions, as one picture of ``size`` (width, height).

    ``beside``: width and height of the place for the face or the captions. Only what changed is
    done anew: give the same array object where nothing did. Used by one thread. Raises
    ``ConfigError`` for a layout that is not there or that has other parts.
    """

    def __init__(self, layout: str, size: tuple[int, int]) -> None:
        sized = load_layout(layout).sized(*size)
        boxes = {place.widget: place.box for place in sized.places}
        others = [name for name in boxes if name in BESIDE]
        if PICTURE not in boxes or len(others) != 1 or len(boxes) > 2:
            raise ConfigError(
                f"layout {layout} does not consist of a picture and a face or captions; choose "
                "side-by-side, face-in-corner or captions-beside-picture"
            )
        box, corner = boxes[others[0]], max(1, round(CORNER * sized.scale))
        whole = (boxes[PICTURE].width, boxes[PICTURE].height) == size
        self._picture = _Part(boxes[PICTURE], 0 if whole else corner)
        self._beside = _Part(box, corner)
        self.beside = (box.width, box.height)
        self._parts = [self._picture if name == PICTURE else self._beside for name in boxes]
        self._ground = np.empty((size[1], size[0], 3), np.uint8)
        self._ground[:] = sized.theme.background
        self._ground.flags.writeable = False
        self._pixels = self._ground

    def compose(
        self, beside: NDArray[np.uint8] | None, picture: NDArray[np.uint8] | None
    ) -> NDArray[np.uint8]:
        """Both as they are now, uint8 RGB (height, width, 3) of any size; None: not there yet.

        Returns uint8 RGB of the composed size, read-only; the same array object as last time
        where neither changed.
        """
        changed = [self._beside.take(beside), self._picture.take(picture)]
        if any(changed):
            pixels = self._ground.copy()
            for part in self._parts:
                part.put(pixels)
            pixels.flags.writeable = False
            self._pixels = pixels
        return self._pixels

    async def frames(
        self, beside: AsyncIterator[VideoFrame], picture: Callable[[], NDArray[np.uint8] | None]
    ) -> AsyncIterator[VideoFrame]:
        """Each frame of ``beside`` with what ``picture`` gives then; as the stages' ``frames``."""
        async for frame in beside:
            yield VideoFrame(self.compose(frame.pixels, picture()), frame.pts_ns)
