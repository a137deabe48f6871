"""Proper names in a text, and journeys from one to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from meetbot.engines.painter.storyboard.reading.forms import nominative
from meetbot.engines.painter.storyboard.reading.lexicon import plain, read_gazetteer
from meetbot.engines.painter.storyboard.reading.tokens import is_cyrillic
from meetbot.engines.painter.storyboard.values import Journey

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.reading.words import Text
    from meetbot.engines.painter.storyboard.values import Place

__all__ = ["Name", "find_names", "journey_of"]

_LONGEST: Final = 24
"""Characters that fit on a sign."""

_MOST: Final = 4


@dataclass(frozen=True, slots=True)
class Name:
    """Words ``first`` to ``last``, written as on a sign. ``kind``: of the place that it names."""

    first: int
    last: int
    text: str
    kind: Place | None


def find_names(text: Text) -> list[Name]:
    """The proper names, in order, each once; words of one clause that follow each other are one."""
    names: list[Name] = []
    index = 0
    while index < len(text.tokens) and len(names) < _MOST:
        last = _known(text, index)
        if last is None and not text.is_name[index]:
            index += 1
            continue
        if last is None:
            last = index
            while last + 1 < len(text.tokens) and _goes_on(text, last):
                last += 1
        name = _name(text, index, last)
        if len(name.text) <= _LONGEST and name.text not in {known.text for known in names}:
            names.append(name)
        index = last + 1
    return names


def _known(text: Text, first: int) -> int | None:
    """The last word of a well-known place's name of several words that begins here."""
    if not text.tokens[first].capital:
        return None
    places = read_gazetteer().kinds
    for last in range(min(first + 2, len(text.tokens) - 1), first, -1):
        if " ".join(token.word for token in text.tokens[first : last + 1]) in places:
            return last
    return None


def _goes_on(text: Text, last: int) -> bool:
    here, following = text.tokens[last], text.tokens[last + 1]
    return text.is_name[last + 1] and following.clause == here.clause and not following.opens


def _name(text: Text, first: int, last: int) -> Name:
    source = text.source[text.tokens[first].start : text.tokens[last].end]
    written = " ".join(source.split()).removesuffix("'s").removesuffix("’s")
    kinds = read_gazetteer().kinds
    if is_cyrillic(written) and plain(written) not in kinds:
        written = nominative(written)
    return Name(first, last, written, kinds.get(plain(written)))


def journey_of(text: Text, names: list[Name]) -> Journey | None:
    """From where to where someone goes, by the words before two names, or by a verb and one."""
    places_first = sorted(names, key=lambda name: name.kind is None)
    start = next((name for name in places_first if _before(text, name, "from")), None)
    others = [name for name in places_first if name is not start]
    end = next((name for name in others if _before(text, name, "to")), None)
    moves = any(
        text.tells(index, lexicon.rule("moving")) for index, lexicon in enumerate(text.lexicons)
    )
    near = start and end and 0 < end.first - start.last <= 4
    if start and end and (moves or near):
        return Journey(start.text, end.text)
    if moves and end and end.kind:
        return Journey("", end.text)
    if moves and start and start.kind:
        return Journey(start.text, "")
    return None


def _before(text: Text, name: Name, rule: str) -> bool:
    index = name.first - 1
    return index >= 0 and text.tokens[index].word in text.lexicons[index].rule(rule)
