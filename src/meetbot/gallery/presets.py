"""How someone likes to be painted: as people write it, and as the store keeps it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from meetbot.core.errors import InputError
from meetbot.core.pictures import PaintPreset
from meetbot.painting.context import clean
from meetbot.painting.palettes import COLOURS, MOODS, palette_of
from meetbot.wording.words import stem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from meetbot.painting.palettes import Named

__all__ = [
    "KEYS",
    "from_values",
    "parse_palette",
    "parse_seed",
    "parse_strength",
    "parse_subjects",
    "to_values",
]

T = TypeVar("T")
U = TypeVar("U")

KEYS = tuple(
    f"paint.{name}" for name in ("palette", "style", "likes", "dislikes", "seed", "strength")
)
"""What is kept under a person's presets."""
HEX = re.compile(r"#[0-9a-fA-F]{6}\b")
MOST_COLOURS = 6
MOST_SUBJECTS = 12
MOST_LETTERS = 80
MOST_SEED = 2**31 - 1


def to_values(preset: PaintPreset) -> dict[str, str | None]:
    """For each of ``KEYS`` its text; None: nothing to keep. References are kept elsewhere."""
    texts = (
        " ".join(preset.palette),
        preset.style,
        ", ".join(preset.likes),
        ", ".join(preset.dislikes),
        None if preset.seed is None else str(preset.seed),
        None if preset.strength is None else f"{preset.strength:g}",
    )
    return {key: text or None for key, text in zip(KEYS, texts, strict=True)}


def from_values(values: Mapping[str, str], references: Sequence[str] = ()) -> PaintPreset:
    """The preset that ``values`` tell; what cannot be understood in them does not count."""
    palette, style, likes, dislikes, seed, strength = (values.get(key, "") for key in KEYS)
    return PaintPreset(
        palette=_or(parse_palette, palette, ()),
        style=style or None,
        likes=_or(parse_subjects, likes, ()),
        dislikes=_or(parse_subjects, dislikes, ()),
        references=tuple(references),
        seed=_or(parse_seed, seed, None),
        strength=_or(parse_strength, strength, None),
    )


def parse_palette(text: str) -> tuple[str, ...]:
    """``#rrggbb`` or names of colours, English or Russian, or a mood such as "warm".

    Up to three colours become a palette in which they are seen. Raises ``InputError``.
    """
    words = [word for word in re.split(r"[\s,;]+", text) if word]
    if len(words) == 1 and (mood := _named(words[0], MOODS)):
        return mood.colours
    found = tuple(dict.fromkeys(_colour(word) for word in words))
    if not found or len(found) > MOST_COLOURS:
        raise InputError(
            f"a palette has one to {MOST_COLOURS} colours, not {len(found)}: "
            'give some, such as "#f2e8d5, #2b5d8a" or "red, gold"'
        )
    exact = all(HEX.fullmatch(word) for word in words)
    return found if exact and len(found) > 1 else palette_of(found) if len(found) < 4 else found


def parse_subjects(text: str) -> tuple[str, ...]:
    """Subjects apart by commas: "cats, mountains". Raises ``InputError``: too many, too long."""
    found = tuple(dict.fromkeys(clean(part) for part in text.split(",")))
    subjects = tuple(part for part in found if part)
    if len(subjects) > MOST_SUBJECTS or any(len(part) > MOST_LETTERS for part in subjects):
        raise InputError(
            f"up to {MOST_SUBJECTS} subjects of {MOST_LETTERS} letters can be kept; give fewer, "
            "apart by commas"
        )
    return subjects


def parse_seed(text: str) -> int:
    """0…2³¹-1. Raises ``InputError``."""
    if not text.isascii() or not text.isdecimal() or int(text) > MOST_SEED:
        raise InputError(f"{text!r} is no seed; give a whole number from 0 to {MOST_SEED}")
    return int(text)


def parse_strength(text: str) -> float:
    """0…1. Raises ``InputError``."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise InputError(f"{text!r} is no strength; give a number from 0 to 1, such as 0.6")
    return value


def _or(parse: Callable[[str], T], text: str, empty: U) -> T | U:
    try:
        return parse(text) if text else empty
    except InputError:
        return empty


def _colour(word: str) -> str:
    if HEX.fullmatch(word):
        return word.lower()
    named = _named(word, COLOURS)
    if named is None:
        raise InputError(
            f"{word!r} is no colour; write it as #rrggbb, or name it: {', '.join(COLOURS)}"
        )
    return named.colours[0]


def _named(word: str, table: Mapping[str, Named]) -> Named | None:
    wanted = stem(word)
    for name, named in table.items():
        if wanted in {stem(one) for one in (name, *named.words)}:
            return named
    return None
