"""A picture's title: the part of what was said that tells most, in the speaker's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from meetbot.engines.painter.storyboard.reading.words import Text

__all__ = ["LONGEST", "title_of"]

LONGEST: Final = 40
"""Characters."""

_MOST_WORDS: Final = 120
_PARTED: Final = 1.2
"""What it costs to leave out a name beside another."""


def title_of(text: Text, weights: Mapping[int, float], names: Collection[int]) -> str:
    """The span of words of one clause that weighs most, of 40 characters at most.

    ``weights``: of the words that tell something, by their index; ``names``: of those, the
    proper names, which are not parted if possible. Empty where no word fits.
    """
    best, chosen = 0.0, (0, -1)
    for first, last in _clauses(text):
        begin = _after_openings(text, first, last)
        for start, end in _spans(text, weights, begin, last):
            score = _score(weights, start, end, begin, last)
            inside = {index for index in names if start <= index <= end}
            if inside:
                score -= _PARTED * sum(begin <= index <= last for index in {*names} - inside)
            if score > best:
                best, chosen = score, (start, end)
    said = any(not text.stops(index) for index in range(chosen[0], chosen[1] + 1))
    title = _written(text, *chosen) if said else ""
    return title[:1].upper() + title[1:]


def _spans(
    text: Text, weights: Mapping[int, float], begin: int, last: int
) -> Iterator[tuple[int, int]]:
    """First and last words between which a title may be."""
    for start in range(begin, last + 1):
        if start > begin and not _may_start(text, start, weights):
            continue
        for end in range(start, last + 1):
            if len(_written(text, start, end)) > LONGEST:
                break
            if not (_weak(text, end) or (end < last and _hangs(text, end))):
                yield start, end


def _clauses(text: Text) -> list[tuple[int, int]]:
    """First and last word of each clause; commas part them, and words such as "but"."""
    spans: list[tuple[int, int]] = []
    for index, token in enumerate(text.tokens[:_MOST_WORDS]):
        if token.emoji:
            continue
        breaks = token.word in text.lexicons[index].rule("breaks")
        if spans and not breaks and text.tokens[spans[-1][1]].clause == token.clause:
            spans[-1] = (spans[-1][0], index)
        else:
            spans.append((index, index))
    return spans


def _after_openings(text: Text, first: int, last: int) -> int:
    """Where a clause begins once fillers and politeness are left out."""
    changed = True
    while changed:
        changed = False
        for opening in text.lexicons[first].openings:
            end = first + len(opening)
            if end <= last and _words(text, first, end - 1) == opening:
                first, changed = end, True
                break
    return first


def _words(text: Text, first: int, last: int) -> Sequence[str]:
    return tuple(token.word for token in text.tokens[first : last + 1])


def _written(text: Text, first: int, last: int) -> str:
    return " ".join(text.source[text.tokens[first].start : text.tokens[last].end].split())


def _weak(text: Text, index: int) -> bool:
    return text.tokens[index].word in text.lexicons[index].weak_ends


def _hangs(text: Text, index: int) -> bool:
    """Whether the word needs the one after it, as a number or a Russian adjective does."""
    token = text.tokens[index]
    if _weak(text, index) or token.word.isdigit() or token.word in text.lexicons[index].counts:
        return True
    parts = {form.part for form in text.forms[index]} - {"any"}
    return parts == {"adjective"}


def _may_start(text: Text, index: int, weights: Mapping[int, float]) -> bool:
    """In mid-clause a title starts after a word such as "about", or with what tells something."""
    tells = index in weights and index - 1 not in weights
    opens = _after_openings(text, index, len(text.tokens) - 1) > index
    return not opens and not _weak(text, index) and (tells or _weak(text, index - 1))


def _score(weights: Mapping[int, float], start: int, end: int, begin: int, last: int) -> float:
    weight = sum(weights.get(index, 0.0) for index in range(start, end + 1))
    if not weight:
        return 0.02 * (start == begin) + 0.02 * (end == last) + 0.001 * (end - start)
    whole = 0.25 * (start == begin) + 0.2 * (end == last)
    return weight + whole + 0.01 * (end - start)
