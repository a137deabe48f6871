"""The picture itself: it moves slowly, and fades into the one that follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from meetbot.stage.drawing import Look, Patch, Pixels
from meetbot.stage.scaling import Corners
from meetbot.stage.widgets.pictures.idle import IdlePainter
from meetbot.stage.widgets.pictures.prepared import Prepared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.stage.layout import Box
    from meetbot.stage.picture_scene import PictureScene, Shown

__all__ = ["PictureWidget"]

FADE_NS = 700_000_000
FIRST_STEP_NS = 100_000_000
"""The first frame after a change already shows much of it."""
CORNER = 18


class PictureWidget:
    """Shows the scene's picture; before there is one, what will be here."""

    def __init__(self, look: Look, box: Box) -> None:
        self._look, self._box = look, box
        self._idle = IdlePainter(look, box.width, box.height)
        self._shown: Shown | None = None
        self._now: Prepared | None = None
        self._since_ns = 0
        self._before: Prepared | NDArray[np.uint8] | None = None
        self._before_since_ns = 0
        self._key: object = None
        self._pixels: NDArray[np.uint8] | None = None
        whole = (box.width, box.height) == (look.layout.width, look.layout.height)
        radius = 0 if whole else look.px(CORNER)
        self._corners = Corners(box.width, box.height, radius) if radius else None
        self._ground = [np.full((radius, radius, 3), look.layout.theme.background, np.uint8)] * 4

    def paint(self, scene: PictureScene, now_ns: int) -> list[Patch | Pixels]:
        """See ``Widget``."""
        if scene.current is None:
            return self._wait(now_ns)
        if scene.current is not self._shown:
            self._turn(scene.current, now_ns)
        if self._now is None:
            return []
        share = _eased(now_ns - self._since_ns)
        if share >= 1:
            self._before = None
        key = (self._now.view(now_ns - self._since_ns), share)
        if key == self._key:
            return []
        self._key = key
        _, pixels = self._now.at(now_ns - self._since_ns)
        if self._before is not None:
            before = self._before
            if isinstance(before, Prepared):
                _, before = before.at(now_ns - self._before_since_ns)
            cv2.addWeighted(before, 1 - share, pixels, share, 0, dst=pixels)
        self._pixels = pixels
        return [self._patch(pixels)]

    def _turn(self, shown: Shown, now_ns: int) -> None:
        """What is seen now, in the middle of a fade or not, is what the new one comes out of."""
        fading = self._before is not None
        if fading or self._now is None:
            self._before = self._pixels
        else:
            self._before, self._before_since_ns = self._now, self._since_ns
        self._now = Prepared(shown.pixels, self._box.width, self._box.height, shown.id)
        self._shown, self._since_ns, self._key = shown, now_ns, None

    def _wait(self, now_ns: int) -> list[Patch | Pixels]:
        if self._pixels is None:
            self._pixels = np.array(self._idle.image)
            return [
                self._patch(self._pixels.copy()),
                self._inside(self._idle.dots(now_ns, first=True)),
            ]
        dots = self._idle.dots(now_ns)
        return [] if dots is None else [self._inside(dots)]

    def _inside(self, patch: Patch) -> Patch:
        return Patch(self._box.left + patch.left, self._box.top + patch.top, patch.image)

    def _patch(self, pixels: NDArray[np.uint8]) -> Pixels:
        if self._corners is not None:
            self._corners.cut(pixels, self._ground)
        return Pixels(self._box.left, self._box.top, pixels)


def _eased(age_ns: int) -> float:
    share = min(1.0, (age_ns + FIRST_STEP_NS) / FADE_NS)
    return 1 - (1 - share) ** 3
