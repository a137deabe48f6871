"""The name of the place that is spoken of, on a board by the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.arranging.page import Box
from meetbot.engines.painter.storyboard.values import Sign

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.arranging.page import Page
    from meetbot.engines.painter.storyboard.values import Reading

__all__ = ["put_up_name", "sign_width"]

_HIGH, _BOARD = 0.24, 0.6
_LONGEST = 14


def sign_width(name: str, height: float) -> float:
    """About how wide the board with ``name`` is, in picture heights."""
    return height * (0.32 + 0.19 * len(name))


def put_up_name(page: Page, reading: Reading) -> None:
    """A board with the first name, where there is ground to stand on and none other is."""
    words = {thing.word.casefold() for thing in reading.things}
    names = [n for n in reading.names if len(n) <= _LONGEST and n.casefold() not in words]
    shown = any(isinstance(item, Sign) for item in page.over)
    if not names or shown or page.setting.indoors or page.setting.place in ("abstract", "space"):
        return
    if any(zone.apart for zone in page.zones):
        return
    half = sign_width(names[0], _HIGH) / 2
    x = half + 0.05
    x = x if page.rng.random() < 0.5 else page.width - x
    foot = page.foot(0.42)
    page.over.append(Sign(names[0], x / page.width, foot, _HIGH, depth=0.2))
    page.keep_free(Box(x - half, foot - _HIGH, x + half, foot - (1 - _BOARD) * _HIGH))
