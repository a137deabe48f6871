"""The sound of one answer on its own time line, which begins with its first sample at 48 kHz.

Sound is added at one end and played from the other. The track knows which words lie where, so
that it can tell what of the answer was heard, and go back to the beginning of a word.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.voice import VOICE_RATE
from meetbot.talking.sound import FADE_SAMPLES, samples_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.core.voice import Speech

__all__ = ["Mark", "Track"]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a stretch of speech begins on the track, in samples."""

    start: int
    speech: Speech


@dataclass(frozen=True, slots=True)
class _TimedWord:
    text: str
    start: int
    end: int


@dataclass(slots=True)
class _Passage:
    """A clause: what people read of it, and where it sounds. ``end`` None: more is to come."""

    text: str
    start: int
    end: int | None = None
    words: list[_TimedWord] = field(default_factory=list)
    spoken_seconds: float = 0.0

    def heard(self, until: int) -> str:
        """The part of the text whose sound lies before sample ``until``."""
        if until <= self.start:
            return ""
        last = self.words[-1].end if self.words else until + 1
        if self.end is not None and until >= min(last, self.end):
            return self.text
        tokens = self.text.split()
        if self.words:
            told = [word.text for word in self.words]
            count = sum(word.end <= until for word in self.words)
            same = self.end is not None and len(told) == len(tokens)
            return " ".join((tokens if same else told)[:count])
        if self.end is None:
            return ""
        share = (until - self.start) / (self.end - self.start)
        return " ".join(tokens[: int(len(tokens) * share)])


class Track:
    """One answer's sound. ``cursor``: the next sample to be played; ``heard``: the furthest yet."""

    def __init__(self) -> None:
        self._sound = np.zeros(VOICE_RATE, np.int16)
        self._passages: list[_Passage] = []
        self.length = 0
        self.cursor = 0
        self.heard = 0
        self.finished = False
        self.marks: list[Mark] = []

    @property
    def ahead(self) -> int:
        """Samples that are there and not played yet."""
        return self.length - self.cursor

    @property
    def over(self) -> bool:
        """Everything was played, and no more will come."""
        return self.finished and not self.ahead

    def begin(self, text: str) -> None:
        """What is added from now on says ``text``, a clause."""
        self.end_clause()
        self._passages.append(_Passage(text, self.length))

    def mark(self, speech: Speech) -> None:
        """The next stretch of the clause, whose samples follow by ``add`` (and may lag a bit)."""
        passage = self._passages[-1]
        start = passage.start + round(passage.spoken_seconds * VOICE_RATE)
        passage.spoken_seconds += len(speech.samples) / speech.sample_rate
        passage.words += [
            _TimedWord(
                word.text, start + samples_of(word.start_ns), start + samples_of(word.end_ns)
            )
            for word in speech.words
        ]
        self.marks.append(Mark(start, speech))

    def add(self, samples: NDArray[np.int16]) -> None:
        """More sound."""
        need = self.length + len(samples)
        if need > len(self._sound):
            grown = np.zeros(max(need, 2 * len(self._sound)), np.int16)
            grown[: self.length] = self._sound[: self.length]
            self._sound = grown
        self._sound[self.length : need] = samples
        self.length = need

    def end_clause(self) -> None:
        """All sound of the present clause is there."""
        if self._passages and self._passages[-1].end is None:
            self._passages[-1].end = self.length

    def finish(self) -> None:
        """No more sound will come."""
        self.end_clause()
        self.finished = True

    def take(self, most: int) -> NDArray[np.int16]:
        """The next samples, at most ``most``; fewer where no more are there."""
        taken = self._sound[self.cursor : min(self.cursor + most, self.length)]
        self.cursor += len(taken)
        self.heard = max(self.heard, self.cursor)
        return taken

    def go_back(self) -> None:
        """To just before the word that was being said; to the clause's start without words."""
        passage = self._at_cursor()
        if passage is None:
            return
        begun = [word for word in passage.words if word.start < self.cursor < word.end]
        if begun:
            self.cursor = max(passage.start, begun[-1].start - FADE_SAMPLES)
        elif not passage.words:
            self.cursor = passage.start

    def begun_text(self) -> str:
        """The clauses that have begun to sound."""
        return " ".join(passage.text for passage in self._passages if passage.start < self.heard)

    def heard_text(self) -> str:
        """What was really said: whole clauses, and of the last the words whose sound ended."""
        parts = [passage.heard(self.heard) for passage in self._passages]
        return " ".join(part for part in parts if part)

    def _at_cursor(self) -> _Passage | None:
        begun = [passage for passage in self._passages if passage.start < self.cursor]
        return begun[-1] if begun and not self._ended(begun[-1]) else None

    def _ended(self, passage: _Passage) -> bool:
        return passage.end is not None and passage.end <= self.cursor
