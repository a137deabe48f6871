"""What people do in a reading, by the composition that shows it."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.values import Reading

__all__ = ["Doing", "does"]

Doing = Literal["talk", "think", "travel", "table", "celebrate", "compare"]
_SHOWN: dict[str, Doing] = {
    "speech-balloon": "talk",
    "thought-balloon": "think",
    "thinking-face": "think",
}
"""Things that are as good as a verb."""
_TABLE = Path(__file__).parent / "data" / "verbs.toml"


@cache
def _verbs() -> dict[Doing, frozenset[str]]:
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return {doing: frozenset(verbs) for doing, verbs in table.items()}  # type: ignore[misc]


def does(reading: Reading, doing: Doing, *, first: int | None = None) -> bool:
    """Whether such a verb is among the ``first`` of its actions (or all), or a thing shows it."""
    if any(_SHOWN.get(thing.icon) == doing for thing in reading.things):
        return True
    return not _verbs()[doing].isdisjoint(reading.actions[:first])
