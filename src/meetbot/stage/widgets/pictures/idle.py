"""What stands where pictures will be, before the first one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, overload

from PIL import Image, ImageDraw, ImageFilter

from meetbot.core.clock import NS_PER_S
from meetbot.stage.colour import mix
from meetbot.stage.drawing import Canvas, Look, Patch, disc

if TYPE_CHECKING:
    from meetbot.stage.colour import RGB

__all__ = ["IdlePainter"]

SAYS = "Pictures of what you talk about will appear here"
SAYS_TOO = "Здесь появятся картинки к вашему разговору"
FINE = 3
DOTS = 3
STEPS = 18
PERIOD_NS = 2 * NS_PER_S
CARD = (250, 160)
CARDS = ((-13, -150, 22, 2), (12, 150, 20, 3), (-1, 0, 0, 0))
"""Of each card: its turn in degrees, how far it stands from the middle, its colour's number."""


class IdlePainter:
    """Three small pictures that nobody has painted yet, and a line that says what will come."""

    def __init__(self, look: Look, width: int, height: int) -> None:
        self._look, self._width, self._height = look, width, height
        self._step = -1
        self.image = self._draw()

    @overload
    def dots(self, now_ns: int, *, first: Literal[True]) -> Patch: ...
    @overload
    def dots(self, now_ns: int, *, first: bool = False) -> Patch | None: ...
    def dots(self, now_ns: int, *, first: bool = False) -> Patch | None:
        """The waiting dots as they stand now; None: as last time."""
        step = now_ns * STEPS // PERIOD_NS % STEPS
        if step == self._step and not first:
            return None
        self._step = step
        look, theme = self._look, self._look.layout.theme
        side, gap = look.px(12), look.px(14)
        canvas = Canvas(DOTS * side + (DOTS - 1) * gap, side, theme.panel, look.fonts)
        for i in range(DOTS):
            swell = 0.5 + 0.5 * math.sin(2 * math.pi * (step / STEPS - i / 6))
            colour = mix(theme.panel, theme.accent, 0.25 + 0.65 * swell)
            canvas.shape(i * (side + gap), 0, disc(side), colour)
        left = (self._width - canvas.image.width) // 2
        return Patch(left, round(self._height * 0.875), canvas.image)

    def _draw(self) -> Image.Image:
        look, theme, sizes = self._look, self._look.layout.theme, self._look.layout.type
        canvas = Canvas(self._width, self._height, theme.panel, look.fonts)
        middle, top = self._width / 2, self._height * 0.36
        for turn, across, down, number in CARDS:
            self._card(
                canvas.image,
                turn,
                middle + look.px(1) * across * look.layout.scale,
                top + down * look.layout.scale,
                theme.palette[number],
            )
        base = self._height * 0.71
        room = self._width * 0.92
        size = sizes.invite
        while look.fonts.width(SAYS, size, "Bold") > room and size > 6:
            size -= 1
        canvas.text_middle(middle, base, SAYS, size, theme.text, "Bold")
        low = base + look.px(46)
        canvas.text_middle(middle, low, SAYS_TOO, sizes.invite_hint, theme.quiet, "Medium")
        return canvas.image

    def _card(self, onto: Image.Image, turn: float, x: float, y: float, colour: RGB) -> None:
        look = self._look
        wide, tall = look.px(CARD[0]) * FINE, look.px(CARD[1]) * FINE
        edge, radius = look.px(8) * FINE, look.px(18) * FINE
        card = _landscape(wide, tall, colour, look.layout.theme.panel)
        mask = Image.new("L", (wide, tall), 0)
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, wide - 1, tall - 1), radius, fill=255)
        inner = Image.new("L", (wide, tall), 0)
        box = (edge, edge, wide - 1 - edge, tall - 1 - edge)
        ImageDraw.Draw(inner).rounded_rectangle(box, radius - edge, fill=255)
        paper = Image.new("RGB", (wide, tall), mix(colour, (255, 255, 255), 0.78))
        paper.paste(card, (0, 0), inner)
        how = Image.Resampling.BICUBIC
        paper, mask = paper.rotate(turn, how, expand=True), mask.rotate(turn, how, expand=True)
        size = (paper.width // FINE, paper.height // FINE)
        paper, mask = (
            paper.resize(size, Image.Resampling.BOX),
            mask.resize(size, Image.Resampling.BOX),
        )
        left, top = round(x - size[0] / 2), round(y - size[1] / 2)
        _shade(onto, mask, left, top + look.px(10), look.px(14))
        onto.paste(paper, (left, top), mask)


def _shade(onto: Image.Image, mask: Image.Image, left: int, top: int, blur: int) -> None:
    wide = Image.new("L", (mask.width + 4 * blur, mask.height + 4 * blur), 0)
    wide.paste(mask.point(lambda value: value * 0.5), (2 * blur, 2 * blur))
    onto.paste(
        (4, 6, 9), (left - 2 * blur, top - 2 * blur), wide.filter(ImageFilter.GaussianBlur(blur))
    )


def _landscape(wide: int, tall: int, colour: RGB, ground: RGB) -> Image.Image:
    """A sky, a sun and two hills, in shades of one colour."""
    image = Image.new("RGB", (wide, tall), mix(colour, (255, 255, 255), 0.3))
    draw = ImageDraw.Draw(image)
    bands = 24
    for i in range(bands):
        shade = mix(mix(colour, ground, 0.25), mix(colour, (255, 255, 255), 0.6), i / bands)
        draw.rectangle((0, tall * i // bands, wide, tall * (i + 1) // bands), fill=shade)
    sun = tall * 0.15
    x, y = wide * 0.7, tall * 0.36
    draw.ellipse((x - sun, y - sun, x + sun, y + sun), fill=mix(colour, (255, 255, 255), 0.85))
    for height, lean, share in ((0.55, 0.15, 0.35), (0.72, 0.6, 0.62)):
        points = [(0.0, float(tall))]
        for i in range(41):
            across = i / 40
            swell = math.sin(2 * math.pi * (across * 0.8 + lean)) * 0.09
            points.append((wide * across, tall * (height - swell)))
        points.append((float(wide), float(tall)))
        draw.polygon(points, fill=mix(colour, ground, share))
    return image
