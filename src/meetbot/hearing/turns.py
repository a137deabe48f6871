"""Where a turn begins, pauses and ends: a state machine on voice activity, in media time.

It knows nothing of clocks or tasks: windows go in, events come out, so that a recording gives
the same turns at any speed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.types import SAMPLE_RATE
from meetbot.hearing.intake import WINDOW, WINDOW_NS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.config import HearingSettings
    from meetbot.hearing.intake import Window

__all__ = [
    "EndReason",
    "MayEnd",
    "PauseBegan",
    "PauseEnded",
    "Turn",
    "TurnBegan",
    "TurnEnded",
    "TurnEvent",
    "TurnTracker",
]

WINDOW_MS = WINDOW * 1000 / SAMPLE_RATE
PRE_ROLL_WINDOWS = 10
ONSET_WINDOWS = 2
RELEASE = 0.15
CUT_SEARCH_WINDOWS = 94
EARLY_CUT_SHARE = 2 / 3
TAIL_WINDOWS = 4


class EndReason(StrEnum):
    """Why a turn ended."""

    COMPLETE = "complete"
    SILENCE = "silence"
    CUT = "cut"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Turn:
    """Sound of a turn so far: float32 at 16 kHz from ``start_ns``; ``voiced_ms`` of it is speech.

    ``speech_end_ns``: where the last speech in it ends.
    """

    audio: NDArray[np.float32]
    start_ns: int
    speech_start_ns: int
    speech_end_ns: int
    voiced_ms: float


@dataclass(frozen=True, slots=True)
class TurnBegan:
    """Someone began to speak."""

    at_ns: int


@dataclass(frozen=True, slots=True)
class PauseBegan:
    """The first silence after speech: ``turn`` may turn out to be all of it."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class MayEnd:
    """Silence long enough to end the turn if it sounded complete: answer with ``end``."""


@dataclass(frozen=True, slots=True)
class PauseEnded:
    """Speech went on: what was guessed from the pause is void."""


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The turn is over. Same sound as in the last ``PauseBegan``, unless it was cut or closed."""

    turn: Turn
    reason: EndReason


TurnEvent = TurnBegan | PauseBegan | MayEnd | PauseEnded | TurnEnded


class TurnTracker:
    """One microphone's turns."""

    def __init__(self, settings: HearingSettings) -> None:
        self._threshold = settings.vad.threshold
        self._speculate = max(1, round(settings.speculate_after_ms / WINDOW_MS))
        self._may_end = max(self._speculate, round(settings.end_after_ms / WINDOW_MS))
        self._must_end = max(self._may_end + 1, round(settings.max_pause_ms / WINDOW_MS))
        self._longest = round(settings.max_turn_seconds * 1000 / WINDOW_MS)
        self._pre_roll: deque[tuple[Window, float]] = deque(maxlen=PRE_ROLL_WINDOWS)
        self._windows: list[tuple[Window, float]] = []
        self._onset = 0
        self._silent = 0
        self._voiced = 0
        self._pause: Turn | None = None

    @property
    def voiced_ms(self) -> float:
        """Speech in this turn so far."""
        return self._voiced * WINDOW_MS

    @property
    def speaking(self) -> bool:
        """True from the beginning of a turn to its end."""
        return bool(self._windows)

    @property
    def pausing(self) -> bool:
        """True in a turn's silence."""
        return self._silent > 0

    def push(self, window: Window, probability: float) -> list[TurnEvent]:
        """What the next window tells."""
        if not self.speaking:
            return self._wait(window, probability)
        self._windows.append((window, probability))
        if probability >= self._threshold or (
            not self._silent and probability >= self._threshold - RELEASE
        ):
            return self._hear()
        return self._fall_silent()

    def end(self) -> list[TurnEvent]:
        """The turn is complete, as its sound tells."""
        return [self._finish(EndReason.COMPLETE)] if self._pause is not None else []

    def close(self) -> list[TurnEvent]:
        """No more windows come: keep what was said so far."""
        return [self._finish(EndReason.CLOSED)] if self.speaking else []

    def so_far(self) -> Turn:
        """The turn up to now. Raises ``ValueError`` outside one."""
        return _turn(self._windows, self._threshold)

    def _wait(self, window: Window, probability: float) -> list[TurnEvent]:
        self._pre_roll.append((window, probability))
        self._onset = self._onset + 1 if probability >= self._threshold else 0
        if self._onset < ONSET_WINDOWS:
            return []
        self._windows = list(self._pre_roll)
        self._pre_roll.clear()
        self._voiced = self._onset
        self._onset = 0
        self._silent = 0
        return [TurnBegan(window.pts_ns - (ONSET_WINDOWS - 1) * WINDOW_NS)]

    def _hear(self) -> list[TurnEvent]:
        resumed = self._pause is not None
        self._silent = 0
        self._voiced += 1
        self._pause = None
        events: list[TurnEvent] = [PauseEnded()] if resumed else []
        if len(self._windows) >= self._longest:
            events.append(self._cut())
        return events

    def _fall_silent(self) -> list[TurnEvent]:
        self._silent += 1
        if self._silent == self._speculate:
            self._pause = self.so_far()
            if len(self._windows) >= self._longest * EARLY_CUT_SHARE:
                return [PauseBegan(self._pause), self._finish(EndReason.CUT)]
            return [PauseBegan(self._pause), *self._asked()]
        if self._silent == self._must_end:
            return [self._finish(EndReason.SILENCE)]
        return self._asked()

    def _asked(self) -> list[TurnEvent]:
        return [MayEnd()] if self._silent == self._may_end else []

    def _cut(self) -> TurnEnded:
        """End a turn that is too long where speech was weakest lately; the rest goes on."""
        start = max(1, len(self._windows) - CUT_SEARCH_WINDOWS)
        recent = [probability for _, probability in self._windows[start:]]
        at = start + int(np.argmin(recent))
        head, rest = self._windows[:at], self._windows[at:]
        self._windows = rest
        self._voiced = 0
        return TurnEnded(_turn(head, self._threshold), EndReason.CUT)

    def _finish(self, reason: EndReason) -> TurnEnded:
        turn = self._pause or self.so_far()
        kept = self._windows[-min(self._silent, PRE_ROLL_WINDOWS) :] if self._silent else []
        self._pre_roll.clear()
        self._pre_roll.extend(kept)
        self._windows = []
        self._silent = 0
        self._pause = None
        return TurnEnded(turn, reason)


def _turn(windows: list[tuple[Window, float]], threshold: float) -> Turn:
    voiced = [i for i, (_, probability) in enumerate(windows) if probability >= threshold]
    if not windows:
        raise ValueError("there is no turn")
    first, last = (voiced[0], voiced[-1]) if voiced else (0, len(windows) - 1)
    kept = windows[: last + 1 + TAIL_WINDOWS]
    return Turn(
        audio=np.concatenate([window.samples for window, _ in kept]),
        start_ns=windows[0][0].pts_ns,
        speech_start_ns=windows[first][0].pts_ns,
        speech_end_ns=windows[last][0].pts_ns + WINDOW_NS,
        voiced_ms=len(voiced) * WINDOW_MS,
    )
