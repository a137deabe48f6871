"""One thing or the other: two cards side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.arranging.page import Box, Spot
from meetbot.engines.painter.storyboard.arranging.placing import in_row
from meetbot.engines.painter.storyboard.arranging.verbs import does
from meetbot.engines.painter.storyboard.values import Panel

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.arranging.cast import Cast
    from meetbot.engines.painter.storyboard.arranging.page import Page
    from meetbot.engines.painter.storyboard.arranging.setting import Setting
    from meetbot.engines.painter.storyboard.values import Reading

__all__ = ["compose", "suits"]

_GAP, _TOP = 0.05, 0.07


def suits(reading: Reading, cast: Cast, setting: Setting) -> float:
    """Two things of about one weight: somebody compares them, or there is nothing else."""
    ranks = _ranks(cast)
    if len(ranks) < 2:
        return 0.0
    first, second = (next(a for a in cast.actors if a.rank == rank) for rank in ranks[:2])
    ratio = second.weight / first.weight if first.weight else 1.0
    if does(reading, "compare"):
        return 0.95 if ratio >= 0.6 else 0.3
    alone = len(ranks) == 2 and first.role == second.role and reading.place is None
    return 0.72 if alone and ratio >= 0.85 and not first.human else 0.0


def compose(page: Page, reading: Reading, cast: Cast) -> None:
    """The two on their cards, beside or over each other; the rest in front, small."""
    one, two = _ranks(cast)[:2]
    halves = [[a for a in cast.actors if a.rank == rank][:3] for rank in (one, two)]
    if page.rng.random() < 0.5:
        halves.reverse()
    rest = [a for a in cast.actors if a.rank not in (one, two) and a.number == 0][:5]
    bottom = 0.66 if rest else 0.82
    for actors, box in zip(halves, _cards(page.width, bottom), strict=True):
        zone = page.zone(_inset(box), level=False, apart=True)
        zone.under.append(
            Panel(
                "card",
                (box.left + box.right) / 2 / page.width,
                (box.top + box.bottom) / 2,
                box.width / page.width,
                box.height,
            )
        )
        in_row(zone, actors)
    if rest:
        zone = page.zone(Box(0.06, bottom - 0.06, page.width - 0.06, 0.9))
        step = page.width / (len(rest) + 1)
        for number, actor in enumerate(rest, 1):
            zone.spots.append(Spot(actor, step * number, 0.83, 0.24 * actor.size**0.3))


def _ranks(cast: Cast) -> list[int]:
    return sorted({actor.rank for actor in cast.actors})


def _cards(width: float, bottom: float) -> tuple[Box, Box]:
    if width >= 0.9:
        middle = width / 2
        return (
            Box(_GAP, _TOP, middle - _GAP / 2, bottom),
            Box(middle + _GAP / 2, _TOP, width - _GAP, bottom),
        )
    middle = (_TOP + bottom) / 2
    return (
        Box(_GAP, _TOP, width - _GAP, middle - _GAP / 2),
        Box(_GAP, middle + _GAP / 2, width - _GAP, bottom),
    )


def _inset(box: Box) -> Box:
    across, down = 0.12 * box.width, 0.1 * box.height
    return Box(box.left + across, box.top + down, box.right - across, box.bottom - down)
