"""A scene made into pixels. Runs on one thread; paints only what changed since the last frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from meetbot.core.errors import ConfigError
from meetbot.stage.drawing import Look
from meetbot.stage.fonts import Fonts
from meetbot.stage.layout import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from meetbot.stage.drawing import Overlay, Patch, Pixels, Widget
    from meetbot.stage.layout import Layout

__all__ = ["Painter"]

SceneT = TypeVar("SceneT")


class Painter(Generic[SceneT]):
    """Paints what ``layout`` places: ``widgets`` back to front, ``overlays`` over all of them.

    Raises ``ConfigError`` for a widget that is not there, ``EngineError`` for a missing typeface.
    """

    def __init__(
        self,
        layout: Layout,
        widgets: Mapping[str, Callable[[Look, Box], Widget[SceneT]]],
        overlays: Mapping[str, Callable[[Look, Box], Overlay[SceneT]]] | None = None,
    ) -> None:
        look, overlays = Look(layout, Fonts()), overlays or {}
        for place in layout.places:
            if place.widget not in widgets and place.widget not in overlays:
                known = ", ".join(sorted((*widgets, *overlays)))
                raise ConfigError(
                    f"layout {layout.name}: no widget is named {place.widget!r}; there are: {known}"
                )
        places = layout.places
        self._widgets = [widgets[p.widget](look, p.box) for p in places if p.widget in widgets]
        self._overlays = [overlays[p.widget](look, p.box) for p in places if p.widget in overlays]
        self._floating: list[Patch | None] = [None] * len(self._overlays)
        pixels = np.empty((layout.height, layout.width, 3), np.uint8)
        pixels[:] = layout.theme.background
        self._ground = pixels.copy()
        self._pixels = _sealed(pixels)

    def paint(self, scene: SceneT, now_ns: int) -> NDArray[np.uint8]:
        """The picture at ``now_ns``: uint8 RGB, shape (height, width, 3), C-contiguous, read-only.

        Where nothing changed it is the same array object as the last time.
        """
        patches = [patch for widget in self._widgets for patch in widget.paint(scene, now_ns)]
        before, after = self._floating, [o.over(scene, now_ns) for o in self._overlays]
        if not patches and all(old is new for old, new in zip(before, after, strict=True)):
            return self._pixels
        pixels = self._pixels.copy()
        for patch in patches:
            _apply(pixels, patch)
        if self._overlays:
            self._float(pixels, patches, after)
        self._pixels = _sealed(pixels)
        return self._pixels

    def _float(
        self,
        pixels: NDArray[np.uint8],
        patches: Sequence[Patch | Pixels],
        after: list[Patch | None],
    ) -> None:
        """Lay over ``pixels`` the overlays that are new, or under which something is new."""
        for patch in patches:
            _apply(self._ground, patch)
        changed = [_box(patch) for patch in patches]
        for old, new in zip(self._floating, after, strict=True):
            if old is not None and old is not new:
                _copy(self._ground, pixels, _box(old))
                changed.append(_box(old))
        for old, new in zip(self._floating, after, strict=True):
            if new is None:
                continue
            box = _box(new)
            if new is not old or any(_meet(box, other) for other in changed):
                _copy(self._ground, pixels, box)
                _apply(pixels, new)
        self._floating = after


def _box(patch: Patch | Pixels) -> Box:
    tall, wide = patch.pixels.shape[:2]
    return Box(patch.left, patch.top, wide, tall)


def _meet(one: Box, other: Box) -> bool:
    return (
        one.left < other.left + other.width
        and other.left < one.left + one.width
        and one.top < other.top + other.height
        and other.top < one.top + one.height
    )


def _copy(source: NDArray[np.uint8], onto: NDArray[np.uint8], box: Box) -> None:
    rows, columns = slice(box.top, box.top + box.height), slice(box.left, box.left + box.width)
    onto[rows, columns] = source[rows, columns]


def _apply(pixels: NDArray[np.uint8], patch: Patch | Pixels) -> None:
    part = patch.pixels
    into = pixels[patch.top : patch.top + part.shape[0], patch.left : patch.left + part.shape[1]]
    part = part[: into.shape[0], : into.shape[1]]
    if patch.mask is None:
        into[:] = part
        return
    share = np.asarray(patch.mask)[: into.shape[0], : into.shape[1], np.newaxis].astype(np.uint16)
    into[:] = ((part * share + into * (255 - share) + 127) // 255).astype(np.uint8)


def _sealed(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    pixels.flags.writeable = False
    return pixels
