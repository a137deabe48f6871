"""What people ask of the painter, and how they wish to be painted: English and Russian."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Any

from meetbot.painting.manner import Manner, Manners
from meetbot.wording.words import is_cyrillic, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Command", "Commands", "Drawing", "Wish"]

SENTENCE = re.compile(r"[^.!?…;\n]+")
MOST_THINGS = 4
LONGEST_THING = 4
"""Words."""
MOST_JOINTS = 4
AND = re.compile(r"\s*(?:,|\band\b|\bor\b|\bnor\b|\bи\b|\bили\b)\s*")
IN_STYLE = re.compile(r"[\s,]+(?:in|as|with|using|like|в|как)\s+", re.IGNORECASE)
POLITE = re.compile(r",?\s*\b(?:please|пожалуйста)\b,?|,(?= )")
ARTICLE = re.compile(r"(?:an?|some|any) ")


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture is asked for; ``subject`` is empty where the talk itself is to be painted.

    ``style``: for this picture only; None: as its speaker is painted.
    """

    subject: str
    style: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """How someone wants to be painted from now on. What is empty stays as it was.

    ``colours``: what the palette was called. ``forget``: everything goes back to nothing.
    ``unknown``: a style that nobody knows.
    """

    style: str | None = None
    palette: tuple[str, ...] = ()
    colours: str = ""
    likes: tuple[str, ...] = ()
    dislikes: tuple[str, ...] = ()
    forget: bool = False
    unknown: str = ""


Command = Drawing | Wish


class _Grammar:
    """The patterns of one language."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        words = {**table["words"]}

        def compiled(*names: str) -> tuple[re.Pattern[str], ...]:
            return tuple(
                re.compile(_filled(pattern, words)) for name in names for pattern in table[name]
            )

        self.lead = re.compile(table["lead"])
        self.tail = re.compile(table["tail"] + "$")
        self.draw = compiled("draw")
        self.again = compiled("again")
        self.manner = compiled("manner")
        self.weak_manner = compiled("weak_manner")
        self.unknown_style = compiled("unknown_style")
        self.likes = compiled("likes")
        self.named_likes = compiled("likes", "named_likes")
        self.dislikes = compiled("dislikes")
        self.named_dislikes = compiled("dislikes", "named_dislikes")
        self.forget = compiled("forget")
        self.idioms = re.compile(table["idioms"])
        self.no_thing = re.compile(table["no_thing"])


def _filled(pattern: str, words: Mapping[str, str]) -> str:
    for name, alternatives in words.items():
        pattern = pattern.replace(f"{{{name}}}", alternatives)
    return pattern


_TABLES = tomllib.loads(files("meetbot.painting").joinpath("commands.toml").read_text("utf-8"))


def _words(table: str) -> frozenset[str]:
    return frozenset(" ".join(_TABLES[table].values()).split())


_ENGLISH, _RUSSIAN = _Grammar(_TABLES["english"]), _Grammar(_TABLES["russian"])


class Commands:
    """Understands what is asked of the painter; ``styles``: what each style is called."""

    def __init__(self, styles: Mapping[str, Sequence[str]]) -> None:
        self._manners = Manners(
            styles,
            fillers=_words("manner_words"),
            colour_nouns=_words("colour_nouns"),
            style_nouns=_words("style_nouns"),
        )

    def parse(self, text: str, *, named: bool) -> Command | None:
        """What ``text``, without the bot's name, asks for; None: nothing of a painter's.

        ``named``: the bot was called by its name, so that likes and dislikes are meant for it.
        """
        command: Command | None = None
        for sentence in (found.group().strip(" ,:—–-\"'«»") for found in SENTENCE.finditer(text)):
            here = self._sentence(sentence, named=named) if sentence else None
            if command is None:
                command = here
            elif isinstance(command, Wish) and isinstance(here, Wish):
                command = _both(command, here)
            elif isinstance(command, Drawing) and command.subject and here is None:
                command = replace(command, subject=f"{command.subject}. {sentence}")
        return command

    def _sentence(self, sentence: str, *, named: bool) -> Command | None:
        grammar = _RUSSIAN if is_cyrillic(sentence) else _ENGLISH
        folded = plain(sentence)
        written = sentence if len(folded) == len(sentence) else folded
        written, folded = _bare(written, folded, grammar)
        if any(pattern.fullmatch(folded) for pattern in grammar.forget):
            return Wish(forget=True)
        wish = self._wished(folded, grammar, named=named)
        return wish or self._drawn(written, folded, grammar)

    def _wished(self, folded: str, grammar: _Grammar, *, named: bool) -> Wish | None:
        """The wish of a sentence, or of its two halves at one of its first conjunctions."""
        if wish := self._one_wish(folded, grammar, named=named):
            return wish
        for joint in islice(AND.finditer(folded), MOST_JOINTS):
            first = self._one_wish(folded[: joint.start()], grammar, named=named)
            rest = self._one_wish(folded[joint.end() :], grammar, named=named) if first else None
            if first and rest:
                return _both(first, rest)
        return None

    def _one_wish(self, folded: str, grammar: _Grammar, *, named: bool) -> Wish | None:
        return (
            self._styled(folded, grammar, named=named)
            or self._disliked(folded, grammar, named=named)
            or self._liked(folded, grammar, named=named)
        )

    def _styled(self, folded: str, grammar: _Grammar, *, named: bool) -> Wish | None:
        strong = grammar.manner
        for pattern in (*strong, *(grammar.weak_manner if named else ())):
            found = pattern.fullmatch(folded)
            manner = self._manners.read(found["manner"]) if found else None
            if manner is not None and (pattern in strong or manner.certain):
                return _of_manner(manner)
        for pattern in grammar.unknown_style:
            if found := pattern.fullmatch(folded):
                return Wish(unknown=found["manner"].strip())
        return None

    def _liked(self, folded: str, grammar: _Grammar, *, named: bool) -> Wish | None:
        patterns = grammar.named_likes if named else grammar.likes
        things = _things(folded, patterns, grammar)
        manner = self._manners.read(" ".join(things))
        if manner is not None:
            return _of_manner(manner)
        return Wish(likes=things) if things else None

    def _disliked(self, folded: str, grammar: _Grammar, *, named: bool) -> Wish | None:
        patterns = grammar.named_dislikes if named else grammar.dislikes
        things = _things(folded, patterns, grammar)
        return Wish(dislikes=things) if things else None

    def _drawn(self, written: str, folded: str, grammar: _Grammar) -> Drawing | None:
        if any(pattern.fullmatch(folded) for pattern in grammar.again):
            return Drawing("")
        for pattern in grammar.draw:
            found = pattern.fullmatch(folded)
            if found is None:
                continue
            if grammar.idioms.fullmatch(found["subject"]):
                return None
            start, end = found.span("subject")
            return self._with_style(written[start:end])
        return None

    def _with_style(self, subject: str) -> Drawing:
        """The style that a request names for its own picture, taken off the subject."""
        for joint in reversed(list(IN_STYLE.finditer(subject))):
            manner = self._manners.read(subject[joint.end() :])
            if manner is not None and manner.style is not None and joint.start():
                return Drawing(subject[: joint.start()], manner.style)
        return Drawing(subject)


def _bare(written: str, folded: str, grammar: _Grammar) -> tuple[str, str]:
    """Without polite words, and without commas between words."""
    for found in reversed(list(POLITE.finditer(folded))):
        written = written[: found.start()] + written[found.end() :]
        folded = folded[: found.start()] + folded[found.end() :]
    written, folded = written.strip(), folded.strip()
    while lead := grammar.lead.match(folded):
        written, folded = written[lead.end() :], folded[lead.end() :]
    while tail := grammar.tail.search(folded):
        written, folded = written[: tail.start()], folded[: tail.start()]
    return written, folded


def _things(folded: str, patterns: Sequence[re.Pattern[str]], grammar: _Grammar) -> tuple[str, ...]:
    """What is liked or not, thing by thing; empty where it is no list of things."""
    for pattern in patterns:
        found = pattern.fullmatch(folded)
        if found is None:
            continue
        things = [ARTICLE.sub("", part, count=1) for part in AND.split(found["things"]) if part]
        if 0 < len(things) <= MOST_THINGS and all(_is_thing(thing, grammar) for thing in things):
            return tuple(things)
    return ()


def _is_thing(thing: str, grammar: _Grammar) -> bool:
    if grammar.no_thing.fullmatch(thing) or grammar.idioms.fullmatch(thing):
        return False
    return len(thing.split()) <= LONGEST_THING


def _of_manner(manner: Manner) -> Wish:
    return Wish(style=manner.style, palette=manner.palette, colours=manner.colours)


def _both(one: Wish, other: Wish) -> Wish:
    """Two wishes in one; of two styles the later one counts."""
    return Wish(
        style=other.style or one.style,
        palette=other.palette or one.palette,
        colours=other.colours or one.colours,
        likes=(*one.likes, *other.likes),
        dislikes=(*one.dislikes, *other.dislikes),
        forget=one.forget or other.forget,
        unknown=one.unknown or other.unknown,
    )
