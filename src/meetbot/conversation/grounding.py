"""Whether an answer keeps to what was said: its names and numbers must occur there."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from num2words import num2words

from meetbot.conversation.vocabulary import vocabulary
from meetbot.conversation.words import STOP_WORDS, alike, is_cyrillic, plain, sound, stem, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Grounds"]

SENTENCE_START = re.compile(r"(?:^|[.!?…:]\s+|[\"“«]\s*)$")
NUMBER_WORDS = frozenset(
    stem(word)
    for language in ("en", "ru")
    for number in [*range(11, 21), *range(30, 101, 10), 200, 300, 500, 1000, 1_000_000, 10**9]
    for word in num2words(number, lang=language).split()
) - {stem(word) for word in ("and", "one", "один")}
STARTERS = vocabulary("starters")
CLAIMS = vocabulary("claims")


class Grounds:
    """The words that an answer may take its names and numbers from."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._words = [word for text in texts for word in tokens(text)]
        self._stems = {stem(word) for word in self._words}
        self._parts = {
            part for word in self._words for part in plain(word).replace("'", "-").split("-")
        }

    def hold(self, clause: str, before: str = "") -> bool:
        """Whether all names and numbers of ``clause``, which follows ``before``, were said."""
        matches = list(re.finditer(r"[^\W_]+(?:[’'.,:-][^\W_]+)*", clause))
        for index, match in enumerate(matches):
            word = match.group()
            following = matches[index + 1].group() if index + 1 < len(matches) else ""
            opens = SENTENCE_START.search((before + clause[: match.start()]).rstrip("\n") or "")
            if any(letter.isdigit() for letter in word) or stem(word) in NUMBER_WORDS:
                if not self._has_number(word):
                    return False
            elif self._is_name(word, following, opens=opens is not None) and not self._has(word):
                return False
        return True

    def _is_name(self, word: str, following: str, *, opens: bool) -> bool:
        folded = plain(word)
        if not word[0].isupper() or folded.split("'")[0] in STOP_WORDS | {"i"}:
            return False
        if not opens:
            return True
        return folded not in STARTERS and plain(following) in CLAIMS

    def _has(self, word: str) -> bool:
        return all(self._has_part(part) for part in re.split(r"[-’']s?\b", word) if len(part) > 1)

    def _has_part(self, part: str) -> bool:
        if stem(part) in self._stems or plain(part) in self._parts:
            return True
        cyrillic = is_cyrillic(part)
        return any(
            alike(part, word) if is_cyrillic(word) != cyrillic else alike(part, word, 88.0)
            for word in self._words
            if len(sound(word)) > 2
        )

    def _has_number(self, word: str) -> bool:
        if plain(word) in self._parts or stem(word) in self._stems:
            return True
        if not word.isdigit():
            return False
        return any(spelt <= self._stems for spelt in _spelt(int(word)))


@lru_cache(maxsize=1_000)
def _spelt(number: int) -> tuple[frozenset[str], ...]:
    """The stems of a number in words, in each language."""
    if number >= 10**12:
        return ()
    return tuple(
        frozenset(stem(word) for word in tokens(num2words(number, lang=language).replace("-", " ")))
        for language in ("en", "ru")
    )
