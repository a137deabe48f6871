"""The captions: the current ones large, earlier ones smaller and dimmer above them.

A change is drawn once, as a whole column of text; then the old column slides and fades into the
new one. Between changes only the three dots of unfinished speech are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from meetbot.stage.colour import mix
from meetbot.stage.drawing import Canvas, Look, Patch, disc
from meetbot.stage.widgets.column import Column, ColumnPainter
from meetbot.stage.widgets.invite import InvitePainter
from meetbot.stage.widgets.slide import Slide

if TYPE_CHECKING:
    from PIL import Image

    from meetbot.core.types import BotState
    from meetbot.stage.layout import Box
    from meetbot.stage.scene import Line, Scene

__all__ = ["CaptionsWidget"]

DOTS = 3
DOT_NS = 260_000_000


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is on the column; equal values look the same."""

    lines: tuple[Line, ...]
    anyone: bool = False
    state: BotState | None = None


class CaptionsWidget:
    """All captions there are, or an invitation to speak."""

    def __init__(self, look: Look, box: Box) -> None:
        self._look, self._box = look, box
        self._columns = ColumnPainter(look, box.width, box.height)
        self._invite = InvitePainter(look, box.width, box.height)
        self._shown: _Shown | None = None
        self._column: Column | None = None
        self._image: Image.Image | None = None
        self._slide: Slide | None = None
        self._dots = -1

    def paint(self, scene: Scene, now_ns: int) -> list[Patch]:
        """See ``Widget``."""
        wanted = _wanted(scene)
        if wanted != self._shown:
            self._change(scene, wanted, now_ns)
        patches: list[Patch] = []
        if self._slide is not None:
            patches.append(self._at(0, 0, self._slide.image(now_ns)))
            if self._slide.over(now_ns):
                self._slide = None
            self._dots = -1
        return patches + self._lively(scene, now_ns)

    def _change(self, scene: Scene, wanted: _Shown, now_ns: int) -> None:
        """Set the new column, and let what is shown slide into it."""
        before, column = self._column, self._columns.draw(scene)
        image = column.image if scene.lines else self._invite.draw(scene)
        old, rise = self._image or image, 0
        if before is not None:
            rise = column.rise_from(before)
        if self._slide is not None:
            old = self._slide.image(now_ns)
            rise += self._slide.rest(now_ns)
        ground = self._look.layout.theme.background
        self._slide = Slide(old, image, rise, now_ns, ground)
        self._shown, self._column, self._image = wanted, column, image

    def _lively(self, scene: Scene, now_ns: int) -> list[Patch]:
        """The small moving parts: dots of unfinished speech, or the invitation's bars."""
        if self._slide is not None or self._column is None:
            return []
        if not scene.lines:
            bars = self._invite.bars(now_ns)
            return [] if bars is None else [self._at(bars.left, bars.top, bars.image)]
        phase = now_ns // DOT_NS % (DOTS + 1)
        if phase == self._dots:
            return []
        self._dots = phase
        return [self._dot_patch(left, base, size, phase) for left, base, size in self._column.dots]

    def _dot_patch(self, left: int, base: int, size: int, phase: int) -> Patch:
        theme = self._look.layout.theme
        side = max(3, round(size * 0.17))
        step = round(side * 1.75)
        canvas = Canvas(step * DOTS, side, theme.background, self._look.fonts)
        for i in range(DOTS):
            bright = 0.25 if i < phase else 0.72
            colour = mix(theme.text, theme.background, bright)
            canvas.shape(i * step, 0, disc(side), colour)
        return self._at(left, base - side, canvas.image)

    def _at(self, left: int, top: int, image: Image.Image) -> Patch:
        """``image`` as a patch, with no pixel outside the widget's box."""
        box = self._box
        cut = max(0, -top)
        wide, tall = min(image.width, box.width - left), min(image.height, box.height - top)
        if (cut, wide, tall) != (0, image.width, image.height):
            image = image.crop((0, min(cut, tall - 1), max(1, wide), max(1, tall)))
        return Patch(box.left + left, box.top + max(0, top), image)


def _wanted(scene: Scene) -> _Shown:
    """What of the scene is seen here: with captions, nothing but them."""
    lines = tuple(replace(line, updated_ns=0) for line in scene.lines)
    return _Shown(lines) if lines else _Shown((), bool(scene.seats), scene.state)
