"""Whether somebody is spoken to by name, as speech recognition spells it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from meetbot.wording.vocabulary import vocabulary
from meetbot.wording.words import plain, sound

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Addressed", "NameFinder"]

TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
SENTENCE = re.compile(r"[^.!?…]+[.!?…]*")
LIKELY = 80.0
CERTAIN = 90.0
CONFUSION = 92.0
MAX_FILLERS = 3
MIN_FUZZY = 4
CONFUSED = str.maketrans("bvgdze", "ppktsi")

FILLERS = vocabulary("fillers")
OPENERS = vocabulary("openers")
ABOUT_IT = vocabulary("about_it")
OBJECT_OF = vocabulary("object_of")


@dataclass(frozen=True, slots=True)
class Addressed:
    """What is said to the one named; ``text`` is empty where only the name was called."""

    text: str


@dataclass(frozen=True, slots=True)
class _Hit:
    """Where a name stands among a sentence's words: from ``first`` up to ``last``, included."""

    first: int
    last: int
    score: float


class NameFinder:
    """Finds ``names`` where they call somebody, not where somebody talks about them.

    ``strict``: for people's names, which are talked about more than they are called: a comma or
    a question's first word has to part the name from the rest.
    """

    def __init__(self, names: Iterable[str], *, strict: bool = False) -> None:
        bare = [re.sub(r"\(.*?\)", "", name) for name in names]
        self._targets = sorted({sound(name) for name in bare} - {""})
        self._longest = 1 + max((len(TOKEN.findall(name)) for name in bare), default=0)
        self._strict = strict

    def addressed(self, text: str) -> Addressed | None:
        """What ``text`` says to the one named, without the name; None: it does not call them."""
        sentences = [match.group() for match in SENTENCE.finditer(text)]
        for index, sentence in enumerate(sentences):
            rest = self._without_call(sentence)
            if rest is None:
                continue
            parts = [*sentences[:index], rest, *sentences[index + 1 :]]
            kept = [part for part in parts if not _is_filler(part)]
            return Addressed(" ".join(_tidy(part) for part in kept))
        return None

    def mentioned(self, text: str) -> bool:
        """Whether a name occurs at all."""
        return self._best(TOKEN.findall(text)) is not None

    def _without_call(self, sentence: str) -> str | None:
        matches = list(TOKEN.finditer(sentence))
        words = [match.group() for match in matches]
        hit = self._best(words)
        if hit is None:
            return None
        before = sentence[: matches[hit.first].start()]
        after = sentence[matches[hit.last].end() :]
        certain = not self._strict and hit.score >= CERTAIN
        if not _calls(hit, certain, [plain(word) for word in words], before, after):
            return None
        if all(plain(word) in FILLERS for word in words[: hit.first]):
            before = ""
        return f"{before.rstrip(' ,:;—–-')} {after.lstrip(' ,:;—–-')}"

    def _best(self, words: list[str]) -> _Hit | None:
        hits = [
            _Hit(first, first + length - 1, score)
            for length in range(1, self._longest + 1)
            for first in range(len(words) - length + 1)
            if (score := self._score("".join(words[first : first + length]))) >= LIKELY
        ]
        return max(hits, key=lambda hit: (hit.score, hit.first - hit.last), default=None)

    def _score(self, word: str) -> float:
        heard = sound(word)
        return max((_likeness(heard, target) for target in self._targets), default=0.0)


def _likeness(heard: str, target: str) -> float:
    """0…100; as good as certain where only sounds differ that recognition confuses."""
    if not heard or heard[0] != target[0]:
        return 0.0
    if len(target) < MIN_FUZZY:
        return 100.0 if heard == target else 0.0
    confused = fuzz.ratio(heard.translate(CONFUSED), target.translate(CONFUSED))
    return max(fuzz.ratio(heard, target), CERTAIN if confused >= CONFUSION else 0.0)


def _is_filler(text: str) -> bool:
    return all(plain(word) in FILLERS for word in TOKEN.findall(text))


def _calls(hit: _Hit, certain: bool, words: list[str], before: str, after: str) -> bool:
    """Whether the name at ``hit`` is called, by its place, the commas and the words beside it."""
    comma_after = bool(re.match(r"\s*[,:;—–-]", after))
    comma_before = bool(re.search(r"[,:;—–-]\s*$", before))
    lead, rest = words[: hit.first], words[hit.last + 1 :]
    asks = after.rstrip().endswith("?")
    if len(lead) <= MAX_FILLERS and all(word in FILLERS for word in lead):
        if not rest or comma_after:
            return True
        if rest[0] in ABOUT_IT:
            return certain and asks and rest[0] not in {"and", "or", "и", "или", "to"}
        return certain or rest[0] in OPENERS
    if not rest:
        return comma_before or (certain and asks and lead[-1] not in OBJECT_OF)
    return comma_before and comma_after


def _tidy(text: str) -> str:
    """One space between words, none before punctuation, a capital first."""
    text = re.sub(r"\s+", " ", text).strip(" ,:;—–-")
    text = re.sub(r"\s+([.,!?…])", r"\1", text)
    return text[:1].upper() + text[1:]
