"""What a text is about: which of the things that its words name matter, how much, how many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.reading.words import Hit, Text

__all__ = ["Subject", "find_subjects"]

_VERB: Final = 0.55
_ADJECTIVE: Final = 0.6
_FAINT: Final = 0.5
_FAINT_ICONS: Final = frozenset(
    {"eyes", "hourglass-not-done", "magnifying-glass-tilted-left", "mantelpiece-clock"}
    | {"spiral-calendar", "check-mark-button", "cross-mark", "red-question-mark", "stop-sign"}
    | {"hammer-and-wrench", "counterclockwise-arrows-button", "star"}
)
"""What they stand for goes along with a subject more often than it is one."""

_LAST: Final = 0.85
"""What a text's last word weighs, where its first weighs 1."""

_REACH: Final = 3
"""Words between a negation, or a number, and what it is about."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Something to show. ``words``: the indices of the words that name it."""

    icons: tuple[str, ...]
    word: str
    weight: float
    count: int
    words: range


def find_subjects(text: Text, hits: list[Hit]) -> tuple[list[Subject], set[int]]:
    """What to show, in the order of the words; and the indices of words that are negated."""
    left_out = _negated(text, hits)
    subjects: list[Subject] = []
    for hit in hits:
        if hit.first in left_out:
            continue
        tokens = text.tokens
        place = 1 - (1 - _LAST) * hit.first / max(len(tokens), 1)
        subjects.append(
            Subject(
                icons=hit.named.icons,
                word=text.source[tokens[hit.first].start : tokens[hit.last].end],
                weight=hit.named.strength * place * _manner(text, hit),
                count=_count(text, hit),
                words=range(hit.first, hit.last + 1),
            )
        )
    return subjects, left_out


def _manner(text: Text, hit: Hit) -> float:
    if _FAINT_ICONS.issuperset(hit.named.icons):
        return _FAINT
    if hit.first != hit.last:
        return 1.0
    if hit.form.part == "verb" or _verb_here(text, hit.first):
        return _VERB
    return _ADJECTIVE if hit.form.part == "adjective" else 1.0


def _verb_here(text: Text, index: int) -> bool:
    """Whether an English word that is noun or verb stands where a verb does."""
    lexicon = text.lexicons[index]
    if index == 0 or not text.tells(index, lexicon.rule("either")):
        return False
    return text.tokens[index - 1].word in lexicon.rule("verb_before")


def _negated(text: Text, hits: list[Hit]) -> set[int]:
    """ "No cats", "without sugar", "not a dog"; but not "can't find my cat"."""
    out: set[int] = set()
    for index, token in enumerate(text.tokens):
        lexicon = text.lexicons[index]
        direct = token.word in lexicon.rule("not")
        if not direct and token.word not in lexicon.rule("none"):
            continue
        reach = 1 if direct else _REACH
        follower = next((hit for hit in hits if hit.first > index), None)
        if follower and _reached(text, index, follower, reach):
            out.update(range(follower.first, follower.last + 1))
    return out


def _reached(text: Text, index: int, hit: Hit, reach: int) -> bool:
    between = [i for i in range(index + 1, hit.first) if text.tokens[i].word not in _ARTICLES]
    same = text.tokens[hit.first].clause == text.tokens[index].clause
    return same and len(between) < reach and hit.form.part != "verb"


_ARTICLES: Final = frozenset({"a", "an", "the", "any", "more"})


def _count(text: Text, hit: Hit) -> int:
    """By a number before it; else two of what is in the plural."""
    if text.tokens[hit.first].emoji:
        return 1
    for index in range(hit.first - 1, max(-1, hit.first - 1 - _REACH), -1):
        token = text.tokens[index]
        if token.clause != text.tokens[hit.first].clause:
            break
        if token.word.isdigit():
            return max(1, min(5, int(token.word)))
        counts = text.lexicons[index].counts
        if (word := text.tells(index, counts)) and " " not in word:
            return counts[word]
        adjective = any(form.part == "adjective" for form in text.forms[index])
        if not adjective and index < hit.first - 1:
            break
    before = text.tokens[hit.first - 1].word if hit.first else ""
    singular = before in text.lexicons[hit.first].rule("with_genitive")
    return 2 if hit.form.plural and not singular else 1
