"""The talk of the last while: who said what, for pictures of what has few words of its own."""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meetbot.painting.vocabulary import vocabulary
from meetbot.wording.words import STOP_WORDS, parts, plain, stem

if TYPE_CHECKING:
    from meetbot.core.clock import Clock
    from meetbot.core.types import Speaker

__all__ = ["FEWEST_WORDS", "MOST_CHARACTERS", "Line", "Talk", "clean", "content"]

MOST_CHARACTERS = 2_000
MOST_LINES = 400
FEWEST_WORDS = 2
"""Words with content, below which nobody said anything that could be shown."""
EMPTY_WORDS = STOP_WORDS | vocabulary("empty_words")
CLOSING = re.compile(r"(?<=[.!?…])\s+")


def clean(text: str, *, last: bool = False) -> str:
    """Untrusted ``text`` on one line, without control and invisible characters, 2,000 at most.

    ``last``: of what is too long its end is kept, not its beginning.
    """
    wide = text[-4 * MOST_CHARACTERS :] if last else text[: 4 * MOST_CHARACTERS]
    seen = "".join(
        " " if unicodedata.category(character) in {"Cc", "Zl", "Zp"} else character
        for character in unicodedata.normalize("NFC", wide)
        if unicodedata.category(character) not in {"Cf", "Co", "Cs"} or character == "\u200d"
    )
    joined = " ".join(seen.split())
    return joined[-MOST_CHARACTERS:] if last else joined[:MOST_CHARACTERS]


def content(text: str) -> list[str]:
    """Stems of the words of ``text`` that something could be shown of, each once, in order."""
    found = (stem(part) for part in parts(text) if plain(part) not in EMPTY_WORDS)
    return list(dict.fromkeys(word for word in found if len(word) > 1))


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance, cleaned. ``by_bot``: the bot said it, so it counts for less."""

    person: str
    text: str
    language: str
    end_ns: int
    by_bot: bool = False
    speaker: Speaker | None = None


class Talk:
    """The lines of the last ``history_ns``, the oldest first."""

    def __init__(self, clock: Clock, history_ns: int) -> None:
        self._clock = clock
        self._history_ns = history_ns
        self._lines: deque[Line] = deque(maxlen=MOST_LINES)

    def add(self, line: Line) -> None:
        """One more; those that are too old go."""
        self._lines.append(line)

    def lines(self) -> tuple[Line, ...]:
        """What was said lately."""
        horizon = self._clock.now_ns() - self._history_ns
        while self._lines and self._lines[0].end_ns < horizon:
            self._lines.popleft()
        return tuple(self._lines)
