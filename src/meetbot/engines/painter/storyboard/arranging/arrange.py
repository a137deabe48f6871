"""A scene of a reading: setting and cast are chosen, a grammar lays out, the page is settled."""

from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.arranging.cast import gather
from meetbot.engines.painter.storyboard.arranging.faults import faults
from meetbot.engines.painter.storyboard.arranging.grammars import choose_grammar
from meetbot.engines.painter.storyboard.arranging.page import Page
from meetbot.engines.painter.storyboard.arranging.setting import choose_setting
from meetbot.engines.painter.storyboard.arranging.settle import settle
from meetbot.engines.painter.storyboard.arranging.signpost import put_up_name
from meetbot.engines.painter.storyboard.values import Item, Scene, Sprite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetbot.engines.painter.storyboard.arranging.cast import Cast
    from meetbot.engines.painter.storyboard.arranging.grammars import Grammar
    from meetbot.engines.painter.storyboard.arranging.page import Spot
    from meetbot.engines.painter.storyboard.values import Reading

__all__ = ["arrange"]

_SKETCHES = 4
_SECOND_BEST = 0.2


def arrange(reading: Reading, seed: int, aspect: float) -> Scene:
    """The composition of a picture of ``reading``, ``aspect`` times as wide as it is high.

    Pure: the same reading, seed and aspect make the same scene. Whatever the reading is most about
    is shown, inside the picture and not hidden.
    """
    page = _best_sketch(reading, seed, aspect)
    setting = page.setting
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


def _best_sketch(reading: Reading, seed: int, aspect: float) -> Page:
    """The best of a few layouts: one that suits less well must have clearly fewer faults."""
    tried: list[Grammar] = []
    best, least = None, math.inf
    for attempt in range(_SKETCHES):
        page, cast, grammar = _sketch(reading, seed, aspect, tried)
        wrong = faults(page, cast)
        cost = wrong + _SECOND_BEST * max(attempt - 1, 0)
        if best is None or cost < least:
            best, least = page, cost
        if wrong == 0.0:
            break
        tried.append(grammar)
    return best or page


def _sketch(
    reading: Reading, seed: int, aspect: float, tried: Sequence[Grammar]
) -> tuple[Page, Cast, Grammar]:
    """One layout; the best grammar has a second try, the others have one."""
    chance = f"{seed}|{reading.title}|{[thing.icon for thing in reading.things]}|{len(tried)}"
    rng = Random(chance)  # noqa: S311 - chance of a layout
    page = Page(aspect, choose_setting(reading, rng), rng)
    cast = gather(reading, rng)
    grammar = choose_grammar(reading, cast, page, without=tried[1:])
    grammar.compose(page, reading, cast)
    put_up_name(page, reading)
    settle(page)
    return page, cast, grammar


def _items(page: Page) -> tuple[Item, ...]:
    items: list[Item] = list(page.under)
    for zone in page.zones:
        items += zone.under
        for spot in zone.drawn:
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
