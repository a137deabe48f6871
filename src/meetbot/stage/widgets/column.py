"""Captions set as a column of text, its foot on the foot of the caption area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from meetbot.stage.colour import mix
from meetbot.stage.drawing import Cache, Canvas, Look, disc, pill
from meetbot.stage.scene import current_lines
from meetbot.stage.text import ELLIPSIS
from meetbot.stage.typeset import fit, wrap

if TYPE_CHECKING:
    from meetbot.stage.colour import RGB
    from meetbot.stage.scene import Line, Scene

__all__ = ["Column", "ColumnPainter"]

LEADING = 1.3
ASCENT = 0.98
DIMMING = (0.34, 0.5, 0.64, 0.72)
FADE = 56
CHIP_HEIGHT = 36
CHIP_WIDTH = 420
FILL = 0.8
"""How much of the area the current captions may take before their letters become smaller."""


@dataclass(frozen=True, slots=True)
class _Spec:
    """All that decides how one caption looks."""

    name: str
    colour: RGB | None
    text: str
    size: int
    dim: float
    chip: bool
    being_said: bool
    max_lines: int


@dataclass(frozen=True, slots=True)
class _Block:
    """One caption set. ``end``: where its last line ends, from the left top of ``image``."""

    image: Image.Image
    end: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Column:
    """``tops``: how high each utterance's block reaches above the column's foot.

    ``dots``: left, base line and letter height of each place where speech goes on.
    """

    image: Image.Image
    tops: dict[str, int]
    dots: tuple[tuple[int, int, int], ...]

    def rise_from(self, before: Column) -> int:
        """By how many pixels what was in ``before`` stands higher now."""
        for utterance in reversed(before.tops):
            if utterance in self.tops:
                rise = self.tops[utterance] - before.tops[utterance]
                return max(-self.image.height, min(self.image.height, rise))
        return 0


class ColumnPainter:
    """Sets captions; those that did not change come from a cache."""

    def __init__(self, look: Look, width: int, height: int) -> None:
        self._look, self._width, self._height = look, width, height
        self._images = Cache(24)

    def draw(self, scene: Scene) -> Column:
        """The captions of ``scene`` from the last one upwards, as many as there is room for."""
        look = self._look
        column = Canvas(self._width, self._height, look.layout.theme.background, look.fonts)
        tops: dict[str, int] = {}
        dots: list[tuple[int, int, int]] = []
        foot = self._height
        for line, spec in reversed(self._specs(scene)):
            block = self._set(spec)
            top = foot - block.image.height
            column.image.paste(block.image, (0, top))
            tops[line.utterance_id] = self._height - top
            if spec.being_said and top + block.end[1] > 0:
                dots.append((block.end[0], top + block.end[1], spec.size))
            foot = top
            if foot <= 0:
                break
        if foot < 0:
            self._fade_top(column.image)
        return Column(column.image, dict(reversed(tops.items())), tuple(dots))

    def _specs(self, scene: Scene) -> list[tuple[Line, _Spec]]:
        count = current_lines(scene)
        first = len(scene.lines) - count
        size = self._current_size(scene.lines[first:])
        room = int(self._height / (size * LEADING))
        specs, before = [], None
        for i, line in enumerate(scene.lines):
            current = i >= first
            tint = self._look.layout.theme.tint(line.colour, line.number)
            speaker = (line.name, tint)
            spec = _Spec(
                name=line.name,
                colour=tint,
                text=line.text,
                size=size if current else self._look.layout.type.earlier,
                dim=0.0 if current else DIMMING[min(first - 1 - i, len(DIMMING) - 1)],
                chip=speaker != before or i == first,
                being_said=not line.final,
                max_lines=max(1, room // count - 1) if current and count > 1 else 99,
            )
            specs.append((line, spec))
            before = speaker
        return specs

    def _current_size(self, lines: tuple[Line, ...]) -> int:
        """The largest letters with which ``lines`` leave some room for what was said before."""
        fonts, sizes = self._look.fonts, self._look.layout.type.current
        for size in sizes:
            rows = sum(
                len(wrap(line.text, self._width - size, fonts, size, "SemiBold")) for line in lines
            )
            chips = len(lines) * self._look.px(CHIP_HEIGHT + 38)
            if rows * size * LEADING + chips <= self._height * FILL:
                return size
        return sizes[-1]

    def _set(self, spec: _Spec) -> _Block:
        lines = self._lines(spec)
        image = self._images.get(spec, lambda: self._block(spec, lines))
        wide = self._look.fonts.width(lines[-1], spec.size, _weight(spec))
        base = image.height - round(spec.size * LEADING) + round(spec.size * ASCENT)
        return _Block(image, (round(wide) + round(spec.size * 0.22), base))

    def _lines(self, spec: _Spec) -> list[str]:
        """The text in lines; of more than there may be, the last."""
        fonts, weight = self._look.fonts, _weight(spec)
        room = self._width - (round(spec.size * 1.3) if spec.being_said else 0)
        lines = wrap(spec.text, room, fonts, spec.size, weight)
        if len(lines) > spec.max_lines:
            lines = lines[-spec.max_lines :]
            words = lines[0].split()
            while len(words) > 1 and fonts.width(_cut(words), spec.size, weight) > room:
                words.pop(0)
            lines[0] = _cut(words)
        return lines

    def _above(self, spec: _Spec) -> tuple[int, int]:
        """Space over the chip, and height of the chip with the space under it.

        The same for current and earlier captions, so that only letters change as one ages.
        """
        look = self._look
        return (look.px(22), look.px(CHIP_HEIGHT + 8)) if spec.chip else (look.px(8), 0)

    def _block(self, spec: _Spec, lines: list[str]) -> Image.Image:
        theme = self._look.layout.theme
        over, chip = self._above(spec)
        leading = round(spec.size * LEADING)
        tall = over + chip + leading * len(lines)
        canvas = Canvas(self._width, tall, theme.background, self._look.fonts)
        if chip:
            self._chip(canvas, spec, over)
        shade = max(spec.dim, 0.14 if spec.being_said else 0.0)
        colour = mix(theme.text, theme.background, shade)
        base = over + chip + round(spec.size * ASCENT)
        for i, line in enumerate(lines):
            canvas.text(0, base + i * leading, line, spec.size, colour, _weight(spec))
        return canvas.image

    def _chip(self, canvas: Canvas, spec: _Spec, top: int) -> None:
        look, theme, size = self._look, self._look.layout.theme, self._look.layout.type.chip
        tall, dot, pad = look.px(CHIP_HEIGHT), look.px(10), look.px(14)
        tint = spec.colour or theme.quiet
        strong = spec.dim == 0.0 and spec.colour is not None
        ground = tint if strong else mix(theme.background, tint, 0.2 - 0.12 * spec.dim)
        letters = theme.background if strong else mix(tint, theme.background, spec.dim * 0.7)
        indent = pad + dot + look.px(10)
        name = fit(spec.name, look.px(CHIP_WIDTH) - indent - pad, look.fonts, size, "Bold")
        wide = round(look.fonts.width(name, size, "Bold")) + indent + pad
        canvas.shape(0, top, pill(wide, tall, tall), ground)
        canvas.shape(pad, top + (tall - dot) // 2, disc(dot), letters)
        canvas.text(indent, top + tall / 2 + size * 0.35, name, size, letters, "Bold")

    def _fade_top(self, image: Image.Image) -> None:
        """Let what is cut off at the top go into the ground softly."""
        tall = min(self._look.px(FADE), image.height)
        ramp = Image.linear_gradient("L").resize((image.width, tall))
        strip = image.crop((0, 0, image.width, tall))
        ground = Image.new("RGB", strip.size, self._look.layout.theme.background)
        image.paste(Image.composite(strip, ground, ramp), (0, 0))


def _weight(spec: _Spec) -> str:
    return "SemiBold" if spec.dim == 0.0 else "Medium"


def _cut(words: list[str]) -> str:
    return f"{ELLIPSIS} {' '.join(words)}"
