"""Whether an answer keeps to what was said: its names and numbers must occur there."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from num2words import num2words

from meetbot.conversation.vocabulary import vocabulary
from meetbot.wording.words import STOP_WORDS, alike, is_cyrillic, plain, sound, stem, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["Grounds", "Heard", "has_number"]

WORD = re.compile(r"[^\W_]+(?:[’'.,:-][^\W_]+)*")
SAME_SCRIPT = 88.0

SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
SENTENCE_START = re.compile(r"(?:^|[.!?…:]\s+|[\"“«]\s*)$")
NUMBER_WORDS = frozenset(
    stem(word)
    for language in ("en", "ru")
    for number in [*range(11, 21), *range(30, 101, 10), 200, 300, 500, 1000, 1_000_000, 10**9]
    for word in num2words(number, lang=language).split()
) - {stem(word) for word in ("and", "one", "один")}
STARTERS = vocabulary("starters")
CLAIMS = vocabulary("claims")


class Heard:
    """An index of every word said: in which lines, and how it sounds. Grows with the talk."""

    def __init__(self) -> None:
        self._lines: dict[str, set[int]] = defaultdict(set)
        self._by_person: dict[str, set[int]] = defaultdict(set)
        self._sounds: dict[str, dict[str, str]] = defaultdict(dict)
        self._count = 0

    def add(self, person: str, text: str) -> None:
        """One line, said by ``person``."""
        self._by_person[person].add(self._count)
        for word in tokens(text):
            for part in _parts(word):
                known = stem(part)
                self._lines[known].add(self._count)
                if len(heard := sound(part)) > 2:
                    self._sounds[heard[0]].setdefault(known, part)
        self._count += 1

    def lines_with(self, word: str) -> set[int]:
        """Lines with all parts of ``word``, or what sounds like them."""
        lines = [self._lines_with_part(part) for part in _parts(word)]
        return set.intersection(*lines) if lines else set()

    def lines_by(self, person: str) -> set[int]:
        """Lines that ``person`` said."""
        return self._by_person.get(person, set())

    def _lines_with_part(self, part: str) -> set[int]:
        known = stem(part)
        if known in self._lines:
            return self._lines[known]
        cyrillic, found = is_cyrillic(part), set[int]()
        for other, word in self._sounds.get(sound(part)[:1], {}).items():
            foreign = is_cyrillic(word) != cyrillic
            if alike(part, word) if foreign else alike(part, word, SAME_SCRIPT):
                found |= self._lines[other]
        return found


class Grounds:
    """What one answer is held against: all that was heard, and the question.

    ``people`` finds the persons whom a word names. ``beside``: texts that count as said, such as
    the question; ``asked_who``: the answer's people must belong to the names in the question.
    """

    def __init__(
        self,
        heard: Heard,
        people: Callable[[str], Sequence[str]],
        *,
        question: str,
        beside: Iterable[str] = (),
        asked_who: bool = False,
    ) -> None:
        self._heard = heard
        self._people = people
        self._beside = Heard()
        for text in [question, *beside]:
            self._beside.add("", text)
        self._asked = [word for word, _ in _names(question, "")] if asked_who else []

    def hold(self, clause: str, before: str = "") -> bool:
        """Whether all names and numbers of ``clause``, which follows ``before``, were said.

        A name beside a person's in one sentence must occur in what that person said, or in what
        was said of them.
        """
        sentence = SENTENCE_END.split(before)[-1]
        names = _names(sentence + clause, before.removesuffix(sentence))
        if not all(self._known(word) for word, is_name in names if is_name):
            return False
        if not all(self._has_number(word) for word, is_name in names if not is_name):
            return False
        return self._belong_together([word for word, is_name in names if is_name] + self._asked)

    def _known(self, word: str) -> bool:
        return bool(
            self._heard.lines_with(word) or self._beside.lines_with(word) or self._people(word)
        )

    def _belong_together(self, names: list[str]) -> bool:
        of_people = {
            person: self._heard.lines_by(person) | self._heard.lines_with(word)
            for word in names
            for person in self._people(word)
        }
        things = [self._heard.lines_with(word) for word in names if not self._people(word)]
        return not of_people or all(
            not lines or any(lines & theirs for theirs in of_people.values()) for lines in things
        )

    def _has_number(self, word: str) -> bool:
        if self._heard.lines_with(word) or self._beside.lines_with(word):
            return True
        if not word.isdigit():
            return False
        return any(
            all(self._heard.lines_with(part) for part in spelt) for spelt in _spelt(int(word))
        )


def has_number(text: str) -> bool:
    """Whether ``text`` has a number in it, in digits or words."""
    return any(not is_name for _, is_name in _names(text, ""))


def _names(clause: str, before: str) -> list[tuple[str, bool]]:
    """The names (True) and numbers (False) of a clause."""
    found = []
    matches = list(WORD.finditer(clause))
    for index, match in enumerate(matches):
        word = match.group()
        following = matches[index + 1].group() if index + 1 < len(matches) else ""
        if any(letter.isdigit() for letter in word) or stem(word) in NUMBER_WORDS:
            found.append((word, False))
        elif _is_name(word, following, SENTENCE_START.search(before + clause[: match.start()])):
            found.append((word, True))
    return found


def _is_name(word: str, following: str, opens: re.Match[str] | None) -> bool:
    folded = plain(word)
    if not word[0].isupper() or folded.split("'")[0] in STOP_WORDS:
        return False
    if opens is None or word[1:].isupper():
        return True
    return folded not in STARTERS and (not following or plain(following) in CLAIMS)


def _parts(word: str) -> list[str]:
    """The parts of a compound, without a possessive ending."""
    return [part for part in re.split(r"[-'.,:]", plain(word).removesuffix("'s")) if part]


@lru_cache(maxsize=1_000)
def _spelt(number: int) -> tuple[tuple[str, ...], ...]:
    """A number in words, in each language."""
    if number >= 10**12:
        return ()
    return tuple(
        tuple(word for word in tokens(num2words(number, lang=language)) if word != "and")
        for language in ("en", "ru")
    )
