"""How something is to be painted: a style and colours, by the names that people give them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from meetbot.painting.palettes import COLOURS, MOODS, palette_of
from meetbot.wording.words import is_cyrillic, parts, plain, stem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Manner", "Manners"]

LONGEST_NAME = 4
UNMISTAKABLE = 8
"""Letters: style names as long as this are hardly meant as anything else."""

_Stems = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manner:
    """``palette``: empty where no colour is named. ``colours``: their names, as they are told.

    ``certain``: it cannot well be anything but a manner of painting.
    """

    style: str | None
    palette: tuple[str, ...]
    colours: str
    certain: bool


class Manners:
    """Reads manners. ``styles``: what each is called.

    Beside the names may stand ``fillers``, and nouns that tell what is named: with a colour's, a
    word that is both a style and a mood of colours ("pastel tones") is the mood.
    """

    def __init__(
        self,
        styles: Mapping[str, Sequence[str]],
        *,
        fillers: frozenset[str],
        colour_nouns: frozenset[str],
        style_nouns: frozenset[str],
    ) -> None:
        self._styles = {
            _stems(alias): name for name, aliases in styles.items() for alias in (name, *aliases)
        }
        tables = {**MOODS, **COLOURS}
        self._names = {_stems(word): name for name, row in tables.items() for word in row.words}
        self._colour_nouns = frozenset(stem(word) for word in colour_nouns)
        self._nouns = self._colour_nouns | {stem(word) for word in style_nouns}
        self._fillers = self._nouns | {stem(word) for word in fillers}

    def read(self, text: str) -> Manner | None:
        """The manner that ``text`` names; None where it says anything else, or nothing."""
        left = list(_stems(text))
        if self._colour_nouns & set(left):
            names, styles = _taken(left, self._names), _taken(left, self._styles)
        else:
            styles, names = _taken(left, self._styles), _taken(left, self._names)
        colours = [name for name in names if name in COLOURS]
        moods = [name for name in names if name in MOODS][:1]
        if set(left) - self._fillers - {""} or not (styles or moods or colours):
            return None
        certain = bool(self._nouns & set(left)) or any(
            len(word) >= UNMISTAKABLE for word in text.split() if _stems(word) in self._styles
        )
        palette: tuple[str, ...] = ()
        if colours:
            palette = palette_of([COLOURS[name].colours[0] for name in colours])
        elif moods:
            palette = MOODS[moods[0]].colours
        moods = [] if colours else moods
        return Manner(next(iter(styles), None), palette, _told(colours, moods, text), certain)


def _stems(text: str) -> _Stems:
    return tuple(stem(part) for part in parts(plain(text)))


def _taken(words: list[str], names: Mapping[_Stems, str]) -> list[str]:
    """All names that occur in ``words``, in order; the longest first, they are blanked out."""
    found: dict[int, str] = {}
    for length in range(min(LONGEST_NAME, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            name = names.get(tuple(words[start : start + length]))
            if name is not None:
                words[start : start + length] = [""] * length
                found[start] = name
    return list(dict.fromkeys(found[start] for start in sorted(found)))


def _told(colours: Sequence[str], moods: Sequence[str], text: str) -> str:
    """The colours as they are told back."""
    if is_cyrillic(text):
        return ", ".join({**MOODS, **COLOURS}[name].russian for name in (*colours, *moods))
    return " and ".join(colours) or " and ".join(f"{name} colours" for name in moods)
