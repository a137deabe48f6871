"""People from head to foot: heads are dressed and busts get legs, put together of icons."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from meetbot.engines.painter.storyboard.arranging.icons import shape
from meetbot.engines.painter.storyboard.extents import extent

if TYPE_CHECKING:
    from collections.abc import Collection
    from random import Random

__all__ = ["Part", "aspect", "parts"]

_OF_MEN = ("t-shirt", "coat", "womans-clothes")
_OF_WOMEN = ("dress", "womans-clothes", "t-shirt", "coat")
_OF_CHILDREN = ("t-shirt", "running-shirt", "womans-clothes")
_WHOLE_LENGTH = ("dress",)
_HEAD, _TOP, _LEGS, _NECK, _HIPS = 0.42, 0.40, 0.30, 0.58, 0.22


class Part(NamedTuple):
    """A piece of a figure: how far its foot is above the ground, and its height, of the whole."""

    icon: str
    lift: float
    height: float


def parts(icon: str, rng: Random, worn: Collection[str] = ()) -> tuple[Part, ...]:
    """What a figure is made of, back to front; in none of the clothes ``worn``, if it can be."""
    kind = shape(icon)
    if kind == "head":
        return _dressed(icon, rng, worn)
    if kind == "bust":
        return (Part("jeans", 0.0, _LEGS), Part(icon, _HIPS, 1 - _HIPS))
    return (Part(icon, 0.0, 1.0),)


def _dressed(head: str, rng: Random, worn: Collection[str]) -> tuple[Part, ...]:
    wardrobe, legs = _wardrobe(head)
    top = rng.choice([one for one in wardrobe if one not in worn] or wardrobe)
    if top in _WHOLE_LENGTH:
        return (Part(top, 0.0, _NECK + 0.06), Part(head, _NECK, _HEAD))
    return (Part(legs, 0.0, _LEGS), Part(top, _HIPS, _TOP), Part(head, _NECK, _HEAD))


def _wardrobe(head: str) -> tuple[tuple[str, ...], str]:
    if head in ("baby", "boy", "child"):
        return _OF_CHILDREN, "shorts"
    if head in ("santa-claus", "mrs-claus", "mx-claus"):
        return ("coat",), "jeans"
    female = head.startswith("woman") or head in ("girl", "old-woman")
    return (_OF_WOMEN if female else _OF_MEN), "jeans"


def aspect(pieces: tuple[Part, ...]) -> float:
    """Width by height of a whole figure."""
    return max(extent(part.icon).aspect * part.height for part in pieces)
