"""Who and what is in the picture: the things of a reading, counted out and sized."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.arranging import icons
from meetbot.engines.painter.storyboard.arranging.figures import Part, aspect, parts
from meetbot.engines.painter.storyboard.values import Thing

if TYPE_CHECKING:
    from collections.abc import Collection
    from random import Random

    from meetbot.engines.painter.storyboard.arranging.icons import Manner
    from meetbot.engines.painter.storyboard.values import Reading, Role

__all__ = ["BALLOONS", "Actor", "Cast", "blank", "extra", "gather"]

BALLOONS = ("speech-balloon", "left-speech-bubble", "thought-balloon")
"""Drawn as a bubble where people talk."""
_MOST = 9
_MOST_KINDS = 7
_SUBJECTS = 6
_WEAK = 0.12
_RAIN = frozenset({"cloud-with-rain", "cloud-with-lightning-and-rain", "droplet", "high-voltage"})
_FALLING = {
    "snow": frozenset({"snowflake", "cloud-with-snow"}),
    "rain": _RAIN,
    "storm": _RAIN | {"cloud-with-lightning"},
    "fog": frozenset({"fog", "cloud"}),
    "clouds": frozenset({"cloud"}),
    "wind": frozenset({"wind-face", "dashing-away"}),
}
_HOURS = frozenset(
    {"sunset", "sunrise", "sunrise-over-mountains", "cityscape-at-dusk", "night-with-stars"}
)


@dataclass(frozen=True, slots=True)
class Actor:
    """One of the things in a picture. ``rank``: 0 for the one that it is most about.

    ``number``: which of several of its kind. ``size``: in adults.
    """

    icon: str
    role: Role
    manner: Manner
    size: float
    pieces: tuple[Part, ...]
    rank: int = 0
    number: int = 0
    weight: float = 0.5
    aspect: float = 1.0
    """Width by height."""

    @property
    def subject(self) -> bool:
        """Whether the picture must show it."""
        return self.rank < _SUBJECTS and self.number == 0

    @property
    def human(self) -> bool:
        """Whether it can talk and look at others."""
        return self.role == "person" or (self.role == "activity" and self.size >= 0.7)

    def as_bust(self) -> Actor:
        """Without the legs that were given to it."""
        if icons.shape(self.icon) != "bust":
            return self
        pieces = (Part(self.icon, 0.0, 1.0),)
        return replace(self, pieces=pieces, size=self.size * 0.8, aspect=aspect(pieces))


@dataclass(frozen=True, slots=True)
class Cast:
    """All actors, the most important first."""

    actors: tuple[Actor, ...]

    def of(self, *manners: Manner) -> list[Actor]:
        """Those who are in the picture in one of these manners."""
        return [actor for actor in self.actors if actor.manner in manners]

    @property
    def humans(self) -> list[Actor]:
        """Those who can talk."""
        return [actor for actor in self.actors if actor.human]

    @property
    def others(self) -> list[Actor]:
        """Those who cannot."""
        return [actor for actor in self.actors if not actor.human]

    @property
    def topics(self) -> list[Actor]:
        """What can be talked about: all but people and balloons."""
        return [actor for actor in self.others if actor.icon not in BALLOONS]


def blank(width: float) -> Actor:
    """An actor that is not to be seen and takes room, ``width`` times as wide as high."""
    return Actor("", "symbol", "float", 1.0, (), rank=99, aspect=width)


def extra(icon: str, role: Role, rng: Random, worn: Collection[str] = ()) -> Actor:
    """An actor whom the reading does not name, but the composition wants."""
    return _actor(Thing(icon, "", role, 0.1), 90, 0, rng, worn)


def gather(reading: Reading, rng: Random) -> Cast:
    """The cast of ``reading``: weak things are left out, several of one thing are several."""
    things = [thing for n, thing in enumerate(reading.things) if n < 3 or thing.weight >= _WEAK]
    backdrop = _of_the_backdrop(reading)
    things = [thing for thing in things if thing.icon not in backdrop] or things
    things = things[:_MOST_KINDS]
    actors: list[Actor] = []
    shown: set[str] = set()
    room = _MOST - len(things)
    for rank, thing in enumerate(things):
        known = _as_shown(thing)
        if known.icon in shown:
            continue
        shown.add(known.icon)
        copies = min(known.count - 1, room)
        room -= copies
        for number in range(copies + 1):
            worn = {part.icon for actor in actors for part in actor.pieces}
            actors.append(_actor(known, rank, number, rng, worn))
    return Cast(tuple(actors))


def _of_the_backdrop(reading: Reading) -> frozenset[str]:
    """Icons of what a place, a weather, a season or an hour shows by itself."""
    icons = _FALLING.get(reading.weather or "clear", frozenset())
    if reading.season == "winter":
        icons |= _FALLING["snow"]
    if reading.daytime is not None:
        icons |= _HOURS
    if reading.place in ("beach", "sea", "river"):
        icons |= {"water-wave"}
    return icons


def _as_shown(thing: Thing) -> Thing:
    """A thing by the icon that a scene shows it with; faces and shadows become people."""
    icon = icons.shown_as(thing.icon)
    face = thing.role == "symbol" and icons.is_face(icon)
    person = face or (icon != thing.icon and icons.shape(icon) == "head")
    role: Role = "person" if person else thing.role
    count = max(thing.count, icons.crowd(thing.icon))
    if role == "object" and icons.manner(icon, role) == "float":
        count = 1  # two clocks, two charts: said of something else
    return replace(thing, icon=icon, role=role, count=count)


def _actor(thing: Thing, rank: int, number: int, rng: Random, worn: Collection[str] = ()) -> Actor:
    icon = icons.alike(thing.icon, number)
    role = thing.role
    size = icons.size(icon, role) * (1.0 if number == 0 else rng.uniform(0.86, 1.04))
    manner = icons.manner(icon, role)
    pieces = parts(icon, rng, worn) if role in ("person", "activity") else (Part(icon, 0.0, 1.0),)
    return Actor(icon, role, manner, size, pieces, rank, number, thing.weight, aspect(pieces))
