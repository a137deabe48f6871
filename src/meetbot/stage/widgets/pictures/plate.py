"""Whose words the picture shows, and that an AI is at work."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import Image

from meetbot.stage.colour import mix
from meetbot.stage.drawing import Canvas, Look, Patch, disc, pill
from meetbot.stage.typeset import fit
from meetbot.stage.widgets.slide import Slide

if TYPE_CHECKING:
    from meetbot.stage.colour import RGB
    from meetbot.stage.layout import Box
    from meetbot.stage.picture_scene import PictureScene, Shown

__all__ = ["FloatingMark", "FloatingPlate", "MarkWidget", "PlateWidget"]

MARK = "AI listens and paints · ИИ слушает и рисует"
INSET = 18


class PlateWidget:
    """The speaker's name in their colour, and under it the words, sliding in with the picture."""

    def __init__(self, look: Look, box: Box) -> None:
        self._look, self._box = look, box
        self._shown: Shown | None = None
        self._image = Image.new("RGB", (box.width, box.height), look.layout.theme.background)
        self._slide: Slide | None = None

    def paint(self, scene: PictureScene, now_ns: int) -> list[Patch]:
        """See ``Widget``."""
        ground = self._look.layout.theme.background
        if scene.current is not None and scene.current is not self._shown:
            before = self._image if self._slide is None else self._slide.image(now_ns)
            self._shown = scene.current
            self._image, _ = _plate(self._look, self._box, scene.current, ground)
            self._slide = Slide(before, self._image, self._look.px(12), now_ns, ground)
        if self._slide is None:
            return []
        image = self._slide.image(now_ns)
        if self._slide.over(now_ns):
            self._slide = None
        return [Patch(self._box.left, self._box.top, image)]


class FloatingPlate:
    """The same on a ground of its own, no wider than it needs."""

    def __init__(self, look: Look, box: Box) -> None:
        self._look, self._box = look, box
        self._shown: Shown | None = None
        self._patch: Patch | None = None

    def over(self, scene: PictureScene, now_ns: int) -> Patch | None:
        """See ``Overlay``."""
        if scene.current is not self._shown:
            self._shown = scene.current
            self._patch = None if scene.current is None else self._draw(scene.current)
        return self._patch

    def _draw(self, shown: Shown) -> Patch | None:
        box, look = self._box, self._look
        image, wide = _plate(look, box, shown, look.layout.theme.panel, look.px(INSET))
        if not wide:
            return None
        image = image.crop((0, 0, min(box.width, wide + look.px(INSET)), box.height))
        return Patch(box.left, box.top, image, pill(image.width, image.height, look.px(16)))


class MarkWidget:
    """Says, always, that an AI listens and paints: at the right."""

    def __init__(self, look: Look, box: Box) -> None:
        self._look, self._box = look, box
        self._painted = False

    def paint(self, scene: PictureScene, now_ns: int) -> list[Patch]:
        """See ``Widget``."""
        if self._painted:
            return []
        self._painted = True
        return [_mark(self._look, self._box, self._look.layout.theme.background)]


class FloatingMark:
    """The same, over a picture."""

    def __init__(self, look: Look, box: Box) -> None:
        patch = _mark(look, box, look.layout.theme.panel)
        mask = pill(patch.image.width, patch.image.height, patch.image.height)
        self._patch = replace(patch, mask=mask)

    def over(self, scene: PictureScene, now_ns: int) -> Patch | None:
        """See ``Overlay``."""
        return self._patch


def _plate(
    look: Look, box: Box, shown: Shown, ground: RGB, inset: int = 0
) -> tuple[Image.Image, int]:
    """The plate on ``ground``, and how far to the right it goes; 0: there is nothing to say."""
    theme, sizes, fonts = look.layout.theme, look.layout.type, look.fonts
    canvas = Canvas(box.width, box.height, ground, fonts)
    if not shown.name and not shown.words:
        return canvas.image, 0
    tint = theme.tint(shown.colour, None) or theme.quiet
    wide, tall = look.px(6), round(box.height * (0.82 if not inset else 0.62))
    canvas.shape(inset, (box.height - tall) // 2, pill(wide, tall, wide), tint)
    left = inset + wide + look.px(16)
    room = box.width - left - inset
    lines = [
        (shown.name, sizes.title, tint, "Bold"),
        (shown.words, sizes.words, theme.text, "Medium"),
    ]
    lines = [line for line in lines if line[0]]
    step = round(sizes.title * 1.3)
    base = box.height / 2 + sizes.title * 0.34 - (len(lines) - 1) * step / 2
    end = 0.0
    for i, (text, size, colour, weight) in enumerate(lines):
        fitted = fit(text, room, fonts, size, weight)
        end = max(end, canvas.text(left, base + i * step, fitted, size, colour, weight))
    return canvas.image, round(end)


def _mark(look: Look, box: Box, around: RGB) -> Patch:
    theme, size, fonts = look.layout.theme, look.layout.type.notice, look.fonts
    while fonts.width(MARK, size, "SemiBold") > box.width - look.px(56) and size > 6:
        size -= 1
    wide, tall = round(fonts.width(MARK, size, "SemiBold")) + look.px(56), look.px(42)
    ground = mix(theme.background, theme.listening, 0.15)
    canvas = Canvas(wide, tall, around, fonts)
    canvas.shape(0, 0, pill(wide, tall, tall), ground)
    side = look.px(10)
    canvas.shape(look.px(18), (tall - side) // 2, disc(side), theme.listening)
    colour = mix(theme.text, theme.listening, 0.25)
    canvas.text(look.px(38), tall / 2 + size * 0.35, MARK, size, colour, "SemiBold")
    left = box.left + box.width - wide
    return Patch(left, box.top + (box.height - tall) // 2, canvas.image)
