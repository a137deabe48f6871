"""Who is in the room, with a ring round those who speak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from meetbot.stage.colour import mix
from meetbot.stage.drawing import Cache, Canvas, Look, Patch, disc, pill, ring
from meetbot.stage.scene import LEVEL_STEPS, level_step
from meetbot.stage.text import initials
from meetbot.stage.typeset import fit

if TYPE_CHECKING:
    from PIL import Image

    from meetbot.stage.colour import RGB
    from meetbot.stage.layout import Box
    from meetbot.stage.scene import Scene, Seat

__all__ = ["RosterWidget"]

MIN_CELL = 176
MAX_CELL = 300
MORE_CELL = 84


@dataclass(frozen=True, slots=True)
class _Cell:
    """What one cell shows; equal cells look the same."""

    name: str
    colour: RGB
    is_bot: bool
    step: int
    width: int
    more: bool = False


class RosterWidget:
    """Cells from left to right; those for whom there is no room are counted in a last one."""

    def __init__(self, look: Look, box: Box) -> None:
        self._look, self._box = look, box
        self._shown: tuple[_Cell, ...] = ()
        self._images = Cache(192)

    def paint(self, scene: Scene, now_ns: int) -> list[Patch]:
        """See ``Widget``."""
        cells = self._cells(scene.seats, now_ns)
        shown, self._shown = self._shown, cells
        if cells == shown:
            return []
        box, left, patches = self._box, 0, []
        if [c.width for c in cells] != [c.width for c in shown]:
            ground = Canvas(
                box.width, box.height, self._look.layout.theme.background, self._look.fonts
            )
            patches.append(Patch(box.left, box.top, ground.image))
            shown = ()
        for i, cell in enumerate(cells):
            if i >= len(shown) or shown[i] != cell:
                image = self._images.get(cell, lambda cell=cell: self._draw(cell))  # type: ignore[misc]
                patches.append(Patch(box.left + left, box.top, image))
            left += cell.width
        return patches

    def _cells(self, seats: tuple[Seat, ...], now_ns: int) -> tuple[_Cell, ...]:
        if not seats:
            return ()
        look, theme, room = self._look, self._look.layout.theme, self._box.width
        places = room // look.px(MIN_CELL)
        if len(seats) > places:
            places = (room - look.px(MORE_CELL)) // look.px(MIN_CELL)
        places = max(1, min(places, len(seats)))
        hidden = seats[places:]
        if hidden:
            room -= look.px(MORE_CELL)
        wide = min(look.px(MAX_CELL), room // places)
        cells = [
            _Cell(
                seat.name,
                theme.tint(seat.colour, seat.number) or theme.quiet,
                seat.is_bot,
                level_step(seat, now_ns),
                wide,
            )
            for seat in seats[:places]
        ]
        if hidden:
            step = max(level_step(seat, now_ns) for seat in hidden)
            cells.append(
                _Cell(f"+{len(hidden)}", theme.quiet, False, step, look.px(MORE_CELL), True)
            )
        return tuple(cells)

    def _draw(self, cell: _Cell) -> Image.Image:
        look, theme, sizes = self._look, self._look.layout.theme, self._look.layout.type
        tall = self._box.height
        canvas = Canvas(cell.width, tall, theme.background, look.fonts)
        around = min(tall, look.px(76))
        top = (tall - around) // 2
        if cell.step:
            share = cell.step / (LEVEL_STEPS - 1)
            glow = mix(theme.background, cell.colour, 0.12 + 0.16 * share)
            canvas.shape(0, top, disc(around), glow)
            line = ring(around - look.px(8), look.px(2) + look.px(4) * share)
            canvas.shape(look.px(4), top + look.px(4), line, cell.colour)
        face = look.px(54)
        inset = (around - face) // 2
        ground = mix(theme.background, cell.colour, 0.34 if cell.step else 0.2)
        canvas.shape(inset, top + inset, disc(face), ground)
        mark = cell.name if cell.more else initials(cell.name)
        base = tall / 2 + sizes.seat * 0.35
        canvas.text_middle(around / 2, base, mark, sizes.seat, cell.colour, "Bold")
        if not cell.more:
            self._name(canvas, cell, around + look.px(8))
        if cell.is_bot:
            self._tag(canvas, around / 2, top + inset + face)
        return canvas.image

    def _name(self, canvas: Canvas, cell: _Cell, left: int) -> None:
        """The name on one line, or smaller on two."""
        look, sizes = self._look, self._look.layout.type
        room = cell.width - left - look.px(14)
        colour = look.layout.theme.text if cell.step else look.layout.theme.quiet
        size, lines = sizes.seat, [cell.name]
        if look.fonts.width(cell.name, size, "SemiBold") > room:
            size = sizes.seat_small
            lines = [fit(x, room, look.fonts, size, "SemiBold") for x in _two_lines(cell.name)]
        step = round(size * 1.25)
        base = self._box.height / 2 + size * 0.35 - (len(lines) - 1) * step / 2
        for i, line in enumerate(lines):
            canvas.text(left, base + i * step, line, size, colour, "SemiBold")

    def _tag(self, canvas: Canvas, middle: float, foot: int) -> None:
        """Says at the foot of a picture that this one is an AI as well."""
        look, theme = self._look, self._look.layout.theme
        wide, tall, size = look.px(32), look.px(20), look.px(13)
        left, top = round(middle - wide / 2), foot - tall + look.px(4)
        edge = look.px(3)
        around = pill(wide + 2 * edge, tall + 2 * edge, tall)
        canvas.shape(left - edge, top - edge, around, theme.background)
        canvas.shape(left, top, pill(wide, tall, tall), theme.line)
        canvas.text_middle(middle, top + tall / 2 + size * 0.36, "AI", size, theme.quiet, "Bold")


def _two_lines(name: str) -> list[str]:
    """``name`` cut between two words, near its middle."""
    words = name.split()
    if len(words) < 2:
        return [name]
    cuts = [[" ".join(words[:i]), " ".join(words[i:])] for i in range(1, len(words))]
    return min(cuts, key=lambda lines: max(len(line) for line in lines))
