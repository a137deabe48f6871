"""People talk: they face each other, and what they talk about is in a bubble between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.arranging.cast import extra
from meetbot.engines.painter.storyboard.arranging.grammars.journey import draw_way
from meetbot.engines.painter.storyboard.arranging.page import Box
from meetbot.engines.painter.storyboard.arranging.placing import in_row, stand
from meetbot.engines.painter.storyboard.arranging.verbs import does
from meetbot.engines.painter.storyboard.values import Bubble

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.arranging.cast import Actor, Cast
    from meetbot.engines.painter.storyboard.arranging.page import Page, Spot
    from meetbot.engines.painter.storyboard.arranging.setting import Setting
    from meetbot.engines.painter.storyboard.values import Reading

__all__ = ["compose", "suits"]

_BETWEEN = (0.5, 0.4, 0.6, 0.33, 0.67)
_ROUND = 0.70
"""How much of a bubble's width and height its rectangular inside has."""


def suits(reading: Reading, cast: Cast, setting: Setting) -> float:
    """Someone speaks or thinks, of something."""
    said = does(reading, "talk", first=2)
    thought = does(reading, "think", first=2)
    if not (said or thought) or not (cast.topics or reading.journey):
        return 0.0
    if len(cast.humans) > 1:
        return 1.0
    return 0.9 if cast.humans else (0.62 if said else 0.5)


def compose(page: Page, reading: Reading, cast: Cast) -> None:
    """Two on both sides, or one at a side; the bubble takes the rest of the page's upper part."""
    thinking = not does(reading, "talk", first=2)
    humans = cast.humans[:4] or _talkers(page, 1 if thinking else 2)
    wide = page.width > 1.25
    high = 0.52 if wide else 0.37
    if wide and reading.journey is not None:
        high = 0.43
    unit = 0.55 if high > 0.5 else (0.43 if wide else 0.39)
    zone = page.zone()
    sides = (0.19, 0.81, 0.08, 0.92, 0.5) if reading.journey is None else (0.2, 0.8, 0.35, 0.65)
    places = sides if len(humans) > 1 else (0.2,)
    mirrored = page.rng.random() < 0.5
    spots: list[Spot] = []
    for human, place in zip(humans, places, strict=False):
        across = 1 - place if mirrored else place
        near = 0.95 if len(spots) < 2 else 0.6
        spots.append(stand(page, zone, human, across, near=near, unit=unit))
    bubble = _bubble(page, spots, thinking=thinking, high=high)
    page.keep_free(_around(bubble, page.width))
    inner = page.zone(_inside(bubble, page.width), level=False, apart=True)
    inner.under.append(bubble)
    topics = sorted([*cast.topics, *cast.humans[len(humans) :]], key=lambda a: not a.subject)
    if reading.journey is not None:
        shown = draw_way(page, inner, reading.journey, topics)
    else:
        shown = topics[: 4 if len(topics) > 5 else 5]
        in_row(inner, shown)
    for number, actor in enumerate(a for a in topics if a not in shown):
        across = _BETWEEN[number % len(_BETWEEN)]
        near = 0.1 if actor.manner == "back" else 0.7
        stand(page, zone, actor, across, near=near, unit=0.4)


def _talkers(page: Page, number: int) -> list[Actor]:
    icons = page.rng.sample(("man", "woman", "person", "woman-red-hair", "man-beard"), number)
    talkers: list[Actor] = []
    for icon in icons:
        worn = {part.icon for talker in talkers for part in talker.pieces}
        talkers.append(extra(icon, "person", page.rng, worn))
    return talkers


def _bubble(page: Page, spots: list[Spot], *, thinking: bool, high: float) -> Bubble:
    speaker = spots[0]
    left, right = 0.04, page.width - 0.04
    top = 0.04
    bottom = top + high
    if page.width > 1.25:
        aside = 0.29 if high > 0.5 else 0.16
        left, right = aside * page.width, (1 - aside) * page.width
        if len(spots) == 1:
            left, right = 0.36 * page.width, 0.96 * page.width
            if speaker.x > page.width / 2:
                left, right = page.width - right, page.width - left
    side = 1 if speaker.x < page.width / 2 else -1
    return Bubble(
        "thought" if thinking else "speech",
        x=(left + right) / 2 / page.width,
        y=(top + bottom) / 2,
        width=(right - left) / page.width,
        height=bottom - top,
        tail_x=(speaker.x + side * 0.4 * speaker.width) / page.width,
        tail_y=speaker.y - speaker.height * (0.9 if thinking else 0.72),
    )


def _around(bubble: Bubble, width: float) -> Box:
    half, tall = bubble.width * width * 0.46, bubble.height * 0.46
    return Box(bubble.x * width - half, bubble.y - tall, bubble.x * width + half, bubble.y + tall)


def _inside(bubble: Bubble, width: float) -> Box:
    half, tall = bubble.width * width * _ROUND / 2, bubble.height * _ROUND / 2
    x = bubble.x * width
    return Box(x - half, bubble.y - tall, x + half, bubble.y + tall)
