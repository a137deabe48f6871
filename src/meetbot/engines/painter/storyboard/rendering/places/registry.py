"""Which drawing belongs to which place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.rendering.places.country import COUNTRY
from meetbot.engines.painter.storyboard.rendering.places.free import FREE
from meetbot.engines.painter.storyboard.rendering.places.halls import HALLS
from meetbot.engines.painter.storyboard.rendering.places.land import LAND
from meetbot.engines.painter.storyboard.rendering.places.rooms import ROOMS
from meetbot.engines.painter.storyboard.rendering.places.shore import SHORE
from meetbot.engines.painter.storyboard.rendering.places.town import TOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from meetbot.engines.painter.storyboard.rendering.places.brush import Brush

__all__ = ["PLACES", "paint_place"]

PLACES: Mapping[str, Callable[[Brush], None]] = {
    **LAND,
    **SHORE,
    **COUNTRY,
    **TOWN,
    **ROOMS,
    **HALLS,
    **FREE,
}
"""How to paint each place."""


def paint_place(brush: Brush) -> None:
    """Paint the backdrop of the brush's scene, all of its layers."""
    PLACES.get(brush.scene.place, PLACES["abstract"])(brush)
    brush.canvas.settle()
