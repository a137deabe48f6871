"""Which drawing belongs to which place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.rendering.places.built import BUILT
from meetbot.engines.painter.storyboard.rendering.places.free import FREE
from meetbot.engines.painter.storyboard.rendering.places.halls import HALLS
from meetbot.engines.painter.storyboard.rendering.places.nature import NATURE
from meetbot.engines.painter.storyboard.rendering.places.rooms import ROOMS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from meetbot.engines.painter.storyboard.rendering.places.brush import Brush

__all__ = ["PLACES", "paint_place"]

PLACES: Mapping[str, Callable[[Brush], None]] = {**NATURE, **BUILT, **ROOMS, **HALLS, **FREE}
"""How to paint each place."""


def paint_place(brush: Brush) -> None:
    """Paint the backdrop of the brush's scene, all of its layers."""
    PLACES.get(brush.scene.place, PLACES["abstract"])(brush)
    brush.canvas.settle()
