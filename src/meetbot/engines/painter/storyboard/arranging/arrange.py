"""A scene of a reading: setting and cast are chosen, a grammar lays out, the page is settled."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.arranging.cast import gather
from meetbot.engines.painter.storyboard.arranging.grammars import choose_grammar
from meetbot.engines.painter.storyboard.arranging.page import Page
from meetbot.engines.painter.storyboard.arranging.setting import choose_setting
from meetbot.engines.painter.storyboard.arranging.settle import settle
from meetbot.engines.painter.storyboard.values import Item, Scene, Sprite

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.arranging.page import Spot
    from meetbot.engines.painter.storyboard.values import Reading

__all__ = ["arrange"]


def arrange(reading: Reading, seed: int, aspect: float) -> Scene:
    """The composition of a picture of ``reading``, ``aspect`` times as wide as it is high.

    Pure: the same reading, seed and aspect make the same scene. Whatever the reading is most about
    is shown, inside the picture and not hidden.
    """
    rng = Random(f"{seed}|{reading.title}|{[thing.icon for thing in reading.things]}")  # noqa: S311 - chance of a layout
    setting = choose_setting(reading, rng)
    page = Page(aspect, setting, rng)
    choose_grammar(reading, gather(reading, rng), page)(page)
    settle(page)
    return Scene(
        place=setting.place,
        title=reading.title,
        language=reading.language,
        items=_items(page),
        horizon=setting.horizon,
        daytime=setting.daytime,
        weather=setting.weather,
        season=setting.season,
        mood=reading.mood,
        energy=reading.energy,
        seed=seed,
    )


def _items(page: Page) -> tuple[Item, ...]:
    items: list[Item] = list(page.under)
    for zone in page.zones:
        items += zone.under
        spots = sorted(zone.spots, key=lambda spot: spot.y) if zone.level else zone.spots
        for spot in spots:
            items += _sprites(spot, page.width)
    return (*items, *page.over)


def _sprites(spot: Spot, width: float) -> list[Sprite]:
    return [
        Sprite(
            icon=part.icon,
            x=_round(spot.x / width),
            y=_round(spot.y - part.lift * spot.height),
            height=_round(part.height * spot.height),
            depth=_round(spot.depth),
            flip=spot.flip,
            turn=_round(spot.turn),
            grounded=spot.grounded and part.lift == 0.0,
        )
        for part in spot.actor.pieces
    ]


def _round(value: float) -> float:
    return round(value, 4)
