"""Plays released answers, one after the other, slice by slice on the meeting's clock."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.types import TurnTaken
from meetbot.core.voice import MOMENT_NS, MOMENT_SAMPLES, VOICE_RATE, Spoken
from meetbot.talking.interruption import Interruption, Verdict
from meetbot.talking.phrases import is_stop
from meetbot.talking.sound import FADE_SAMPLES, Gain, cut, samples_of, time_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.config import TalkingSettings
    from meetbot.core.ports import FaceStream
    from meetbot.core.types import SpeechEvent
    from meetbot.observe import Metrics
    from meetbot.talking.narrator import Narrator
    from meetbot.talking.reply import Reply

__all__ = ["Player"]

NS_PER_S = 1_000_000_000


@dataclass(slots=True)
class _OnAir:
    """The answer whose turn it is. ``told``: how many of its marks the face knows."""

    reply: Reply
    gain: Gain
    told: int = 0
    start_ns: int | None = None
    end_ns: int = 0
    paused: bool = False
    starved: bool = False
    shown: str = ""


class Player:
    """``slice`` gives the sound of each moment; speech of others lowers, holds or ends it."""

    def __init__(
        self, settings: TalkingSettings, face: FaceStream, narrator: Narrator, metrics: Metrics
    ) -> None:
        self._settings = settings
        self._longest = round(settings.max_answer_seconds * VOICE_RATE)
        self._face = face
        self._narrator = narrator
        self._metrics = metrics
        self._interruption = Interruption(settings)
        self._queue: deque[Reply] = deque()
        self._on_air: _OnAir | None = None
        self._next_ns = 0

    def play(self, reply: Reply) -> None:
        """Say it, after those that were to be said before."""
        self._queue.append(reply)
        if self._on_air is None:
            self._go_on(self._next_ns)

    def noticed(self, event: SpeechEvent, now_ns: int) -> None:
        """Someone else makes themselves heard."""
        self._interruption.heard(event, now_ns)
        if isinstance(event, TurnTaken) and is_stop(event.text) and not event.participant.is_bot:
            for reply in self._queue:
                reply.cancel()

    def withdraw(self, answer_id: str) -> None:
        """An answer that was to be said, or is being said, ends here."""
        for reply in self._all():
            if reply.answer.id == answer_id:
                reply.cancel()

    def stop(self) -> None:
        """All answers end here."""
        for reply in self._all():
            reply.cancel()

    def _all(self) -> tuple[Reply, ...]:
        on_air = [self._on_air.reply] if self._on_air is not None else []
        return (*on_air, *self._queue)

    def grown(self, reply: Reply) -> None:
        """There is more sound of ``reply``: its face may know as soon as its place is known."""
        if self._on_air is not None and self._on_air.reply is reply:
            self._tell_face(self._on_air)

    def slice(self, due_ns: int) -> NDArray[np.int16] | None:
        """The sound from ``due_ns`` on for 40 ms, int16 (1920,); None: silence."""
        if due_ns != self._next_ns:
            self._move(due_ns)
        self._retire(due_ns)
        self._next_ns = due_ns + MOMENT_NS
        on_air = self._on_air
        return self._sound(on_air, due_ns) if on_air is not None else None

    def _go_on(self, at_ns: int) -> None:
        """The next answer's turn."""
        self._interruption.end()
        self._on_air = None
        if self._queue:
            self._on_air = _OnAir(self._queue.popleft(), Gain())
            self._interruption.begin(at_ns)
            self._tell_face(self._on_air)

    def _retire(self, due_ns: int) -> None:
        """Answers that make no sound and never will again make way for the next."""
        while (on_air := self._on_air) is not None:
            ended = self._ended(on_air, due_ns)
            if ended and (on_air.paused or on_air.start_ns is None):
                self._end(on_air, due_ns)
            elif not ended and on_air.reply.track.over:
                self._finish(on_air, due_ns, interrupted=not on_air.reply.complete)
            else:
                return

    def _ended(self, on_air: _OnAir, due_ns: int) -> bool:
        """Whether its time is over before it is."""
        reply = on_air.reply
        over = self._interruption.verdict(due_ns) is Verdict.OVER
        return over or reply.withdrawn or reply.track.cursor >= self._longest

    def _sound(self, on_air: _OnAir, due_ns: int) -> NDArray[np.int16] | None:
        if self._ended(on_air, due_ns):
            return self._end(on_air, due_ns)
        verdict = self._interruption.verdict(due_ns)
        waits = verdict is Verdict.DUCK and on_air.start_ns is None
        if verdict is Verdict.PAUSE or waits:
            return self._pause(on_air, due_ns)
        if on_air.paused:
            self._resume(on_air, due_ns)
        gain = self._settings.duck_gain if verdict is Verdict.DUCK else 1.0
        return self._take(on_air, due_ns, gain)

    def _take(self, on_air: _OnAir, due_ns: int, gain: float) -> NDArray[np.int16] | None:
        track = on_air.reply.track
        taken = track.take(MOMENT_SAMPLES)
        on_air.reply.played()
        if len(taken):
            self._heard(on_air, due_ns, len(taken))
        if track.over:
            self._finish(on_air, due_ns, interrupted=not on_air.reply.complete)
        elif len(taken) < MOMENT_SAMPLES:
            self._starve(on_air, due_ns + time_of(len(taken)))
        if not len(taken):
            return None
        return _padded(on_air.gain.apply(taken, gain))

    def _heard(self, on_air: _OnAir, due_ns: int, samples: int) -> None:
        answer = on_air.reply.answer
        if on_air.start_ns is None:
            on_air.start_ns = due_ns
            since = (due_ns - answer.question_end_ns) / NS_PER_S
            self._metrics.measure("talking.question_to_sound_s", since)
        on_air.starved = False
        on_air.end_ns = due_ns + time_of(samples)
        text = on_air.reply.track.begun_text()
        if text != on_air.shown:
            on_air.shown = text
            self._narrator.grow(answer, text)

    def _starve(self, on_air: _OnAir, from_ns: int) -> None:
        """Sound is not ready in the middle of an answer: silence, with a shut mouth."""
        if on_air.start_ns is not None and not on_air.starved:
            on_air.starved = True
            self._metrics.count("talking.underruns")
            self._face.hush(from_ns / NS_PER_S)

    def _pause(self, on_air: _OnAir, due_ns: int) -> NDArray[np.int16] | None:
        if on_air.paused:
            return None
        on_air.paused = True
        faded = self._fade(on_air, due_ns)
        if faded is not None:
            since_ns = on_air.end_ns - self._interruption.voice_began_ns
            self._metrics.measure("talking.barge_in_s", since_ns / NS_PER_S)
        return faded

    def _resume(self, on_air: _OnAir, due_ns: int) -> None:
        """Go on where it stopped, from the beginning of the word."""
        on_air.paused = False
        if on_air.start_ns is not None:
            self._metrics.count("talking.resumed")
            on_air.reply.track.go_back()
        self._place(on_air, due_ns)

    def _fade(self, on_air: _OnAir, due_ns: int) -> NDArray[np.int16] | None:
        """The last 20 ms before silence, and the mouth closes."""
        gone = None
        end_ns = due_ns
        if on_air.start_ns is not None:
            taken = on_air.reply.track.take(FADE_SAMPLES)
            end_ns += time_of(len(taken))
            on_air.end_ns = end_ns
            gone = _padded(on_air.gain.apply(taken, 0.0)) if len(taken) else None
            on_air.gain.level = 0.0
        self._face.hush(end_ns / NS_PER_S)
        return gone

    def _end(self, on_air: _OnAir, due_ns: int) -> NDArray[np.int16] | None:
        """Nothing more of this answer."""
        faded = None if on_air.paused else self._fade(on_air, due_ns)
        on_air.reply.cancel()
        self._finish(on_air, due_ns, interrupted=True)
        return faded

    def _finish(self, on_air: _OnAir, due_ns: int, *, interrupted: bool) -> None:
        reply = on_air.reply
        self._metrics.count("talking.interrupted" if interrupted else "talking.finished")
        began = due_ns if on_air.start_ns is None else on_air.start_ns
        self._narrator.end(
            Spoken(
                answer_id=reply.answer.id,
                text=reply.track.heard_text(),
                language=reply.answer.language,
                start_ns=began,
                end_ns=max(began, on_air.end_ns),
                interrupted=interrupted,
            )
        )
        self._go_on(self._next_ns)

    def _tell_face(self, on_air: _OnAir) -> None:
        """Every stretch whose place in time is known: the cursor is at ``_next_ns``."""
        if on_air.paused:
            return
        track = on_air.reply.track
        for mark in track.marks[on_air.told :]:
            behind = track.cursor - mark.start
            speech = mark.speech
            if behind > 0:
                speech = cut(speech, samples_of(time_of(behind), speech.sample_rate))
            if len(speech.samples):
                at_ns = self._next_ns + max(0, time_of(-behind))
                self._face.speak(speech, at_ns / NS_PER_S)
        on_air.told = len(track.marks)

    def _move(self, due_ns: int) -> None:
        """Moments were left out: what is to come comes later than the face was told."""
        self._next_ns = due_ns
        if self._on_air is not None and not self._on_air.paused and self._on_air.told:
            self._face.hush(due_ns / NS_PER_S)
            self._place(self._on_air, due_ns)

    def _place(self, on_air: _OnAir, due_ns: int) -> None:
        """The sound at the cursor is heard from ``due_ns`` on: tell the face everything anew."""
        on_air.told = 0
        held, self._next_ns = self._next_ns, due_ns
        self._tell_face(on_air)
        self._next_ns = held


def _padded(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """To the length of a moment, with silence."""
    missing = MOMENT_SAMPLES - len(samples)
    return np.pad(samples, (0, missing)) if missing else samples
