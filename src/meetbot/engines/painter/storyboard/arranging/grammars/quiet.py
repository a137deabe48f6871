"""Nothing to show: a still place with a few small things far away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.arranging.cast import extra
from meetbot.engines.painter.storyboard.arranging.page import Box, Spot
from meetbot.engines.painter.storyboard.arranging.placing import stand

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.arranging.cast import Cast
    from meetbot.engines.painter.storyboard.arranging.page import Page
    from meetbot.engines.painter.storyboard.arranging.setting import Setting
    from meetbot.engines.painter.storyboard.values import Place, Reading

__all__ = ["compose", "suits"]

_FAR: dict[Place, tuple[str, ...]] = {
    "sea": ("sailboat",),
    "desert": ("cactus",),
    "mountains": ("evergreen-tree",),
    "forest": ("evergreen-tree", "deciduous-tree"),
    "field": ("deciduous-tree", "sunflower"),
    "park": ("deciduous-tree", "blossom"),
}


def suits(reading: Reading, cast: Cast, setting: Setting) -> float:
    """There is nothing to show."""
    return 0.0 if cast.actors else 1.0


def compose(page: Page, reading: Reading, cast: Cast) -> None:
    """One or two trees, or a boat, and a pair of birds."""
    rng = page.rng
    zone = page.zone()
    icons = _FAR.get(page.setting.place, ())
    for _ in range(rng.randint(1, 2) if icons else 0):
        actor = extra(rng.choice(icons), "plant", rng)
        across = rng.choice((rng.uniform(0.1, 0.4), rng.uniform(0.6, 0.9)))
        stand(page, zone, actor, across, near=rng.uniform(0.15, 0.5), unit=0.3)
    sky = page.zone(Box(0.1, 0.08, page.width - 0.1, page.horizon - 0.1), level=False)
    for _ in range(0 if page.setting.place == "abstract" else 2):
        bird = extra("dove", "animal", rng)
        x = rng.uniform(0.2, 0.8) * page.width
        sky.spots.append(Spot(bird, x, rng.uniform(0.2, 0.4), 0.06, depth=0.5, grounded=False))
