"""Colours as three numbers 0…255."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["RGB", "legible", "mix", "parse_colour"]

RGB = tuple[int, int, int]


def parse_colour(text: str) -> RGB | None:
    """``#rrggbb`` as three numbers 0…255; None for anything else."""
    digits = text.removeprefix("#")
    if len(digits) != 6 or not text.startswith("#"):
        return None
    try:
        value = bytes.fromhex(digits)
    except ValueError:
        return None
    return (value[0], value[1], value[2]) if len(value) == 3 else None


def _luminance(colour: RGB) -> float:
    def linear(value: int) -> float:
        part = value / 255
        return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(value) for value in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@lru_cache(maxsize=256)
def legible(colour: RGB, background: RGB, contrast: float = 5.5) -> RGB:
    """``colour``, mixed with white until its WCAG 2.2 contrast on ``background`` is enough."""
    base = _luminance(background) + 0.05
    for step in range(11):
        mixed = mix(colour, (255, 255, 255), step / 10)
        if (_luminance(mixed) + 0.05) / base >= contrast:
            return mixed
    return (255, 255, 255)


def mix(one: RGB, other: RGB, share: float) -> RGB:
    """``one`` with ``share`` (0…1) of ``other``."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return (red, green, blue)
