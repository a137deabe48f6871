"""The text of a turn that is still going on, at a cost that does not grow with its length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from meetbot.core.types import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from meetbot.core.types import Recognition, Word

__all__ = ["PartialTrail", "Pending", "joined"]

NS_PER_S = 1_000_000_000
LONG_SECONDS = 5.0
UNSETTLED_SECONDS = 2.5
WITHOUT_SPACES = {"ja", "zh", "th", "lo", "my", "yue"}


def joined(words: list[str], language: str) -> str:
    """Words as running text: with spaces, but for the languages that have none."""
    return ("" if language in WITHOUT_SPACES else " ").join(words)


@dataclass(frozen=True, slots=True)
class Pending:
    """Sound of a turn that is still to be recognised, behind ``settled`` words."""

    audio: NDArray[np.float32]
    settled: int
    begin: int

    @property
    def long(self) -> bool:
        """So long that some of it can be settled, given the times of its words."""
        return len(self.audio) > LONG_SECONDS * SAMPLE_RATE


class PartialTrail:
    """Words that ended a while ago are settled; only the sound after them is recognised again."""

    def __init__(self) -> None:
        self._settled: list[str] = []
        self._begin = 0

    def pending(self, audio: NDArray[np.float32]) -> Pending:
        """What of the turn's sound so far is still to be recognised."""
        return Pending(audio[self._begin :], len(self._settled), self._begin)

    def add(self, recognition: Recognition, pending: Pending) -> str:
        """The turn's text so far, given what was recognised in ``pending``."""
        before = self._settled[: pending.settled]
        text = joined([*before, recognition.text], recognition.language)
        if pending.long and pending.begin == self._begin:
            self._settle(recognition.words, len(pending.audio))
        return text

    def _settle(self, words: tuple[Word, ...], samples: int) -> None:
        limit_ns = round((samples / SAMPLE_RATE - UNSETTLED_SECONDS) * NS_PER_S)
        done = [word for word in words if word.end_ns <= limit_ns]
        if done:
            self._settled += [word.text for word in done]
            self._begin += done[-1].end_ns * SAMPLE_RATE // NS_PER_S
