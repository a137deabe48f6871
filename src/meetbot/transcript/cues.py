"""Utterances cut into cues that can be read while they are heard: two lines of 42 letters.

The measures are those of the BBC's and Netflix's subtitle guidelines.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from meetbot.core.types import Utterance

__all__ = ["LINE_LETTERS", "Cue", "cues", "one_line", "speaker_name"]

LINE_LETTERS = 42
CUE_LINES = 2
SHORTEST_NS = 1_000_000
PAUSE_NS = 1_500_000_000
"""A silence between two words that is that long begins a new cue."""
_SENTENCE_ENDS = ".?!…。？！"


@dataclass(frozen=True, slots=True)
class Cue:
    """One or two ``lines`` by ``speaker``, on meeting time; ``end_ns`` > ``start_ns``."""

    start_ns: int
    end_ns: int
    speaker: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start_ns: int
    end_ns: int


def cues(utterances: Iterable[Utterance]) -> list[Cue]:
    """All cues in the order of their times; utterances without text give none."""
    made = [cue for utterance in utterances for cue in _cut(utterance)]
    return sorted(made, key=lambda cue: (cue.start_ns, cue.end_ns))


def speaker_name(utterance: Utterance) -> str:
    """Whose words they are: the voice's name, or the participant's where that is unsure."""
    known = utterance.speaker.name if utterance.speaker else utterance.participant.name
    return one_line(known) or "?"


def one_line(text: str) -> str:
    """Untrusted text on one line, without control and bidi-override characters."""
    kept = (
        " " if char.isspace() else char
        for char in text
        if char.isspace() or char in "\u200c\u200d" or unicodedata.category(char)[0] != "C"
    )
    return " ".join("".join(kept).split())


def _cut(utterance: Utterance) -> list[Cue]:
    speaker, made = speaker_name(utterance), []
    tokens: list[_Token] = []
    for token in _tokens(utterance):
        if tokens and _begins_anew(tokens, token):
            made.append(_cue(speaker, tokens))
            tokens = []
        tokens.append(token)
    if tokens:
        made.append(_cue(speaker, tokens))
    return [_apart(cue, following) for cue, following in pairwise([*made, None]) if cue]


def _begins_anew(tokens: list[_Token], token: _Token) -> bool:
    lines = _lines([*tokens, token])
    full = len(lines) > CUE_LINES
    sentence = tokens[-1].text[-1] in _SENTENCE_ENDS and len(_lines(tokens)) == CUE_LINES
    return full or sentence or token.start_ns - tokens[-1].end_ns > PAUSE_NS


def _cue(speaker: str, tokens: list[_Token]) -> Cue:
    end = max(tokens[-1].end_ns, tokens[0].start_ns + SHORTEST_NS)
    return Cue(tokens[0].start_ns, end, speaker, tuple(_lines(tokens)))


def _apart(cue: Cue, following: Cue | None) -> Cue:
    """Two cues of one utterance never stand at once."""
    if following is None or cue.end_ns <= following.start_ns:
        return cue
    end = max(following.start_ns, cue.start_ns + SHORTEST_NS)
    return Cue(cue.start_ns, end, cue.speaker, cue.lines)


def _lines(tokens: list[_Token]) -> list[str]:
    lines: list[str] = []
    for token in tokens:
        if lines and len(lines[-1]) + 1 + len(token.text) <= LINE_LETTERS:
            lines[-1] += f" {token.text}"
        else:
            lines.append(token.text)
    return lines


def _tokens(utterance: Utterance) -> list[_Token]:
    """The text's words with their times: measured ones, or shared out by length."""
    words = one_line(utterance.text).split()
    timed = [w for w in utterance.words if one_line(w.text)]
    if timed and [one_line(w.text) for w in timed] == words:
        return [
            _Token(piece, w.start_ns, max(w.start_ns, w.end_ns))
            for w in timed
            for piece in _pieces(one_line(w.text))
        ]
    start, span = utterance.start_ns, max(0, utterance.end_ns - utterance.start_ns)
    pieces = [piece for word in words for piece in _pieces(word)]
    letters, passed, tokens = sum(len(piece) + 1 for piece in pieces), 0, []
    for piece in pieces:
        begin = start + span * passed // letters
        passed += len(piece) + 1
        tokens.append(_Token(piece, begin, start + span * passed // letters))
    return tokens


def _pieces(word: str) -> list[str]:
    """A word longer than a line, cut."""
    return [word[i : i + LINE_LETTERS] for i in range(0, len(word), LINE_LETTERS)]
