"""A whole transcript as JSON (the shape of ``transcribe --json``) and as Markdown."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, TypedDict

from meetbot.transcript.cues import one_line, speaker_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from meetbot.core.types import Utterance

__all__ = ["Document", "Segment", "SpeakerTime", "TimedWord", "to_document", "to_markdown"]

S = 1_000_000_000
_MARKUP = re.compile(r"([\\`*_\[\]<>&~|$])")
_LINE_MARKUP = re.compile(r"^(\d*)([#+=.)-])")


class TimedWord(TypedDict):
    """A word; times in seconds."""

    start: float
    end: float
    text: str


class Segment(TypedDict):
    """What one person said without a break; times in seconds."""

    start: float
    end: float
    speaker: str
    text: str
    words: list[TimedWord]


class SpeakerTime(TypedDict):
    """How long somebody spoke."""

    name: str
    seconds: float


class Document(TypedDict):
    """The contract of ``transcribe --json``. ``language``: the one spoken longest, or empty."""

    file: str
    language: str
    segments: list[Segment]
    speakers: list[SpeakerTime]


def to_document(file: str, utterances: Iterable[Utterance]) -> Document:
    """``utterances`` as the contract has them, in order of time; speakers by first appearance."""
    said = _in_order(utterances)
    seconds: dict[str, float] = {}
    languages: Counter[str] = Counter()
    for utterance in said:
        length = (utterance.end_ns - utterance.start_ns) / S
        name = speaker_name(utterance)
        seconds[name] = seconds.get(name, 0.0) + length
        languages[utterance.language] += max(1, utterance.end_ns - utterance.start_ns)
    return {
        "file": file,
        "language": languages.most_common(1)[0][0] if languages else "",
        "segments": [_segment(utterance) for utterance in said],
        "speakers": [{"name": name, "seconds": round(t, 3)} for name, t in seconds.items()],
    }


def to_markdown(title: str, utterances: Iterable[Utterance]) -> str:
    """A page to read: one paragraph for what somebody said in a row, with its time."""
    paragraphs = [f"# {_literal(one_line(title))}"]
    for speaker, group in groupby(_in_order(utterances), key=speaker_name):
        said = list(group)
        text = " ".join(_literal(one_line(utterance.text)) for utterance in said)
        paragraphs.append(f"**{_literal(speaker)}** · {_clock(said[0].start_ns)}\n\n{text}")
    return "\n\n".join(paragraphs) + "\n"


def _in_order(utterances: Iterable[Utterance]) -> Sequence[Utterance]:
    spoken = [utterance for utterance in utterances if one_line(utterance.text)]
    return sorted(spoken, key=lambda utterance: utterance.start_ns)


def _segment(utterance: Utterance) -> Segment:
    return {
        "start": _seconds(utterance.start_ns),
        "end": _seconds(utterance.end_ns),
        "speaker": speaker_name(utterance),
        "text": one_line(utterance.text),
        "words": [
            {
                "start": _seconds(word.start_ns),
                "end": _seconds(word.end_ns),
                "text": one_line(word.text),
            }
            for word in utterance.words
        ],
    }


def _seconds(nanoseconds: int) -> float:
    return round(nanoseconds / S, 3)


def _clock(nanoseconds: int) -> str:
    seconds = max(0, nanoseconds) // S
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _literal(text: str) -> str:
    """Text in which Markdown finds no markup (CommonMark backslash escapes)."""
    return _LINE_MARKUP.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", text))
