"""Where and when a text plays, and how it feels."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from meetbot.engines.painter.storyboard.reading.names import Name
    from meetbot.engines.painter.storyboard.reading.words import Text
    from meetbot.engines.painter.storyboard.values import (
        Daytime,
        Journey,
        Place,
        Season,
        Weather,
    )

__all__ = ["Circumstances", "circumstances_of"]

_NAMED_PLACE: Final = 0.9
_DESTINATION: Final = 1.3
_CALM: Final = 0.3
_MOST_ACTIONS: Final = 4

_INSIDE: Final = {"kitchen", "home", "office", "school", "hospital", "shop", "cafe"}
"""Places that many a word goes with, so that two votes for another one outweigh them."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """As the fields of a reading."""

    actions: tuple[str, ...]
    place: Place | None
    daytime: Daytime | None
    weather: Weather | None
    season: Season | None
    mood: float
    energy: float


def circumstances_of(
    text: Text, left_out: Iterable[int], names: list[Name], journey: Journey | None
) -> Circumstances:
    """What the words tell of it. ``left_out``: those that are negated."""
    out = set(left_out)
    said = [index for index in range(len(text.tokens)) if index not in out]

    def first(field: str) -> str | None:
        for index in said:
            table: Mapping[str, str] = getattr(text.lexicons[index], field)
            if word := text.tells(index, table):
                return table[word]
        return None

    moods = [value for index in said if (value := _value(text, index, "mood")) is not None]
    energies = [value for index in said if (value := _value(text, index, "energy")) is not None]
    return Circumstances(
        actions=_actions(text, said),
        place=_place(text, said, names, journey),
        daytime=cast("Daytime | None", first("daytime")),
        weather=cast("Weather | None", first("weather")),
        season=cast("Season | None", first("season")),
        mood=round(sum(moods) / len(moods), 2) if moods else 0.0,
        energy=round(sum(energies) / len(energies), 2) if energies else _CALM,
    )


def _value(text: Text, index: int, field: str) -> float | None:
    table: Mapping[str, float] = getattr(text.lexicons[index], field)
    word = text.tells(index, table)
    return table[word] if word else None


def _actions(text: Text, said: list[int]) -> tuple[str, ...]:
    counted: Counter[str] = Counter()
    for index in said:
        table = text.lexicons[index].actions
        spoken = text.tokens[index].word
        if spoken in text.lexicons[index].things and spoken not in table:
            continue
        if word := text.tells(index, table):
            counted.update(table[word][:1])
    return tuple(action for action, _ in counted.most_common(_MOST_ACTIONS))


def _place(text: Text, said: list[int], names: list[Name], journey: Journey | None) -> Place | None:
    votes: dict[str, float] = defaultdict(float)
    for index in said:
        table = text.lexicons[index].places
        if word := text.tells(index, table):
            place = table[word]
            votes[place] += 1.0 if word == place or place not in _INSIDE else 0.8
    for name in names:
        if name.kind:
            to_there = journey is not None and journey.end == name.text
            votes[name.kind] += _DESTINATION if to_there else _NAMED_PLACE
    if not votes:
        return None
    return cast("Place", max(votes, key=lambda place: votes[place]))
