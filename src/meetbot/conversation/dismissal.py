"""Whether the bot is sent away: English and Russian, spoken or written."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from meetbot.wording.names import NameFinder
from meetbot.wording.words import is_cyrillic, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Dismissal"]

SENTENCE = re.compile(r"[^.!?…;\n]+")
NOISE = re.compile(r"[^\w'\s-]+|(?<!\w)-|-(?!\w)")
POLITE = re.compile(r"\b(?:please|pls|kindly|пожалуйста)\b")
MAX_CHARACTERS = 200
"""Nobody is sent away at greater length."""
NAME_WORDS = 2


class _Grammar:
    """The patterns of one language."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        words: dict[str, str] = {}
        for name, alternatives in table["words"].items():
            words[name] = _filled(alternatives, words)
        self.lead = re.compile(table["lead"])
        self.tail = re.compile(table["tail"] + "$")
        self.whole = tuple(re.compile(_filled(pattern, words)) for pattern in table["whole"])
        self.aside = re.compile(table["aside"])
        self.bare = re.compile(table["bare"])
        self.stay = re.compile(table["stay"])

    def sends_away(self, sentence: str, *, certain: bool) -> bool:
        """Whether it does, with or without the words around it; ``certain``: no bare verb."""
        while not any(pattern.fullmatch(sentence) for pattern in self.whole):
            shorter = self._less(sentence)
            if shorter == sentence:
                return False
            sentence = shorter
        return not (certain and self.bare.fullmatch(sentence))

    def _less(self, sentence: str) -> str:
        shorter = self.tail.sub("", sentence)
        if shorter == sentence and (lead := self.lead.match(sentence)):
            return sentence[lead.end() :]
        return shorter


def _filled(pattern: str, words: Mapping[str, str]) -> str:
    for name, alternatives in words.items():
        pattern = pattern.replace(f"{{{name}}}", alternatives)
    return pattern


_TABLES = tomllib.loads(files("meetbot.conversation").joinpath("dismissal.toml").read_text("utf-8"))
_ENGLISH, _RUSSIAN = _Grammar(_TABLES["english"]), _Grammar(_TABLES["russian"])


class Dismissal:
    """Understands when the bot, which bears ``names``, is told to leave."""

    def __init__(self, names: Iterable[str]) -> None:
        self._bot = NameFinder(names)

    def calls(self, text: str) -> bool:
        """Whether ``text`` is the bot's name and nothing that is asked of it."""
        call = self._bot.addressed(text)
        return call is not None and not call.text

    def meant(self, text: str, *, expected: bool) -> bool:
        """Whether ``text`` sends the bot away.

        ``expected``: it is said to the bot, also where that is not called by its name.
        """
        if len(text) > MAX_CHARACTERS:
            return False
        call = self._bot.addressed(text)
        if call is not None:
            return _sends_away(call.text)
        return (expected and _sends_away(text)) or self._named_last(text)

    def _named_last(self, text: str) -> bool:
        """The name at the end, without the comma that recognition may leave out."""
        words = text.rstrip(" .!?…").split()
        for length in range(1, min(NAME_WORDS, len(words) - 1) + 1):
            head, name = " ".join(words[:-length]), " ".join(words[-length:])
            if self._bot.mentioned(name) and _sends_away(head, certain=True):
                return True
        return False


def _sends_away(text: str, *, certain: bool = False) -> bool:
    """Whether one of the sentences does and none takes it back; ``certain``: no bare verb."""
    grammar = _RUSSIAN if is_cyrillic(text) else _ENGLISH
    sentences = [_folded(_core(found.group(), grammar)) for found in SENTENCE.finditer(text)]
    if any(grammar.stay.fullmatch(sentence) for sentence in sentences):
        return False
    return any(grammar.sends_away(sentence, certain=certain) for sentence in sentences)


def _core(sentence: str, grammar: _Grammar) -> str:
    """The sentence without the thanks or reasons before its last comma."""
    sentence = POLITE.sub("", plain(sentence)).rstrip(" ,")
    before, comma, core = sentence.rpartition(",")
    return core if comma and grammar.aside.fullmatch(_folded(before)) else sentence


def _folded(sentence: str) -> str:
    return " ".join(NOISE.sub(" ", sentence).split())
