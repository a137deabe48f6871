"""People from head to foot: heads are dressed and busts get legs, put together of icons."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from meetbot.engines.painter.storyboard.arranging.icons import shape
from meetbot.engines.painter.storyboard.extents import extent

if TYPE_CHECKING:
    from random import Random

__all__ = ["Part", "aspect", "parts"]

_TOPS = ("t-shirt", "womans-clothes", "coat", "running-shirt")
_OF_WOMEN = ("dress", "womans-clothes", "t-shirt", "dress", "coat")
_OF_CHILDREN = ("t-shirt", "running-shirt", "t-shirt")
_WHOLE_LENGTH = ("dress", "kimono", "sari")
_HEAD, _TOP, _LEGS, _NECK, _HIPS = 0.42, 0.40, 0.30, 0.58, 0.22


class Part(NamedTuple):
    """A piece of a figure: how far its foot is above the ground, and its height, of the whole."""

    icon: str
    lift: float
    height: float


def parts(icon: str, rng: Random, *, whole: bool = True) -> tuple[Part, ...]:
    """What a figure is made of, back to front; with ``whole`` False busts stay without legs."""
    kind = shape(icon)
    if kind == "head":
        return _dressed(icon, rng)
    if kind == "bust" and whole:
        return (Part("jeans", 0.0, _LEGS), Part(icon, _HIPS, 1 - _HIPS))
    return (Part(icon, 0.0, 1.0),)


def _dressed(head: str, rng: Random) -> tuple[Part, ...]:
    top, legs = _clothes(head, rng)
    if legs is None:
        return (Part(top, 0.0, _NECK + 0.06), Part(head, _NECK, _HEAD))
    return (Part(legs, 0.0, _LEGS), Part(top, _HIPS, _TOP), Part(head, _NECK, _HEAD))


def _clothes(head: str, rng: Random) -> tuple[str, str | None]:
    if head in ("baby", "boy", "child"):
        return rng.choice(_OF_CHILDREN), "shorts"
    if head in ("santa-claus", "mrs-claus", "mx-claus"):
        return "coat", "jeans"
    female = head.startswith("woman") or head in ("girl", "old-woman")
    top = rng.choice(_OF_WOMEN if female else _TOPS[::2])
    return top, None if top in _WHOLE_LENGTH else "jeans"


def aspect(pieces: tuple[Part, ...]) -> float:
    """Width by height of a whole figure."""
    return max(extent(part.icon).aspect * part.height for part in pieces)
