"""Level strips from edge to edge that things stand on: roads, rails, tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.rendering.colour import shade
from meetbot.engines.painter.storyboard.rendering.shapes import rect

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.rendering.places.brush import Brush
    from meetbot.engines.painter.storyboard.values import Band

__all__ = ["paint_band"]


def paint_band(brush: Brush, band: Band) -> None:
    """Paint it onto the backdrop."""
    brush.canvas.layer()
    {"road": _road, "rails": _rails, "table": _table}[band.kind](brush, band.y, band.height)
    brush.canvas.settle()


def _strip(brush: Brush, material: str, top: float, low: float, light: float = 0.0) -> None:
    brush.canvas.fill(shade(brush.tones[material], light), rect(0, top, brush.wide, low))


def _road(brush: Brush, top: float, tall: float) -> None:
    _strip(brush, "kerb", top, top + tall)
    _strip(brush, "road", top + tall * 0.07, top + tall * 0.93)
    paint, middle = brush.tones["paint"], top + tall / 2
    for x in brush.steps(tall * 0.85, 0.0):
        dash = rect(x, middle - tall * 0.025, x + tall * 0.5, middle + tall * 0.025)
        brush.canvas.fill(paint, dash)


def _rails(brush: Brush, top: float, tall: float) -> None:
    _strip(brush, "kerb", top, top + tall)
    for x in brush.steps(tall * 0.46, 0.0, 160):
        sleeper = rect(x, top + tall * 0.17, x + tall * 0.16, top + tall * 0.83)
        brush.canvas.fill(brush.tones["wood2"], sleeper)
    for part in (0.3, 0.66):
        _strip(brush, "metal2", top + tall * part, top + tall * (part + 0.07))


def _table(brush: Brush, top: float, tall: float) -> None:
    _strip(brush, "wood", top, 1.02, -0.1)
    _strip(brush, "wood", top + tall * 0.55, top + tall * 0.6, -0.16)
    brush.canvas.shaded(
        rect(0, top, brush.wide, top + tall * 0.55),
        (shade(brush.tones["wood"], 0.03), shade(brush.tones["wood"], -0.02)),
    )
    _strip(brush, "wood", top, top + max(0.003, tall * 0.03), 0.09)
