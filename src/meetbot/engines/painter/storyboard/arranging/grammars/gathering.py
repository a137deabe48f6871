"""Things and people together in a place: near and far, each at its own size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.arranging.placing import (
    PLACES_ACROSS,
    air,
    nearness_of,
    stand,
    unit_for,
)

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.arranging.cast import Cast
    from meetbot.engines.painter.storyboard.arranging.page import Page
    from meetbot.engines.painter.storyboard.arranging.setting import Setting
    from meetbot.engines.painter.storyboard.values import Reading

__all__ = ["compose", "suits"]


def suits(reading: Reading, cast: Cast, setting: Setting) -> float:
    """Whatever stands somewhere."""
    if not cast.actors or setting.place == "abstract":
        return (0.5 if cast.humans else 0.1) if cast.actors else 0.0
    return 0.5


def compose(page: Page, reading: Reading, cast: Cast) -> None:
    """The first at a third, the others about it; what flies or floats is above."""
    rng = page.rng
    grounded = cast.of("stand", "back", "ride", "swim", "lie")
    unit = unit_for(len(grounded), page.width)
    zone = page.zone(zooms=True)
    mirrored = rng.random() < 0.5
    for number, actor in enumerate(grounded):
        across = PLACES_ACROSS[number % len(PLACES_ACROSS)] + rng.uniform(-0.03, 0.03)
        across = 1 - across if mirrored else across
        stand(page, zone, actor, across, near=nearness_of(page, actor), unit=unit)
    air(page, cast.of("fly", "float"))
