"""Colours in OKLab, where equal steps look equal: one colour at a time, in plain floats."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import NamedTuple

__all__ = ["Lab", "Rgb", "hex_of", "lab", "luminance", "mix", "rgb", "shade", "toned"]

Rgb = tuple[int, int, int]
_HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})")


class Lab(NamedTuple):
    """A colour in OKLab. ``light``: 0…1; ``a`` (green to red), ``b`` (blue to yellow): ±0.4."""

    light: float
    a: float
    b: float

    @property
    def chroma(self) -> float:
        """How far it is from grey."""
        return math.hypot(self.a, self.b)

    @property
    def hue(self) -> float:
        """Its angle, in radians."""
        return math.atan2(self.b, self.a)


@lru_cache(maxsize=4096)
def lab(colour: str) -> Lab:
    """OKLab of ``#rrggbb`` or ``#rgb``. Raises ``ValueError`` for anything else."""
    match = _HEX.fullmatch(colour.strip().lower())
    if match is None:
        raise ValueError(f"not a colour: {colour!r}")
    digits = match[1] if len(match[1]) == 6 else "".join(c * 2 for c in match[1])
    red, green, blue = (_linear(int(digits[i : i + 2], 16) / 255) for i in (0, 2, 4))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return Lab(
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


@lru_cache(maxsize=8192)
def rgb(colour: Lab) -> Rgb:
    """The nearest sRGB colour, 0…255 each; what is out of reach loses chroma, not lightness."""
    light = min(max(colour.light, 0.0), 1.0)
    for step in range(12):
        keep = 1 - step / 11
        linear = _to_linear(Lab(light, colour.a * keep, colour.b * keep))
        if all(-0.002 <= part <= 1.002 for part in linear):
            break
    red, green, blue = (round(255 * _encoded(min(max(part, 0.0), 1.0))) for part in linear)
    return red, green, blue


def hex_of(colour: Lab) -> str:
    """``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*rgb(colour))


def mix(first: Lab, second: Lab, part: float) -> Lab:
    """``part`` (0…1) of the way from the first to the second."""
    return Lab(*(one + (other - one) * part for one, other in zip(first, second, strict=True)))


def shade(colour: Lab, light: float, chroma: float = 1.0) -> Lab:
    """``colour`` lighter by ``light`` (-1…1), with ``chroma`` times its chroma."""
    return Lab(min(max(colour.light + light, 0), 1), colour.a * chroma, colour.b * chroma)


def toned(light: float, chroma: float, hue: float) -> Lab:
    """A colour by lightness, chroma and hue in degrees."""
    angle = math.radians(hue)
    return Lab(light, chroma * math.cos(angle), chroma * math.sin(angle))


def luminance(colour: Lab) -> float:
    """Relative luminance 0…1, of WCAG's contrast ratio."""
    red, green, blue = (_linear(part / 255) for part in rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _to_linear(colour: Lab) -> tuple[float, float, float]:
    light, a, b = colour
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _encoded(part: float) -> float:
    return part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
