"""A scene made into pixels. Runs on one thread; paints only what changed since the last frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.errors import ConfigError
from meetbot.stage.drawing import Look
from meetbot.stage.fonts import Fonts
from meetbot.stage.widgets import WIDGETS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.stage.drawing import Patch, Widget
    from meetbot.stage.layout import Layout, Place
    from meetbot.stage.scene import Scene

__all__ = ["Painter"]


class Painter:
    """Paints the widgets of ``layout``, back to front.

    Raises ``ConfigError`` for a widget that is not there, ``EngineError`` for a missing typeface.
    """

    def __init__(self, layout: Layout) -> None:
        look = Look(layout, Fonts())
        self._widgets = [_widget(place, look) for place in layout.places]
        pixels = np.empty((layout.height, layout.width, 3), np.uint8)
        pixels[:] = layout.theme.background
        self._pixels = _sealed(pixels)

    def paint(self, scene: Scene, now_ns: int) -> NDArray[np.uint8]:
        """The picture at ``now_ns``: uint8 RGB, shape (height, width, 3), C-contiguous, read-only.

        Where nothing changed it is the same array object as the last time.
        """
        patches = [patch for widget in self._widgets for patch in widget.paint(scene, now_ns)]
        if patches:
            pixels = self._pixels.copy()
            for patch in patches:
                _apply(pixels, patch)
            self._pixels = _sealed(pixels)
        return self._pixels


def _widget(place: Place, look: Look) -> Widget:
    make = WIDGETS.get(place.widget)
    if make is None:
        known = ", ".join(sorted(WIDGETS))
        raise ConfigError(
            f"layout {look.layout.name}: no widget is named {place.widget!r}; there are: {known}"
        )
    return make(look, place.box)


def _apply(pixels: NDArray[np.uint8], patch: Patch) -> None:
    part = np.asarray(patch.image)
    into = pixels[patch.top : patch.top + part.shape[0], patch.left : patch.left + part.shape[1]]
    into[:] = part[: into.shape[0], : into.shape[1]]


def _sealed(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    pixels.flags.writeable = False
    return pixels
