"""A text as words, in clauses; emoji are words too."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from meetbot.engines.painter.storyboard.reading.lexicon import plain

__all__ = ["Token", "is_cyrillic", "split_tokens"]

_MARK: Final = "\N{VARIATION SELECTOR-16}"
_PIECE = re.compile(
    r"(?P<word>[^\W\d_]+(?:['’-][^\W\d_]+)*)|(?P<number>\d+)"
    r"|(?P<emoji>[\u2190-\u2bff\u3030\u303d\U0001f000-\U0001faff]"
    r"(?:\ufe0f|[\U0001f3fb-\U0001f3ff]|\u200d[\u2190-\u2bff\U0001f000-\U0001faff])*)"
    r"|(?P<full>[.!?…\n]+)|(?P<part>[,;:()«»\"“”—–]|\s-\s)"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word. ``start``, ``end``: where in the text. ``opens``: it is the first of its sentence.

    ``clause``: counts what punctuation sets apart. ``word``: as ``plain`` writes it.
    """

    text: str
    word: str
    start: int
    end: int
    clause: int
    opens: bool
    emoji: bool = False

    @property
    def capital(self) -> bool:
        return self.text[:1].isupper()


def is_cyrillic(word: str) -> bool:
    """Whether the word is written in Cyrillic."""
    return any("\u0400" <= letter <= "\u04ff" for letter in word)


def split_tokens(text: str) -> list[Token]:
    """The words of a text, in order."""
    tokens: list[Token] = []
    clause, opens = 0, True
    for match in _PIECE.finditer(text):
        kind, piece = match.lastgroup, match.group()
        if kind in ("full", "part"):
            clause += 1
            opens = opens or kind == "full"
            continue
        word = re.sub("[\U0001f3fb-\U0001f3ff]", "", piece.replace(_MARK, ""))
        emoji = kind == "emoji"
        spot = (match.start(), match.end(), clause, opens)
        tokens.append(Token(piece, word if emoji else plain(piece), *spot, emoji))
        opens = opens and emoji
    return tokens
