"""One picture of two, for rooms that take one video only: the bot's face and what it paints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.errors import ConfigError
from meetbot.stage.layout import load_layout
from meetbot.stage.scaling import Corners, covering

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.stage.layout import Box

__all__ = ["Composed"]

CORNER = 20
PARTS = ("face", "picture")


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
    """The parts of a layout, ``face`` and ``picture``, as one picture of ``size`` (width, height).

    Only what changed is done anew: give the same array object where nothing did. Used by one
    thread. Raises ``ConfigError`` for a layout that is not there or that has other parts.
    """

    def __init__(self, layout: str, size: tuple[int, int]) -> None:
        sized = load_layout(layout).sized(*size)
        self._parts: dict[str, _Part] = {}
        for place in sized.places:
            if place.widget not in PARTS:
                raise ConfigError(
                    f"layout {layout} is no layout of face and picture: it has a place for "
                    f"{place.widget!r}; choose side-by-side or face-in-corner"
                )
            whole = (place.box.width, place.box.height) == size
            corner = 0 if whole else max(1, round(CORNER * sized.scale))
            self._parts[place.widget] = _Part(place.box, corner)
        self._ground = np.empty((size[1], size[0], 3), np.uint8)
        self._ground[:] = sized.theme.background
        self._pixels = self._ground
        self._pixels.flags.writeable = False

    def compose(
        self, face: NDArray[np.uint8] | None, picture: NDArray[np.uint8] | None
    ) -> NDArray[np.uint8]:
        """Both as they are now, uint8 RGB (height, width, 3) of any size; None: not there yet.

        Returns uint8 RGB of the composed size, read-only; the same array object as last time
        where neither changed.
        """
        given = {"face": face, "picture": picture}
        changed = [part.take(given[name]) for name, part in self._parts.items()]
        if any(changed):
            pixels = self._ground.copy()
            for part in self._parts.values():
                part.put(pixels)
            pixels.flags.writeable = False
            self._pixels = pixels
        return self._pixels
