"""Who has the floor: nobody is talked over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from meetbot.core.types import SpeechBegan, SpeechEnded, SpeechWent

if TYPE_CHECKING:
    from meetbot.core.types import SpeechEvent

__all__ = ["Floor"]

GAP_NS = 500_000_000
MIN_VOICED_MS = 100.0


@dataclass(slots=True)
class _Speech:
    last_ns: int
    voiced_ms: float


class Floor:
    """Follows voice activity. A pause of half a second is a gap, a cough is not speech."""

    def __init__(self) -> None:
        self._speech: dict[str, _Speech] = {}

    def noticed(self, event: SpeechEvent) -> None:
        """Take what hearing tells."""
        match event:
            case SpeechBegan(participant, at_ns):
                self._speech[participant.id] = _Speech(at_ns, 0.0)
            case SpeechWent(participant, at_ns, voiced_ms):
                self._speech[participant.id] = _Speech(at_ns, voiced_ms)
            case SpeechEnded(participant):
                self._speech.pop(participant.id, None)
            case _:
                pass

    def forget(self, present: frozenset[str]) -> None:
        """Only those ``present`` can speak."""
        self._speech = {who: speech for who, speech in self._speech.items() if who in present}

    def speaking(self, now_ns: int) -> frozenset[str]:
        """The ids of all who speak at ``now_ns``."""
        return frozenset(
            who
            for who, speech in self._speech.items()
            if speech.voiced_ms >= MIN_VOICED_MS and now_ns - speech.last_ns < GAP_NS
        )
