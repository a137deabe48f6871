"""Where and when a scene plays: what the reading says, else what its things and mood suggest."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meetbot.engines.painter.storyboard.arranging.icons import manner
from meetbot.engines.painter.storyboard.values import INDOORS

if TYPE_CHECKING:
    from random import Random

    from meetbot.engines.painter.storyboard.values import (
        Daytime,
        Place,
        Reading,
        Season,
        Thing,
        Weather,
    )

__all__ = ["Setting", "choose_setting"]

_HALLS: frozenset[Place] = frozenset(("station", "airport"))
_QUIET: tuple[Place, ...] = ("field", "mountains", "sea", "park", "abstract", "forest", "desert")
_ROOTED = ("person", "animal", "building", "land", "activity", "vehicle")
_ENOUGH = 0.3
_ICE = (
    "snowman",
    "snowman-without-snow",
    "skier",
    "snowboarder",
    "christmas-tree",
    "sled",
    "santa-claus",
    "snowflake",
)
_NIGHT = (
    "crescent-moon",
    "full-moon",
    "owl",
    "bat",
    "fireworks",
    "night-with-stars",
    "milky-way",
    "first-quarter-moon",
    "star",
)
_DUSK = ("sunset", "cityscape-at-dusk", "jack-o-lantern")


@dataclass(frozen=True, slots=True)
class Setting:
    """The place and its light. ``horizon``: 0 (top) … 1 (bottom)."""

    place: Place
    horizon: float
    daytime: Daytime
    weather: Weather
    season: Season

    @property
    def indoors(self) -> bool:
        """Whether it is in a room, with a floor and a wall."""
        return self.place in INDOORS


@cache
def _places() -> dict[Place, dict[str, Any]]:
    path = Path(__file__).parent / "data" / "places.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))  # type: ignore[return-value]


@cache
def _hints() -> dict[str, Place]:
    return {icon: place for place, about in _places().items() for icon in about["hints"]}


def choose_setting(reading: Reading, rng: Random) -> Setting:
    """The setting of a scene of ``reading``."""
    place = _outside(reading.place or _suggested(reading, rng), reading, rng)
    low, high = _places()[place]["horizon"]
    icons = {thing.icon for thing in reading.things}
    return Setting(
        place,
        rng.uniform(low, high),
        reading.daytime or _daytime(reading, place, icons, rng),
        reading.weather or _weather(reading, place, rng),
        reading.season or ("winter" if place == "snowfield" or icons & set(_ICE) else _season(rng)),
    )


def _outside(place: Place, reading: Reading, rng: Random) -> Place:
    """Not a room where a house or a hill is to be shown; the shore where somebody has to stand."""
    manners = {manner(thing.icon, thing.role) for thing in reading.things}
    houses = any(thing.role in ("building", "land") for thing in reading.things)
    cars = any(t.role == "vehicle" and manner(t.icon, t.role) == "ride" for t in reading.things)
    if (houses and place in INDOORS) or (cars and place in INDOORS - _HALLS):
        return rng.choice(("street", "city", "park"))
    if place == "sea" and manners & {"stand", "back"} - {"swim"}:
        return "beach"
    return place


def _suggested(reading: Reading, rng: Random) -> Place:
    if not reading.things:
        return rng.choice(_QUIET)
    votes: dict[Place, float] = {}
    for thing in reading.things:
        place = _hints().get(thing.icon)
        if place is not None:
            votes[place] = votes.get(place, 0.0) + thing.weight
    if votes:
        best = max(votes, key=lambda place: votes[place])
        if votes[best] >= _ENOUGH * sum(thing.weight for thing in reading.things):
            return best
    return _by_role(reading.things, rng)


def _by_role(things: tuple[Thing, ...], rng: Random) -> Place:
    first = next((thing for thing in things if thing.role in _ROOTED), things[0])
    if first.role == "animal":
        return "sea" if manner(first.icon, first.role) == "swim" else "field"
    if first.role in ("plant", "land"):
        return rng.choice(("field", "park", "forest"))
    if first.role == "building":
        return "street"
    if first.role == "vehicle":
        return "road"
    if first.role == "food":
        return rng.choice(("kitchen", "cafe"))
    if first.role in ("person", "activity"):
        return rng.choice(("park", "street", "home", "field"))
    return "abstract"


def _daytime(reading: Reading, place: Place, icons: set[str], rng: Random) -> Daytime:
    if icons & set(_NIGHT) or place == "space":
        return "night"
    if icons & set(_DUSK):
        return "dusk"
    if icons & {"sunrise", "sunrise-over-mountains"}:
        return "dawn"
    if reading.mood < -0.4:
        return rng.choice(("dusk", "day", "dusk"))
    return rng.choice(("day", "day", "day", "day", "dawn", "dusk"))


def _weather(reading: Reading, place: Place, rng: Random) -> Weather:
    if place == "space":
        return "clear"
    if reading.mood < -0.5:
        return rng.choice(("rain", "clouds", "rain", "fog"))
    if reading.season == "winter" or reading.place == "snowfield":
        return rng.choice(("snow", "clear"))
    if reading.energy > 0.8:
        return rng.choice(("wind", "clear", "clouds"))
    return rng.choice(("clear", "clear", "clouds"))


def _season(rng: Random) -> Season:
    return rng.choice(("summer", "summer", "spring", "autumn"))
