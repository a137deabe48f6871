"""The pictures before this one, and the one that is being painted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from meetbot.stage.colour import mix
from meetbot.stage.drawing import Cache, Canvas, Look, Patch, pill
from meetbot.stage.scaling import covering
from meetbot.stage.typeset import fit, wrap
from meetbot.stage.widgets.pictures.begun import PAINTING, dots, step_at

if TYPE_CHECKING:
    from meetbot.stage.layout import Box
    from meetbot.stage.picture_scene import Begun, PictureScene, Shown

__all__ = ["StripWidget"]

CELLS = 5
GAP = 15
DIMMER = 0.09
"""How much each picture is dimmer than the one after it."""
TURN_NS = 400_000_000
FIRST_STEP_NS = 66_000_000


@dataclass(frozen=True, slots=True)
class _Cell:
    """What one cell shows; equal cells look the same. ``of`` is None where it is empty."""

    of: str | Begun | None
    place: int


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    """A cell that fades from one image into another."""

    old: Image.Image
    new: Image.Image
    since_ns: int


class StripWidget:
    """Cells from top to bottom: what is being painted, then the pictures, the newest first."""

    def __init__(self, look: Look, box: Box) -> None:
        self._look, self._box = look, box
        self._cells: list[_Cell] = []
        self._seen: dict[int, Image.Image] = {}
        self._turns: dict[int, _Turn] = {}
        self._images = Cache(6 * CELLS)
        self._thumbs = Cache(2 * CELLS)
        self._step = -1

    def paint(self, scene: PictureScene, now_ns: int) -> list[Patch]:
        """See ``Widget``."""
        before, self._cells = self._cells, _cells(scene)
        known = {shown.id: shown for shown in scene.earlier}
        for i, cell in enumerate(self._cells):
            if i >= len(before) or cell != before[i]:
                image = self._images.get(cell, lambda cell=cell: self._draw(cell, known))  # type: ignore[misc]
                self._turns[i] = _Turn(self._seen.get(i, image), image, now_ns)
        patches = [self._turned(i, now_ns) for i in list(self._turns)]
        if scene.begun is not None:
            step = step_at(now_ns)
            if step != self._step or patches:
                self._step = step
                patches.append(self._lively(scene.begun, step))
        return patches

    def _turned(self, place: int, now_ns: int) -> Patch:
        """A cell on its way to what it shows next."""
        turn = self._turns[place]
        share = min(1.0, (now_ns - turn.since_ns + FIRST_STEP_NS) / TURN_NS)
        if share >= 1 or turn.old is turn.new:
            del self._turns[place]
            self._seen[place] = turn.new
        else:
            self._seen[place] = Image.blend(turn.old, turn.new, share)
        return self._at(place, self._seen[place])

    @property
    def _tall(self) -> int:
        return (self._box.height - (CELLS - 1) * self._look.px(GAP)) // CELLS

    def _at(self, place: int, image: Image.Image, left: int = 0, top: int = 0) -> Patch:
        down = place * (self._tall + self._look.px(GAP))
        return Patch(self._box.left + left, self._box.top + down + top, image)

    def _draw(self, cell: _Cell, known: dict[str, Shown]) -> Image.Image:
        if cell.of is None:
            return self._frame(
                mix(self._look.layout.theme.background, self._look.layout.theme.panel, 0.6)
            )
        if isinstance(cell.of, str):
            return self._picture(known[cell.of], cell.place)
        return self._painting(cell.of)

    def _frame(self, ground: tuple[int, int, int]) -> Image.Image:
        look, theme = self._look, self._look.layout.theme
        canvas = Canvas(self._box.width, self._tall, theme.background, look.fonts)
        canvas.shape(0, 0, pill(self._box.width, self._tall, look.px(12)), ground)
        return canvas.image

    def _picture(self, shown: Shown, place: int) -> Image.Image:
        look, theme = self._look, self._look.layout.theme
        wide, tall, edge = self._box.width, self._tall, look.px(3)
        tint = theme.tint(shown.colour, None) or theme.quiet
        dim = DIMMER * place
        canvas = Canvas(wide, tall, theme.background, look.fonts)
        canvas.shape(0, 0, pill(wide, tall, look.px(12)), mix(tint, theme.background, dim))
        thumb = self._thumbs.get(shown.id, lambda: self._small(shown, edge))
        thumb = Image.blend(thumb, Image.new("RGB", thumb.size, theme.background), dim)
        canvas.image.paste(thumb, (edge, edge), pill(thumb.width, thumb.height, look.px(10)))
        self._tag(canvas, shown.name, tint)
        return canvas.image

    def _small(self, shown: Shown, edge: int) -> Image.Image:
        size = (self._box.width - 2 * edge, self._tall - 2 * edge)
        return Image.fromarray(covering(shown.pixels, *size))

    def _tag(self, canvas: Canvas, name: str, tint: tuple[int, int, int]) -> None:
        if not name:
            return
        look, theme, small = self._look, self._look.layout.theme, self._look.layout.type.tag
        ground = mix(theme.background, theme.panel, 0.5)
        text = fit(name, canvas.image.width - look.px(36), look.fonts, small, "SemiBold")
        wide, tall = round(look.fonts.width(text, small, "SemiBold")) + look.px(16), look.px(22)
        left, top = look.px(8), canvas.image.height - tall - look.px(8)
        canvas.shape(left, top, pill(wide, tall, look.px(8)), ground)
        canvas.text(left + look.px(8), top + tall / 2 + small * 0.36, text, small, tint, "SemiBold")

    def _painting(self, begun: Begun) -> Image.Image:
        look, theme, sizes = self._look, self._look.layout.theme, self._look.layout.type
        tint = theme.tint(begun.colour, None) or theme.quiet
        ground = mix(theme.background, tint, 0.14)
        canvas = Canvas(self._box.width, self._tall, theme.background, look.fonts)
        canvas.shape(0, 0, pill(self._box.width, self._tall, look.px(12)), ground)
        left, room = look.px(14), self._box.width - look.px(28)
        base = look.px(24)
        if begun.name:
            name = fit(begun.name, room, look.fonts, sizes.tag, "Bold")
            canvas.text(left, base, name, sizes.tag, tint, "Bold")
            base += look.px(20)
        lines = wrap(begun.words, room, look.fonts, sizes.tag, "Medium")
        if len(lines) > 2:
            lines = [lines[0], fit(" ".join(lines[1:]), room, look.fonts, sizes.tag, "Medium")]
        for i, line in enumerate(lines):
            canvas.text(left, base + i * look.px(18), line, sizes.tag, theme.text, "Medium")
        foot = self._tall - look.px(14)
        canvas.text(left + look.px(48), foot, PAINTING, sizes.tag, theme.quiet, "Medium")
        return canvas.image

    def _lively(self, begun: Begun, step: int) -> Patch:
        look, theme = self._look, self._look.layout.theme
        tint = theme.tint(begun.colour, None) or theme.quiet
        image = dots(look, tint, mix(theme.background, tint, 0.14), step)
        return self._at(0, image, look.px(14), self._tall - look.px(14) - image.height)


def _cells(scene: PictureScene) -> list[_Cell]:
    contents: list[str | Begun | None] = [] if scene.begun is None else [scene.begun]
    contents += [shown.id for shown in scene.earlier]
    contents += [None] * CELLS
    return [_Cell(of, place) for place, of in enumerate(contents[:CELLS])]
