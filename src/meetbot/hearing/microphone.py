"""One participant's microphone: windows to turns, turns to captions and utterances."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

import numpy as np

from meetbot.core.channels import Channel, Overflow
from meetbot.core.types import Caption
from meetbot.hearing.desk import Urgency
from meetbot.hearing.finish import Finisher, OpenTurn
from meetbot.hearing.gates import credible, worth_recognizing
from meetbot.hearing.intake import Intake
from meetbot.hearing.trail import PartialTrail
from meetbot.hearing.turns import (
    MayEnd,
    PauseBegan,
    PauseEnded,
    TurnBegan,
    TurnEnded,
    TurnTracker,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from numpy.typing import NDArray

    from meetbot.config import HearingSettings
    from meetbot.core.ports import TurnDetector, VoiceActivityStream
    from meetbot.core.types import AudioFrame, Participant, Speaker, Utterance
    from meetbot.hearing.desk import Job, RecognitionDesk
    from meetbot.hearing.intake import Window
    from meetbot.hearing.trail import Pending
    from meetbot.hearing.turns import Turn, TurnEvent
    from meetbot.people import VoiceIdentifier

__all__ = ["HearingSink", "Microphone", "MicrophoneParts"]

log = logging.getLogger(__name__)

QUIET_RMS = 0.0005
QUIET_WINDOWS_BEFORE_RESET = 32
LEVEL_EVERY = 3
FULL_LEVEL_RMS = 0.1
TURNS_IN_FLIGHT = 4
NS_PER_S = 1_000_000_000
MIN_PARTIAL_MS = 500


class HearingSink(Protocol):
    """Where what was heard goes."""

    async def partial(self, caption: Caption) -> None:
        """What someone has said so far; an empty text withdraws it."""

    async def final(self, utterance: Utterance) -> None:
        """What someone said, in order; each is kept before it is shown to anyone."""

    def level(self, participant_id: str, level: float) -> None:
        """How loudly someone speaks, 0…1, about ten times a second; 0 when they stop."""

    async def trouble(self, text: str) -> None:
        """A part failed, in a line for people; the meeting goes on."""


@dataclass(frozen=True, slots=True)
class MicrophoneParts:
    """What all microphones of a meeting share. ``live``: windows come in real time.

    ``stopping`` ends every microphone.
    """

    settings: HearingSettings
    desk: RecognitionDesk
    turn_detector: TurnDetector
    identifier: VoiceIdentifier | None
    sink: HearingSink
    live: bool
    stopping: asyncio.Event


@dataclass(slots=True)
class _Guess:
    """What was begun in a pause, in case the turn ends with it."""

    turn: Turn
    job: Job | None
    completion: asyncio.Task[float]
    prints: asyncio.Task[None] | None

    def drop(self) -> None:
        self.completion.cancel()
        if self.prints is not None:
            self.prints.cancel()
        if self.job is not None:
            self.job.result.cancel()


class Microphone:
    """Listens to one participant until the frames end."""

    def __init__(
        self, participant: Participant, voice: VoiceActivityStream, parts: MicrophoneParts
    ) -> None:
        self._participant = participant
        self._voice = voice
        self._parts = parts
        self._settings = parts.settings
        self._intake = Intake()
        self._tracker = TurnTracker(parts.settings)
        self._finisher = Finisher(participant, parts)
        self._turns: Channel[OpenTurn] = Channel(TURNS_IN_FLIGHT, Overflow.WAIT)
        self._turn_id = ""
        self._trail = PartialTrail()
        self._guess: _Guess | None = None
        self._next_partial_ns = 0
        self._speaker: Speaker | None = None
        self._quiet = 0
        self._windows = 0
        self._turns_failed = False
        self._tasks: asyncio.TaskGroup

    async def listen(self, frames: AsyncIterator[AudioFrame]) -> None:
        """Hear ``frames`` to their end; what was said so far is kept when they or a part break.

        Raises what broke. Cancelled, it ends at once and gives up what is not handed on yet.
        """
        broke: Exception | None = None
        async with asyncio.TaskGroup() as self._tasks:
            self._tasks.create_task(self._finisher.run(self._turns))
            try:
                await self._take(frames)
            except Exception as error:
                broke = error
            await self._handle(self._tracker.close())
            self._turns.close()
        if broke is not None:
            raise broke

    async def _take(self, frames: AsyncIterator[AudioFrame]) -> None:
        async with contextlib.aclosing(self._paced(frames)) as paced:
            async for frame in paced:
                windows = self._intake.flush() if frame is None else self._intake.push(frame)
                for window in windows:
                    await self._hear(window)
                if frame is None:
                    await self._handle(self._tracker.close())
        for window in self._intake.flush():
            await self._hear(window)

    async def _paced(self, frames: AsyncIterator[AudioFrame]) -> AsyncGenerator[AudioFrame | None]:
        """The frames; None where a live microphone falls dead in the middle of a turn."""
        patience = self._settings.max_pause_ms / 1000
        stopping = asyncio.ensure_future(self._parts.stopping.wait())
        pending: asyncio.Future[AudioFrame | None] | None = None
        try:
            while not stopping.done():
                pending = pending or asyncio.ensure_future(_next(frames))
                limit = patience if self._parts.live and self._tracker.speaking else None
                either: set[asyncio.Future[Any]] = {pending, stopping}
                await asyncio.wait(either, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
                if pending.done():
                    frame, pending = pending.result(), None
                    if frame is None:
                        return
                    yield frame
                elif not stopping.done():
                    yield None
        finally:
            stopping.cancel()
            if pending is not None:
                pending.cancel()

    async def _hear(self, window: Window) -> None:
        rms = float(np.sqrt(np.mean(np.square(window.samples))))
        await self._handle(self._tracker.push(window, self._probability(window, rms)))
        self._show_level(rms)
        if self._partial_due(window):
            self._begin_partial(window)

    def _probability(self, window: Window, rms: float) -> float:
        """Voice activity; a silent microphone costs no inference."""
        if rms >= QUIET_RMS:
            self._quiet = 0
            return self._voice.probability(window.samples)
        self._quiet += 1
        if self._quiet == QUIET_WINDOWS_BEFORE_RESET:
            self._voice.reset()
        return 0.0

    def _show_level(self, rms: float) -> None:
        self._windows += 1
        if self._tracker.speaking and self._windows % LEVEL_EVERY == 0:
            self._parts.sink.level(self._participant.id, min(1.0, rms / FULL_LEVEL_RMS))

    async def _handle(self, events: list[TurnEvent]) -> None:
        for event in events:
            match event:
                case TurnBegan(at_ns):
                    self._begin_turn(at_ns)
                case PauseBegan(turn):
                    self._begin_guess(turn)
                case PauseEnded():
                    self._drop_guess()
                case MayEnd():
                    await self._ask_whether_complete()
                case TurnEnded(turn):
                    await self._end_turn(turn)

    def _begin_turn(self, at_ns: int) -> None:
        self._turn_id = uuid4().hex
        self._speaker = None
        self._trail = PartialTrail()
        self._next_partial_ns = at_ns + self._partial_interval_ns

    def _begin_guess(self, turn: Turn) -> None:
        """Recognise in the first silence already, and ask whether this sounded like an end."""
        job = prints = None
        if self._parts.live and worth_recognizing(turn, self._settings.gates):
            job = self._submit(turn.audio, Urgency.GUESS)
            prints = self._tasks.create_task(self._prepare_prints(turn.audio))
        completion = self._tasks.create_task(self._completion(turn.audio))
        self._guess = _Guess(turn, job, completion, prints)

    async def _prepare_prints(self, audio: NDArray[np.float32]) -> None:
        """While the words are recognised; what fails here fails again where it is reported."""
        if self._parts.identifier is not None:
            with contextlib.suppress(Exception):
                await self._parts.identifier.prepare(audio)

    async def _completion(self, audio: NDArray[np.float32]) -> float:
        """Whether the turn sounds complete; without a detector it ends by its silence."""
        try:
            completion = await self._parts.turn_detector.completion(audio)
        except Exception as error:
            log.warning("the end of turns is unknown", exc_info=error)
            if not self._turns_failed:
                self._turns_failed = True
                await self._parts.sink.trouble(
                    f"Captions come later, ends of turns cannot be told at the moment: {error}"
                )
            return 0.0
        self._turns_failed = False
        return completion

    def _drop_guess(self) -> None:
        if self._guess is not None:
            self._guess.drop()
            self._guess = None

    async def _ask_whether_complete(self) -> None:
        if self._guess is None:
            return
        completion = await self._guess.completion
        if completion >= self._settings.turn.threshold:
            await self._handle(self._tracker.end())

    async def _end_turn(self, turn: Turn) -> None:
        guess, self._guess = self._guess, None
        job = None
        if guess is not None and guess.turn is turn:
            guess.completion.cancel()
            job = guess.job
        elif guess is not None:
            guess.drop()
        if worth_recognizing(turn, self._settings.gates):
            job = job or self._submit(turn.audio, Urgency.FINAL)
            job.urgency = Urgency.FINAL
        await self._turns.send(OpenTurn(self._turn_id, turn, job))
        self._parts.sink.level(self._participant.id, 0.0)
        if self._tracker.speaking:
            self._begin_turn(turn.speech_end_ns)

    def _submit(self, audio: NDArray[np.float32], urgency: Urgency) -> Job:
        language = self._finisher.language
        return self._parts.desk.submit(self._participant.id, audio, urgency, language)

    @property
    def _partial_interval_ns(self) -> int:
        return round(self._settings.partial_interval_seconds * NS_PER_S)

    def _partial_due(self, window: Window) -> bool:
        return (
            self._parts.live
            and self._tracker.speaking
            and not self._tracker.pausing
            and window.pts_ns >= self._next_partial_ns
        )

    def _begin_partial(self, window: Window) -> None:
        self._next_partial_ns = window.pts_ns + self._partial_interval_ns
        turn = self._tracker.so_far()
        if turn.voiced_ms >= MIN_PARTIAL_MS and worth_recognizing(turn, self._settings.gates):
            pending = self._trail.pending(turn.audio)
            job = self._submit(pending.audio, Urgency.PARTIAL)
            self._tasks.create_task(self._show_partial(self._turn_id, turn, pending, job))

    async def _show_partial(self, turn_id: str, turn: Turn, pending: Pending, job: Job) -> None:
        try:
            await self._partial(turn_id, turn, pending, job)
        except asyncio.CancelledError:
            pass  # a newer one overtook it
        except Exception as error:  # the final caption will say what is wrong
            log.warning("no partial caption: %s", error)

    async def _partial(self, turn_id: str, turn: Turn, pending: Pending, job: Job) -> None:
        recognition = await job.result
        if self._speaker is None and self._parts.identifier is not None:
            self._speaker = await self._parts.identifier.guess(
                turn.audio, participant=self._participant
            )
        open_still = turn_id == self._turn_id and self._tracker.speaking
        if open_still and credible(recognition, self._settings.gates):
            text = self._trail.add(recognition, pending)
            self._finisher.shown.add(turn_id)
            await self._parts.sink.partial(
                Caption(
                    utterance_id=turn_id,
                    participant=self._participant,
                    speaker=self._speaker,
                    text=text,
                    language=recognition.language,
                    start_ns=turn.speech_start_ns,
                    end_ns=turn.speech_end_ns,
                    final=False,
                )
            )


async def _next(frames: AsyncIterator[AudioFrame]) -> AudioFrame | None:
    """The next frame, None at the end (a task cannot raise ``StopAsyncIteration``)."""
    return await anext(frames, None)
