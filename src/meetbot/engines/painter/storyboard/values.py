"""What a text is about, and the scene that shows it: the two values between the three steps.

``reading`` makes a ``Reading`` of a text, ``arranging`` makes a ``Scene`` of a reading, and
``rendering`` makes pixels of a scene.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "INDOORS",
    "Arrow",
    "Band",
    "Bubble",
    "Daytime",
    "Item",
    "Journey",
    "Panel",
    "Place",
    "Reading",
    "Role",
    "Scene",
    "Season",
    "Sign",
    "Sprite",
    "Thing",
    "Weather",
]

Role = Literal[
    "person",
    "animal",
    "plant",
    "food",
    "vehicle",
    "building",
    "land",
    "sky",
    "object",
    "activity",
    "symbol",
]
"""What a thing is, which decides where in a scene it may stand."""

Place = Literal[
    "city",
    "street",
    "village",
    "farm",
    "field",
    "park",
    "forest",
    "mountains",
    "desert",
    "beach",
    "sea",
    "river",
    "snowfield",
    "road",
    "space",
    "home",
    "kitchen",
    "office",
    "school",
    "hospital",
    "shop",
    "cafe",
    "station",
    "airport",
    "factory",
    "laboratory",
    "stage",
    "stadium",
    "abstract",
]
"""Where a scene plays; ``abstract`` for talk that plays nowhere."""

INDOORS: frozenset[Place] = frozenset(
    (
        "home",
        "kitchen",
        "office",
        "school",
        "hospital",
        "shop",
        "cafe",
        "factory",
        "laboratory",
        "stage",
        "station",
        "airport",
    )
)
"""Places with a floor and a wall."""

Daytime = Literal["dawn", "day", "dusk", "night"]
Weather = Literal["clear", "clouds", "rain", "storm", "snow", "fog", "wind"]
Season = Literal["spring", "summer", "autumn", "winter"]


@dataclass(frozen=True, slots=True)
class Thing:
    """Something to show. ``icon``: its name in the icon set; ``word``: as it was said.

    ``weight``: 0…1, how much the text is about it; ``count``: how many of it, 1…5.
    """

    icon: str
    word: str
    role: Role
    weight: float
    count: int = 1


@dataclass(frozen=True, slots=True)
class Journey:
    """From one place to another, by their names as written on a sign; either may be empty."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text is about. ``things``: the heaviest first, twelve at most.

    ``actions``: canonical English verbs (``talk``, ``travel``, ``eat``…), the heaviest first.
    ``names``: proper names that could stand on a sign. ``mood``: -1 (sad) … 1 (glad);
    ``energy``: 0 (calm) … 1 (wild). ``title``: 40 characters at most, in ``language``.
    None: the text does not tell.
    """

    title: str
    language: str
    things: tuple[Thing, ...] = ()
    actions: tuple[str, ...] = ()
    place: Place | None = None
    names: tuple[str, ...] = ()
    journey: Journey | None = None
    daytime: Daytime | None = None
    weather: Weather | None = None
    season: Season | None = None
    mood: float = 0.0
    energy: float = 0.3


@dataclass(frozen=True, slots=True)
class Sprite:
    """An icon in a scene. ``x``, ``y``: where the middle of its foot stands, in 0…1 of the picture.

    The foot is the lower edge of what is drawn of the icon (``extents``), not of its 32 × 32 box;
    ``height``: of what is drawn, in picture heights. ``depth``: 0 (in front) … 1 (at the
    horizon), for haze. ``flip``: mirrored left to right. ``turn``: degrees, clockwise, about the
    middle of what is drawn. ``grounded``: it stands on the ground and throws a shadow.
    """

    icon: str
    x: float
    y: float
    height: float
    depth: float = 0.0
    flip: bool = False
    turn: float = 0.0
    grounded: bool = True


@dataclass(frozen=True, slots=True)
class Sign:
    """A name on a board; ``x``, ``y``, ``height``, ``depth`` as of a sprite.

    ``kind``: a road sign with an arrow to the left or right, a place's name, or a speech bubble.
    """

    text: str
    x: float
    y: float
    height: float
    depth: float = 0.0
    kind: Literal["left", "right", "plate", "bubble"] = "plate"


@dataclass(frozen=True, slots=True)
class Band:
    """A level strip from edge to edge that things stand on; ``y``: its upper edge, 0…1.

    A ``table`` is seen from in front and a little from above: its top is the upper half.
    """

    kind: Literal["road", "rails", "table"]
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bubble:
    """Room for what somebody says or thinks of; the sprites in it come after it.

    ``x``, ``y``: its middle; ``width``, ``height``: of the picture's; ``tail_x``, ``tail_y``:
    the mouth or head that it comes from. All 0…1.
    """

    kind: Literal["speech", "thought"]
    x: float
    y: float
    width: float
    height: float
    tail_x: float
    tail_y: float


@dataclass(frozen=True, slots=True)
class Panel:
    """Something flat behind the sprites that come after it: a card, or a board on a wall.

    ``x``, ``y``: its middle; ``width``, ``height``: of the picture's. All 0…1.
    """

    kind: Literal["card", "board"]
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one point to another, 0…1; ``bend``: -1 (up) … 1 (down), how far it leaves the line."""

    x: float
    y: float
    end_x: float
    end_y: float
    bend: float = 0.0


Item = Sprite | Sign | Band | Bubble | Panel | Arrow
"""Whatever a scene is made of."""


@dataclass(frozen=True, slots=True)
class Scene:
    """All that is in a picture. ``items``: back to front. ``horizon``: 0 (top) … 1 (bottom)."""

    place: Place
    title: str
    language: str
    items: tuple[Item, ...]
    horizon: float
    daytime: Daytime = "day"
    weather: Weather = "clear"
    season: Season = "summer"
    mood: float = 0.0
    energy: float = 0.3
    seed: int = 0
