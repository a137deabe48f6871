"""What is not painted, and what is not shown."""

from __future__ import annotations

import logging
import tomllib
import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from meetbot.core.errors import EngineError
from meetbot.painting.steady import TooLate, within
from meetbot.wording.words import plain, stem, tokens

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable, Sequence

    from meetbot.config.painting import SafetySettings
    from meetbot.core.clock import Clock
    from meetbot.core.pictures import Painting, PaintRequest
    from meetbot.core.ports import SafetyFilter

__all__ = ["Blocklist", "Guard", "Unseen"]

log = logging.getLogger(__name__)

LEET = str.maketrans("013457@$", "oieastas")
LOOKALIKES = str.maketrans("аеорсхукмтнвз", "aeopcxykmthb3")


class Unseen(EngineError):
    """Nobody could look at a picture, so nobody may see it."""


class Blocklist:
    """Finds what is not painted in a prompt: words by their stems, and phrases.

    ``blocked``: words and phrases besides those of ``blocklist.toml``.
    """

    def __init__(self, blocked: Iterable[str] = ()) -> None:
        own = {_stems(phrase) for phrase in blocked} - {()}
        self._phrases = {**BLOCKED, "settings": own}

    def objection(self, text: str) -> str | None:
        """Which part of the list has something against ``text``; None: it may be painted."""
        words = _without(_stems(text), HARMLESS)
        for name, phrases in self._phrases.items():
            if _holds(words, phrases):
                return name
        if _holds(words, MINORS) and _holds(words, WITH_MINORS):
            return "minors"
        return None


class Guard:
    """The safety of one meeting's pictures. ``looker`` None: pictures are not looked at."""

    def __init__(self, settings: SafetySettings, looker: SafetyFilter | None, clock: Clock) -> None:
        self._threshold = settings.threshold
        self._blocklist = Blocklist(settings.blocked)
        self._looker = looker
        self._clock = clock

    def objects(self, request: PaintRequest) -> bool:
        """Whether the words are not to be painted; logged without them."""
        return self.refuses(" . ".join([request.subject, request.prompt, *request.likes]))

    def refuses(self, text: str) -> bool:
        """The same of any words."""
        objection = self._blocklist.objection(text)
        if objection is not None:
            log.warning("a picture was not painted: its words are on the blocklist (%s)", objection)
        return objection is not None

    async def unfit(self, painting: Painting, due_ns: int, void: asyncio.Event) -> bool:
        """Whether a picture is not to be seen. Raises ``Unseen``, ``TooLate``."""
        if self._looker is None:
            return False
        work = self._looker.unsafe(painting.pixels)
        try:
            probability = await within(work, self._clock, due_ns, void, self._looker.name)
        except TooLate:
            raise
        except Exception as error:
            raise Unseen(f"{self._looker.name} failed: {error}") from error
        unfit = not probability < self._threshold
        if unfit:
            log.warning("a picture was not shown: %s gave it %.2f", self._looker.name, probability)
        return unfit


def _phrases(table: dict[str, list[str]]) -> set[tuple[str, ...]]:
    return {_stems(phrase) for phrases in table.values() for phrase in phrases}


@lru_cache(maxsize=1_000)
def _stems(text: str) -> tuple[str, ...]:
    return tuple(stem(_spelled(word)) for word in tokens(text.replace("@", "a").replace("$", "s")))


def _spelled(word: str) -> str:
    """Letters for the digits and look-alikes that hide a word; a plain number is left alone."""
    folded = plain(word)
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", folded)
        if not unicodedata.combining(letter)
    )
    folded = folded if any("а" <= letter <= "я" for letter in folded) else bare
    if any(letter.isdigit() for letter in folded) and any(letter.isalpha() for letter in folded):
        folded = folded.translate(LEET)
    mixed = any("a" <= letter <= "z" for letter in folded)
    return folded.translate(LOOKALIKES) if mixed else folded


def _holds(words: Sequence[str], phrases: set[tuple[str, ...]]) -> bool:
    longest = max((len(phrase) for phrase in phrases), default=0)
    return any(
        tuple(words[start : start + length]) in phrases
        for length in range(1, longest + 1)
        for start in range(len(words) - length + 1)
    )


def _without(words: tuple[str, ...], phrases: set[tuple[str, ...]]) -> tuple[str, ...]:
    """``words`` with every harmless phrase taken out."""
    kept: list[str] = []
    place = 0
    longest = max((len(phrase) for phrase in phrases), default=0)
    while place < len(words):
        found = next((n for n in range(longest, 0, -1) if words[place : place + n] in phrases), 0)
        if found:
            kept.append("")
        else:
            kept.append(words[place])
        place += found or 1
    return tuple(kept)


def _tables() -> dict[str, dict[str, dict[str, list[str]]]]:
    text = files("meetbot.painting").joinpath("blocklist.toml").read_text("utf-8")
    return tomllib.loads(text)


BLOCKED = {name: _phrases(table) for name, table in _tables()["blocked"].items()}
HARMLESS = _phrases(_tables()["harmless"]["phrases"])
MINORS = _phrases(_tables()["together"]["minors"])
WITH_MINORS = _phrases(_tables()["together"]["with_minors"])
