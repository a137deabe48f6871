"""English words that no icon is known by: the icon whose words mean nearly the same."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Final

from meetbot.engines.painter.storyboard.reading.keywords import Named
from meetbot.models.minilm import MiniLm, WordVectors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.engines.painter.storyboard.reading.keywords import Keywords

__all__ = ["MODEL", "Nearness"]

MODEL: Final = "minilm-l6"

_LEAST: Final = 0.52
"""Cosine below which two words have too little in common."""

_NEAREST: Final = 8
_REMEMBERED: Final = 4096
_BEHIND: Final = 0.12
"""How far behind the nearest word another still counts for its icon."""


class Nearness:
    """Sentence vectors of single words. The network is opened when the first is needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._words = WordVectors.open(folder)
        self._row = {word: row for row, word in enumerate(self._words.words)}
        self._near: dict[str, tuple[tuple[str, float], ...]] = {}

    @cached_property
    def _network(self) -> MiniLm:
        return MiniLm.open(self._folder)

    def alike(self, one: str, other: str) -> float | None:
        """Cosine of two of the icons' own words; None where either is none of them."""
        rows = self._row.get(one), self._row.get(other)
        if rows[0] is None or rows[1] is None:
            return None
        return float(self._words.vectors[rows[0]] @ self._words.vectors[rows[1]])

    def find(self, words: Sequence[str], keywords: Keywords) -> list[Named | None]:
        """Of each word, what the words nearest to it name together.

        The strength is the cosine of the nearest; None where even that is far.
        """
        near = self._search(words)
        return [_voted(others, keywords) for others in near]

    def _search(self, words: Sequence[str]) -> list[tuple[tuple[str, float], ...]]:
        """The nearest of the icons' words and their cosines, of each word."""
        fresh = [word for word in dict.fromkeys(words) if word not in self._near]
        if len(self._near) + len(fresh) > _REMEMBERED:
            self._near.clear()
            fresh = list(dict.fromkeys(words))
        real = [word for word in fresh if 2 * self._network.pieces(word) <= len(word)]
        vectors = self._network.embed(real)
        self._near.update(dict.fromkeys(fresh, ()))
        self._near.update(
            (word, self._nearest(vector)) for word, vector in zip(real, vectors, strict=True)
        )
        return [self._near[word] for word in words]

    def _nearest(self, vector: NDArray[np.float32]) -> tuple[tuple[str, float], ...]:
        cosines = self._words.vectors @ vector
        rows = cosines.argsort()[::-1][:_NEAREST]
        best = float(cosines[rows[0]])
        if best < _LEAST:
            return ()
        return tuple(
            (self._words.words[row], float(cosines[row]))
            for row in rows
            if cosines[row] > best - _BEHIND
        )


def _voted(near: tuple[tuple[str, float], ...], keywords: Keywords) -> Named | None:
    votes: dict[tuple[str, ...], float] = defaultdict(float)
    for word, cosine in near:
        if named := keywords.find(word):
            votes[named.icons] += cosine
    if not votes:
        return None
    return Named(max(votes, key=lambda icons: votes[icons]), near[0][1], "tag")
