"""Colours by name, and palettes from colours: two to six, ground first, accents last."""

from __future__ import annotations

import colorsys
import tomllib
from dataclasses import dataclass
from hashlib import blake2b
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "COLOURS",
    "MOODS",
    "Named",
    "colour_name",
    "palette_of",
    "speaker_palette",
    "stable_colour",
]

NEAR_TURNS = 0.07
SCHEMES = (0.5, 1 / 3, 0.58, 0.42)
"""How far round the wheel the accent is from the main colour, in turns."""


@dataclass(frozen=True, slots=True)
class Named:
    """One or more colours (``#rrggbb``) that people call by any of ``words``."""

    colours: tuple[str, ...]
    words: tuple[str, ...]
    russian: str


def _read(table: str, colours: str) -> dict[str, Named]:
    text = files("meetbot.painting").joinpath("colours.toml").read_text("utf-8")
    rows = tomllib.loads(text)[table]
    return {
        name: Named(tuple(row[colours]), (*row["en"], *row["ru"]), row["ru"][0])
        for name, row in rows.items()
    }


COLOURS: Mapping[str, Named] = _read("colours", "hex")
"""Colours by their English names."""
MOODS: Mapping[str, Named] = _read("moods", "palette")
"""Ready palettes by their English names."""


def palette_of(named: Sequence[str]) -> tuple[str, ...]:
    """A palette in which ``named`` colours (``#rrggbb``) are seen: a light ground, then they."""
    first, *others = named[:3]
    ground, deep = _shade(first, 0.93, 0.45), _shade(first, 0.28, 0.7)
    if _hls(first)[1] > 0.9:
        ground = first
    accents = others or [_turned(first, SCHEMES[0])]
    return tuple(dict.fromkeys([ground, _shade(first, 0.78, 0.8), first, deep, *accents]))[:6]


def speaker_palette(colour: str, others: Iterable[str] = ()) -> tuple[str, ...]:
    """The palette of one whose colour is ``colour``, told apart from ``others`` who are there.

    Stable: of the same colours comes the same palette. Where another's hue is near, the accent
    lies elsewhere on the wheel, once for each such neighbour that sorts before this one.
    """
    hue = _hls(colour)[0]
    before = [other for other in set(others) if other < colour and _apart(hue, other) < NEAR_TURNS]
    accent = _turned(colour, SCHEMES[len(before) % len(SCHEMES)])
    ground, soft = _shade(colour, 0.94, 0.4), _shade(colour, 0.8, 0.65)
    return (ground, soft, _shade(colour, 0.58, 0.75), _shade(colour, 0.25, 0.55), accent)


def stable_colour(key: str) -> str:
    """A colour for someone who has none: always the same for the same ``key``."""
    hue = blake2b(key.encode(), digest_size=2).digest()
    red, green, blue = colorsys.hls_to_rgb(int.from_bytes(hue) / 65_536, 0.68, 0.8)
    return _hex(red, green, blue)


def colour_name(colour: str) -> str:
    """The English name of the named colour that looks most like ``#rrggbb``."""
    red, green, blue = _rgb(colour)

    def likeness(name: str) -> float:
        r, g, b = _rgb(COLOURS[name].colours[0])
        return 2 * (r - red) ** 2 + 4 * (g - green) ** 2 + 3 * (b - blue) ** 2

    return min(COLOURS, key=likeness)


def _apart(hue: float, other: str) -> float:
    turn = abs(hue - _hls(other)[0])
    return min(turn, 1 - turn)


def _shade(colour: str, lightness: float, saturation: float) -> str:
    """The same hue, as light and at most as colourful as told (0…1 each)."""
    hue, _, own = _hls(colour)
    return _hex(*colorsys.hls_to_rgb(hue, lightness, min(saturation, own)))


def _turned(colour: str, turns: float) -> str:
    """The colour so far round the wheel; of a grey, a warm accent."""
    hue, _, saturation = _hls(colour)
    if saturation < 0.1:
        return "#d98c3f"
    return _hex(*colorsys.hls_to_rgb((hue + turns) % 1, 0.6, 0.75))


def _rgb(colour: str) -> tuple[float, float, float]:
    return (
        int(colour[1:3], 16) / 255,
        int(colour[3:5], 16) / 255,
        int(colour[5:7], 16) / 255,
    )


def _hls(colour: str) -> tuple[float, float, float]:
    return colorsys.rgb_to_hls(*_rgb(colour))


def _hex(red: float, green: float, blue: float) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in (red, green, blue))
