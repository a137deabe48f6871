"""Readings to arrange, and what can be measured of the scenes that come of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from hypothesis import strategies as st

from meetbot.engines.painter.storyboard.extents import extent
from meetbot.engines.painter.storyboard.values import (
    Band,
    Bubble,
    Journey,
    Place,
    Reading,
    Role,
    Sprite,
    Thing,
)

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.values import Scene

__all__ = ["ICONS", "READINGS", "Rect", "box", "icons", "reading", "sprites", "thing", "visible"]

ICONS: dict[Role, tuple[str, ...]] = {
    "person": ("man", "woman", "child", "office-worker", "astronaut", "cook", "person-standing"),
    "animal": ("cat", "dog", "cow", "fish", "whale", "bird", "butterfly", "elephant", "bear"),
    "plant": ("deciduous-tree", "tulip", "cactus", "palm-tree", "mushroom"),
    "food": ("pizza", "red-apple", "birthday-cake", "hot-beverage", "spaghetti"),
    "vehicle": ("automobile", "train", "airplane", "ship", "rocket", "bicycle"),
    "building": ("house", "office-building", "school", "castle", "bank"),
    "land": ("mountain", "volcano", "desert-island"),
    "sky": ("sun", "cloud", "rainbow", "crescent-moon", "sunset"),
    "object": ("laptop", "guitar", "key", "chair", "luggage", "calendar", "chart-increasing"),
    "activity": ("person-running", "person-swimming", "person-biking", "woman-dancing"),
    "symbol": ("red-heart", "warning", "light-bulb", "speech-balloon", "crying-face"),
}
_VERBS = ("talk", "travel", "eat", "work", "celebrate", "play", "sleep", "buy", "teach")

Rect = tuple[float, float, float, float]
"""Left, top, right, bottom, in 0…1 of the picture."""


def thing(icon: str, weight: float = 0.6, count: int = 1, role: Role | None = None) -> Thing:
    """A thing by its icon."""
    known = next((role for role, names in ICONS.items() if icon in names), "object")
    return Thing(icon, icon, role or known, weight, count)


def reading(title: str, *things: Thing | str, **about: object) -> Reading:
    """A reading of things, the heaviest first."""
    shown = tuple(
        one if isinstance(one, Thing) else thing(one, 0.9 - 0.15 * number)
        for number, one in enumerate(things)
    )
    return Reading(title, "en", shown, **about)  # type: ignore[arg-type]


@st.composite
def _readings(draw: st.DrawFn) -> Reading:
    pairs = [(role, icon) for role, names in ICONS.items() for icon in names]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=12, unique=True))
    weights = sorted(
        draw(st.lists(st.floats(0, 1), min_size=len(chosen), max_size=len(chosen))), reverse=True
    )
    things = tuple(
        Thing(icon, icon, role, weight, draw(st.integers(1, 5)))
        for (role, icon), weight in zip(chosen, weights, strict=True)
    )
    return Reading(
        draw(st.text(max_size=40)),
        "en",
        things,
        tuple(draw(st.lists(st.sampled_from(_VERBS), max_size=3, unique=True))),
        draw(st.none() | st.sampled_from(get_args(Place))),
        journey=draw(st.none() | st.just(Journey("Chicago", "Texas"))),
        mood=draw(st.floats(-1, 1)),
        energy=draw(st.floats(0, 1)),
    )


READINGS = _readings()


def sprites(scene: Scene) -> list[Sprite]:
    """The icons of a scene, back to front."""
    return [item for item in scene.items if isinstance(item, Sprite)]


def icons(scene: Scene) -> list[str]:
    """Their names."""
    return [sprite.icon for sprite in sprites(scene)]


def box(sprite: Sprite, aspect: float) -> Rect:
    """What a sprite covers."""
    half = sprite.height * extent(sprite.icon).aspect / aspect / 2
    return (sprite.x - half, sprite.y - sprite.height, sprite.x + half, sprite.y)


def visible(scene: Scene, sprite: Sprite, aspect: float, grid: int = 24) -> float:
    """Which share of a sprite's box nothing covers that is drawn after it: 0…1."""
    left, top, right, bottom = box(sprite, aspect)
    after = scene.items[next(n for n, item in enumerate(scene.items) if item is sprite) + 1 :]
    covers: list[Rect] = []
    for item in after:
        if isinstance(item, Sprite):
            covers.append(box(item, aspect))
        elif isinstance(item, Bubble):
            across, down = item.width * 0.45, item.height * 0.45
            covers.append((item.x - across, item.y - down, item.x + across, item.y + down))
        elif isinstance(item, Band):
            covers.append((0.0, item.y, 1.0, item.y + item.height))
    seen = 0
    for row in range(grid):
        y = top + (bottom - top) * (row + 0.5) / grid
        for column in range(grid):
            x = left + (right - left) * (column + 0.5) / grid
            seen += not any(a <= x <= c and b <= y <= d for a, b, c, d in covers)
    return seen / grid**2
