"""Each word of a text with its readings and what it names, in whatever language it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Final, Self

from meetbot.engines.painter.storyboard.reading.forms import forms_of
from meetbot.engines.painter.storyboard.reading.icons import MODEL as ICONS
from meetbot.engines.painter.storyboard.reading.icons import IconSet
from meetbot.engines.painter.storyboard.reading.keywords import (
    KEYWORD_LANGUAGES,
    Keywords,
    Named,
)
from meetbot.engines.painter.storyboard.reading.lexicon import read_gazetteer, read_lexicon
from meetbot.engines.painter.storyboard.reading.nearness import MODEL as VECTORS
from meetbot.engines.painter.storyboard.reading.nearness import Nearness
from meetbot.engines.painter.storyboard.reading.tokens import is_cyrillic, split_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from meetbot.engines.painter.storyboard.reading.forms import Form
    from meetbot.engines.painter.storyboard.reading.lexicon import Lexicon
    from meetbot.engines.painter.storyboard.reading.tokens import Token
    from meetbot.models import ModelStore

__all__ = ["Hit", "Text", "Vocabulary"]

_LONGEST: Final = 3
"""Words of a phrase that is looked up as one."""

_FORMS: Final = 3
"""Readings of each word that a phrase is looked up with."""


_GUESS: Final = 0.7
"""What is only near weighs less than what is known."""

_SHORTEST_GUESSED: Final = 4
_MOST_GUESSED: Final = 4
"""Words of one text that are looked up by nearness, each of which takes milliseconds."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Words ``first`` to ``last`` of a text, and what they name. ``form``: of the last of them."""

    first: int
    last: int
    named: Named
    form: Form

    def __contains__(self, index: int) -> bool:
        return self.first <= index <= self.last


@dataclass(frozen=True)
class Text:
    """A text's words; ``forms`` and ``lexicons`` are of the word of the same index."""

    source: str
    language: str
    tokens: Sequence[Token]
    forms: Sequence[tuple[Form, ...]]
    lexicons: Sequence[Lexicon]

    def bases(self, index: int) -> list[str]:
        """The base forms of a word, the likeliest first."""
        return [form.base for form in self.forms[index]]

    def tells(self, index: int, table: Mapping[str, object] | frozenset[str]) -> str | None:
        """The first base form of a word, alone or with the next word, that ``table`` has."""
        if index + 1 < len(self.tokens):
            pair = f"{self.tokens[index].word} {self.tokens[index + 1].word}"
            if pair in table:
                return pair
        return next((base for base in self.bases(index) if base in table), None)

    def stops(self, index: int) -> bool:
        """Whether a word shows nothing by itself."""
        stop = self.lexicons[index].stop
        return any(base in stop for base in self.bases(index)[:2])

    @cached_property
    def is_name(self) -> tuple[bool, ...]:
        """Of each word, whether it is written, or known, as a proper name."""
        return tuple(self._name(index) for index in range(len(self.tokens)))

    def _name(self, index: int) -> bool:
        token = self.tokens[index]
        if token.emoji or not token.capital or self.stops(index):
            return False
        if token.word in self.lexicons[index].rule("no_name"):
            return False
        places = read_gazetteer().kinds
        if any(base in places for base in self.bases(index)):
            return True
        if any(form.part == "name" for form in self.forms[index][:2]) or self._acts(index):
            return True
        acronym = token.text.isupper() and len(token.text) > 1
        return not acronym and not token.opens and self.language != "de"

    def _acts(self, index: int) -> bool:
        """Whether the word that opens a sentence goes with what only a person does."""
        if not self.tokens[index].opens or index + 1 == len(self.tokens):
            return False
        lexicon, after = self.lexicons[index], self.lexicons[index + 1]
        known = any(base in lexicon.things for base in self.bases(index))
        return not known and self.tokens[index + 1].word in after.rule("after_name")


class Vocabulary:
    """All the words that are known; languages are loaded when the first word of them comes."""

    def __init__(self, icons: IconSet, folder: Path, nearness: Nearness) -> None:
        self._icons = icons
        self._folder = folder
        self._nearness = nearness
        self._keywords: dict[str, Keywords] = {}
        self._emoji = {icons.emoji(name): name for name in icons.names if icons.emoji(name)}

    @classmethod
    def load(cls, models: ModelStore) -> Self:
        """The words of the catalogue's icons. Raises ``ModelMissing``, ``EngineError``."""
        folder = models.path(ICONS)
        return cls(IconSet.open(folder), folder, Nearness(models.path(VECTORS)))

    @property
    def icons(self) -> IconSet:
        """The icons that the words name."""
        return self._icons

    def keywords(self, language: str) -> Keywords:
        """The words of one language."""
        if language not in self._keywords:
            self._keywords[language] = Keywords.load(
                self._icons, self._folder, language, self._alike(language)
            )
        return self._keywords[language]

    def _alike(self, language: str) -> Callable[[str, str], float | None]:
        return self._nearness.alike if language == "en" else lambda _one, _other: None

    def label(self, icon: str, language: str) -> str:
        """What an icon is called."""
        return self.keywords(language).label(icon) or icon.replace("-", " ")

    def text(self, source: str, language: str) -> Text:
        """The words of ``source``, most of which is in ``language``."""
        tokens = split_tokens(source)
        languages = [_language(token, language) for token in tokens]
        return Text(
            source,
            language,
            tokens,
            [forms_of(spoken)(token.word) for spoken, token in zip(languages, tokens, strict=True)],
            [read_lexicon(spoken) for spoken in languages],
        )

    def hits(self, text: Text, language: str) -> list[Hit]:
        """What the words name, in order; of phrases that overlap, the longest."""
        hits: list[Hit] = []
        unknown: list[int] = []
        index = 0
        while index < len(text.tokens):
            hit = self._longest(text, index, language)
            if hit:
                hits.append(hit)
            elif self._guessable(text, index, language):
                unknown.append(index)
            index = hit.last + 1 if hit else index + 1
        hits += self._guessed(text, unknown[:_MOST_GUESSED])
        return sorted(hits, key=lambda hit: hit.first)

    def _longest(self, text: Text, index: int, language: str) -> Hit | None:
        token = text.tokens[index]
        if token.emoji:
            icon = self._emoji.get(token.word)
            return Hit(index, index, Named((icon,), 1.0), text.forms[index][0]) if icon else None
        keywords = self.keywords(_language(token, language))
        for length in range(_LONGEST, 1, -1):
            last = index + length - 1
            if last < len(text.tokens) and text.tokens[last].clause == token.clause:
                named = self._phrase(text, index, last, keywords)
                if named:
                    return Hit(index, last, named, text.forms[last][0])
        if text.stops(index) or text.tokens[index].word.isdigit():
            return None
        forms = text.forms[index]
        found = [(keywords.find(form.base), form) for form in forms]
        known = [(what, form) for what, form in found if what and _trusted(what, form)]
        ours = [pair for pair in known if pair[0].source == "lexicon"]
        for what, form in ours or known:
            return Hit(index, index, what, _shown_form(form, forms))
        return None

    def _guessable(self, text: Text, index: int, language: str) -> bool:
        """Whether nearness may tell what a word is: an English one of some length."""
        token = text.tokens[index]
        following = text.tokens[index + 1 : index + 2]
        if token.opens and following and following[0].clause != token.clause:
            return False
        if token.emoji or text.stops(index) or text.is_name[index]:
            return False
        return _language(token, language) == "en" and len(token.word) >= _SHORTEST_GUESSED

    def _guessed(self, text: Text, unknown: list[int]) -> list[Hit]:
        if not unknown:
            return []
        words = [text.tokens[index].word for index in unknown]
        found = self._nearness.find(words, self.keywords("en"))
        return [
            Hit(
                index, index, Named(near.icons, _GUESS * near.strength, "tag"), text.forms[index][0]
            )
            for index, near in zip(unknown, found, strict=True)
            if near
        ]

    def _phrase(self, text: Text, first: int, last: int, keywords: Keywords) -> Named | None:
        choices = [
            list(dict.fromkeys(text.bases(index)[:_FORMS])) for index in range(first, last + 1)
        ]
        for words in product(*choices):
            if named := keywords.find(" ".join(words)):
                return named
        return None


def _trusted(named: Named, form: Form) -> bool:
    """What a verb form is tagged with is seldom what is done."""
    return named.source != "tag" or form.part != "verb"


def _shown_form(found: Form, forms: tuple[Form, ...]) -> Form:
    """The reading that tells part of speech and number, where the word itself was found."""
    if found.part == "any" and len(forms) > 1 and forms[1].base == found.base:
        return forms[1]
    return found


def _language(token: Token, language: str) -> str:
    """What language a word is in, by its letters; ``language`` where those allow it."""
    cyrillic = is_cyrillic(token.word)
    if cyrillic:
        return language if language in ("ru", "uk") else "ru"
    return language if language in KEYWORD_LANGUAGES and language not in ("ru", "uk") else "en"
