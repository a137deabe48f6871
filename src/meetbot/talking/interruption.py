"""Whether the bot may go on speaking while others make themselves heard: a pure state machine.

Events and times go in, a verdict comes out, so that it is the same at any speed. Times are
meeting time. What counts as quiet is measured by when events arrived.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from meetbot.core.types import (
    SpeechBegan,
    SpeechEnded,
    SpeechWent,
    TurnDropped,
    TurnGuessed,
    TurnTaken,
)
from meetbot.talking.phrases import is_backchannel

if TYPE_CHECKING:
    from meetbot.config import TalkingSettings
    from meetbot.core.types import SpeechEvent

__all__ = ["Interruption", "Verdict"]

NS_PER_MS = 1_000_000
QUIET_NS = 200 * NS_PER_MS
"""A voice that was not heard for so long is not speaking: the bot need not lower its own."""
LONGEST_GUESS_NS = 5_000 * NS_PER_MS


class Verdict(Enum):
    """What the bot's voice is to do. OVER: someone has the floor, the answer ends here."""

    CLEAR = auto()
    DUCK = auto()
    PAUSE = auto()
    OVER = auto()


@dataclass(slots=True)
class _Voice:
    """Somebody in the middle of a turn. ``counted_from_ms``: speech that does not count (yet)."""

    began_ns: int
    heard_ns: int
    voiced_ms: float = 0.0
    counted_from_ms: float = 0.0
    ended: bool = False
    guessed_ns: int | None = None


class Interruption:
    """Follows everybody's speech; between ``begin`` and ``end`` it can interrupt the bot."""

    def __init__(self, settings: TalkingSettings) -> None:
        self._stop_after_ms = settings.stop_after_ms
        self._resume_after_ns = settings.resume_after_ms * NS_PER_MS
        self._voices: dict[str, _Voice] = {}
        self._begun_ns: int | None = None
        self._paused = False
        self._over = False
        self.voice_began_ns = 0

    def begin(self, at_ns: int) -> None:
        """The bot has something to say from now on."""
        self._begun_ns = at_ns
        self._paused = self._over = False
        self._voices = {who: voice for who, voice in self._voices.items() if not voice.ended}
        self._count_anew()

    def end(self) -> None:
        """The bot has finished."""
        self._begun_ns = None

    def heard(self, event: SpeechEvent, now_ns: int) -> None:
        """Someone is heard; bots are not listened to."""
        if event.participant.is_bot:
            return
        who = event.participant.id
        match event:
            case SpeechBegan(at_ns=at_ns):
                self._voices[who] = _Voice(at_ns, now_ns)
            case SpeechWent():
                self._went(event, now_ns)
            case TurnTaken():
                self._voices.pop(who, None)
                self._taken(event)
            case SpeechEnded() if who in self._voices:
                self._voices[who].ended = True
            case TurnGuessed() if who in self._voices:
                self._voices[who].guessed_ns = now_ns
            case TurnDropped() if who in self._voices:
                self._voices[who].guessed_ns = None

    def verdict(self, now_ns: int) -> Verdict:
        """What the bot's voice is to do at ``now_ns``."""
        if self._over:
            return Verdict.OVER
        voices = self._voices.values()
        if self._paused and any(self._holds(voice, now_ns) for voice in voices):
            return Verdict.PAUSE
        if self._paused:
            self._paused = False
            self._count_anew()
        if any(not voice.ended and now_ns - voice.heard_ns < QUIET_NS for voice in voices):
            return Verdict.DUCK
        return Verdict.CLEAR

    def _went(self, event: SpeechWent, now_ns: int) -> None:
        voice = self._voices.setdefault(event.participant.id, _Voice(event.at_ns, now_ns))
        voice.heard_ns = now_ns
        voice.voiced_ms = event.voiced_ms
        voice.ended = False
        stops = voice.voiced_ms - voice.counted_from_ms >= self._stop_after_ms
        if self._begun_ns is not None and stops and not self._paused:
            self._paused = True
            self.voice_began_ns = max(voice.began_ns, self._begun_ns)

    def _taken(self, turn: TurnTaken) -> None:
        """Words came: the floor is theirs, unless they only listened or spoke before the bot."""
        if self._begun_ns is None or is_backchannel(turn.text):
            return
        into_ms = (turn.end_ns - self._begun_ns) / NS_PER_MS
        if turn.start_ns >= self._begun_ns or into_ms >= self._stop_after_ms:
            self._over = True

    def _holds(self, voice: _Voice, now_ns: int) -> bool:
        """Whether it is not sure yet that ``voice`` is silent and said nothing."""
        if voice.guessed_ns is not None and now_ns - voice.guessed_ns < LONGEST_GUESS_NS:
            return True
        return now_ns - voice.heard_ns < self._resume_after_ns

    def _count_anew(self) -> None:
        for voice in self._voices.values():
            voice.counted_from_ms = voice.voiced_ms
