"""A board on the wall with what is talked about, and somebody who shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.arranging.cast import extra
from meetbot.engines.painter.storyboard.arranging.page import Box
from meetbot.engines.painter.storyboard.arranging.placing import in_row, stand
from meetbot.engines.painter.storyboard.values import Panel

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.arranging.cast import Cast
    from meetbot.engines.painter.storyboard.arranging.page import Page
    from meetbot.engines.painter.storyboard.arranging.setting import Setting
    from meetbot.engines.painter.storyboard.values import Place, Reading

__all__ = ["compose", "suits"]

_PRESENTERS: dict[Place, str] = {
    "school": "teacher",
    "laboratory": "scientist",
    "hospital": "health-worker",
    "factory": "factory-worker",
}
_ROOMS = ("office", "school", "laboratory", "hospital", "factory", "shop")


def suits(reading: Reading, cast: Cast, setting: Setting) -> float:
    """Symbols weigh most, in a room where boards are."""
    if setting.place not in _ROOMS or not cast.actors:
        return 0.0
    shown = cast.of("float")
    return 0.88 if shown and shown[0].rank <= 1 else 0.0


def compose(page: Page, reading: Reading, cast: Cast) -> None:
    """The board over two thirds of the wall; who and what is not on it stands before it."""
    shown = cast.of("float", "fly")[:4]
    others = [actor for actor in cast.actors if actor not in shown]
    if not any(actor.human for actor in others):
        presenter = _PRESENTERS.get(page.setting.place, "office-worker")
        others.insert(0, extra(presenter, "person", page.rng))
    wide = page.width > 1.1
    left = page.rng.random() < 0.5
    high = min(page.horizon - 0.12, 0.52)
    across = 0.5 if not others else (0.62 if left else 0.38)
    panel = Panel("board", across, 0.07 + high / 2, 0.62 if wide else 0.68, high)
    half = panel.width * page.width / 2 - 0.08
    x = across * page.width
    ground = page.zone()
    inner = Box(x - half, 0.11, x + half, 0.03 + high)
    zone = page.zone(inner, level=False, apart=True)
    zone.under.append(panel)
    in_row(zone, shown)
    page.zones.remove(ground)
    page.zones.append(ground)
    places = (0.14, 0.86, 0.34, 0.66, 0.5, 0.76)
    small = iter(places[2:])
    tall = iter(places[:2])
    for actor in others[:6]:
        place = next(tall if actor.size > 0.6 else small, 0.5)
        unit = (0.66 if wide else 0.5) if actor.human else 0.46
        stand(page, ground, actor, place if left else 1 - place, near=0.95, unit=unit)
