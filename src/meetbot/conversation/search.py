"""Finding what was said: BM25 (Robertson and Zaragoza 2009) over sentences of the meeting."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meetbot.wording.words import (
    STOP_WORDS,
    alike,
    content_stems,
    is_cyrillic,
    plain,
    stem,
    tokens,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from meetbot.conversation.memory import Line

__all__ = ["Found", "Searcher", "Sentence"]

K1 = 1.2
B = 0.75
END_OF_SENTENCE = re.compile(r"[^.!?…]+[.!?…]*")


@dataclass(frozen=True, slots=True)
class Found:
    """A sentence of ``line`` that has words asked for; ``matched``: their share, 0…1."""

    line: Line
    text: str
    score: float
    matched: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of ``line``; ``stems``: how often each of its words that carry meaning occurs."""

    line: Line
    text: str
    stems: Counter[str]
    length: int


def split_sentences(text: str) -> list[str]:
    """``text`` at its full stops, exclamation and question marks."""
    return [part.strip() for part in END_OF_SENTENCE.findall(text) if tokens(part)]


class Searcher:
    """An index of ``sentences`` that grows with the talk; names are found in either script."""

    def __init__(self) -> None:
        self.sentences: list[Sentence] = []
        self._documents: Counter[str] = Counter()
        self._names: dict[str, str] = {}
        self._total_length = 0

    def add(self, line: Line) -> None:
        """Index a line by its sentences."""
        for text in split_sentences(line.text):
            stems = Counter(content_stems(text))
            length = sum(stems.values())
            self.sentences.append(Sentence(line, text, stems, length))
            self._documents.update(stems.keys())
            self._total_length += length
            for word in tokens(text):
                if word[0].isupper() and plain(word) not in STOP_WORDS:
                    self._names.setdefault(stem(word), word)

    def knows(self, word: str) -> bool:
        """Whether the word, or a name that sounds like it, was said."""
        return self._in_index(word) is not None

    def find(
        self,
        words: Iterable[str],
        *,
        among: Callable[[Line], bool] = lambda _: True,
        limit: int = 5,
    ) -> list[Found]:
        """The sentences among those wanted with most of ``words``, the best first."""
        asked = {self._in_index(word) or stem(word) for word in words}
        if not asked:
            return []
        found = [
            Found(entry.line, entry.text, score, len(asked & entry.stems.keys()) / len(asked))
            for entry in self.sentences
            if not asked.isdisjoint(entry.stems)
            and among(entry.line)
            and (score := self._score(entry, asked)) > 0
        ]
        found.sort(key=lambda one: (one.score, one.line.start_ns), reverse=True)
        return found[:limit]

    def _in_index(self, word: str) -> str | None:
        asked = stem(word)
        if asked in self._documents:
            return asked
        cyrillic = is_cyrillic(word)
        for known, name in self._names.items():
            if is_cyrillic(name) != cyrillic and alike(name, word):
                return known
        return None

    def _score(self, entry: Sentence, asked: set[str]) -> float:
        mean = self._total_length / len(self.sentences) or 1.0
        norm = K1 * (1 - B + B * entry.length / mean)
        return sum(
            self._weight(word) * count * (K1 + 1) / (count + norm)
            for word in asked
            if (count := entry.stems[word])
        )

    def _weight(self, word: str) -> float:
        holders = self._documents[word]
        return math.log(1 + (len(self.sentences) - holders + 0.5) / (holders + 0.5))
