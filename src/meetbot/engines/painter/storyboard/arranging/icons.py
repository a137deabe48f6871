"""What arranging knows about icons by their names: size, manner, facing, clothes, likeness."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.values import Role

__all__ = [
    "Manner",
    "Shape",
    "alike",
    "crowd",
    "is_face",
    "looks_right",
    "manner",
    "mirrors",
    "shape",
    "shown_as",
    "size",
]

Manner = Literal["stand", "back", "ride", "fly", "swim", "lie", "float"]
"""How a thing is in a picture: on the ground, behind all else, on a road, in the air, in water,
on something (or in front), or anywhere."""

Shape = Literal["whole", "bust", "head"]
"""How much of a person an icon shows."""

_DATA = Path(__file__).parent / "data"
_TONE = re.compile(r"-(medium-light|medium-dark|medium|light|dark)$")
_SEX = re.compile(r"^(man|woman|mx)-")
_BY_ROLE: dict[Role, Manner] = {
    "person": "stand",
    "animal": "stand",
    "plant": "stand",
    "food": "lie",
    "vehicle": "ride",
    "building": "back",
    "land": "back",
    "sky": "fly",
    "object": "lie",
    "activity": "stand",
    "symbol": "float",
}
_BEASTS = tuple(
    f"{beast}-face"
    for beast in (
        "cat",
        "dog",
        "cow",
        "pig",
        "mouse",
        "rabbit",
        "monkey",
        "horse",
        "tiger",
        "dragon",
    )
)
_MIRRORED_ROLES = ("person", "animal", "plant", "food", "vehicle", "land", "activity")


@cache
def _icons() -> dict[str, Any]:
    return tomllib.loads((_DATA / "icons.toml").read_text(encoding="utf-8"))


@cache
def _sizes() -> tuple[dict[str, float], dict[str, float]]:
    table = tomllib.loads((_DATA / "sizes.toml").read_text(encoding="utf-8"))
    icons = {icon: int(size) / 100 for size, names in table["icon"].items() for icon in names}
    return table["role"], icons


@cache
def _names(key: str) -> frozenset[str]:
    return frozenset(_icons()[key])


@cache
def _manners() -> dict[str, Manner]:
    return {icon: manner for manner, icons in _icons()["manner"].items() for icon in icons}


def _plain(icon: str) -> str:
    return _TONE.sub("", icon)


def _sexless(icon: str) -> tuple[str, str]:
    """As a table may name it: ``woman-cook`` as ``cook`` or as ``person-cook``."""
    bare = _SEX.sub("", icon)
    return bare, f"person-{bare}"


def size(icon: str, role: Role) -> float:
    """How tall it is drawn, in adults."""
    by_role, by_icon = _sizes()
    plain = _plain(icon)
    return by_icon.get(plain) or by_icon.get(_sexless(plain)[0]) or by_role[role]


def manner(icon: str, role: Role) -> Manner:
    """How it is in a picture."""
    return _manners().get(_plain(icon)) or _BY_ROLE[role]


def shape(icon: str) -> Shape:
    """How much of a person an icon shows."""
    plain = _plain(icon)
    if plain in _names("heads") or is_face(plain):
        return "head"
    busts = _names("busts")
    if plain in busts or any(name in busts for name in _sexless(plain)):
        return "bust"
    return "whole"


def looks_right(icon: str) -> bool:
    """Whether it looks to the right, as few do."""
    return _plain(icon) in _names("right")


def mirrors(icon: str, role: Role) -> bool:
    """Whether it is as good in a mirror."""
    return role in _MIRRORED_ROLES and _plain(icon) not in _names("unmirrored")


def alike(icon: str, number: int) -> str:
    """An icon for the ``number``-th of several; the first is itself."""
    others: list[str] = _icons()["alike"].get(_plain(icon), [icon])
    return icon if number == 0 else others[(number - 1) % len(others)]


def crowd(icon: str) -> int:
    """How many an icon stands for that shows several."""
    number: int = _icons()["crowds"].get(icon, 1)
    return number


def is_face(icon: str) -> bool:
    """Whether it is a smiley, which a figure may wear as its head."""
    return "-face" in icon and "moon-face" not in icon and not icon.endswith(_BEASTS)


def shown_as(icon: str) -> str:
    """The icon that stands for ``icon`` in a scene: itself, but for those that would not do."""
    instead: str = _icons()["instead"].get(_plain(icon), icon)
    return instead
