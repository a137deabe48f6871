"""One participant's microphone: windows to turns, turns to captions and utterances."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np

from meetbot.core.types import SpeechBegan, SpeechEnded, SpeechWent
from meetbot.hearing.desk import Urgency
from meetbot.hearing.echo import EchoGuard
from meetbot.hearing.finish import Finisher, OpenTurn
from meetbot.hearing.gates import worth_recognizing
from meetbot.hearing.guess import Guesser
from meetbot.hearing.intake import WINDOW_NS, Intake
from meetbot.hearing.partials import PartialCaptions
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

    from meetbot.core.ports import VoiceActivityStream
    from meetbot.core.types import AudioFrame, Participant
    from meetbot.hearing.intake import Window
    from meetbot.hearing.parts import MicrophoneParts
    from meetbot.hearing.turns import Turn, TurnEvent

__all__ = ["Microphone"]

QUIET_RMS = 0.0005
QUIET_WINDOWS_BEFORE_RESET = 32
LEVEL_EVERY = 3
FULL_LEVEL_RMS = 0.1


class Microphone:
    """Listens to one participant until the frames end."""

    def __init__(
        self, participant: Participant, voice: VoiceActivityStream, parts: MicrophoneParts
    ) -> None:
        self._participant = participant
        self._voice = voice
        self._parts = parts
        self._intake = Intake()
        self._echo = EchoGuard(parts.bot_sound)
        self._tracker = TurnTracker(parts.settings)
        self._tasks = asyncio.TaskGroup()
        self._guesser = Guesser(participant, parts, self._tasks)
        self._partials = PartialCaptions(participant, parts, self._tracker, self._tasks)
        self._finisher = Finisher(participant, parts, self._partials)
        self._turn_id = ""
        self._quiet = 0
        self._windows = 0

    async def listen(self, frames: AsyncIterator[AudioFrame]) -> None:
        """Hear ``frames`` to their end, once; what was said so far is kept when a part breaks.

        Raises what broke. Cancelled, it ends at once and gives up what is not handed on yet.
        """
        broke: Exception | None = None
        async with self._tasks as tasks:
            tasks.create_task(self._finisher.run())
            try:
                await self._take(frames)
            except Exception as error:
                broke = error
            await self._handle(self._tracker.close())
            self._finisher.close()
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
        patience = self._parts.settings.max_pause_ms / 1000
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
        self._tell_voice(window)
        self._show_level(rms)
        self._partials.grow(window.pts_ns, self._finisher.language)

    def _tell_voice(self, window: Window) -> None:
        if self._tracker.speaking and not self._tracker.pausing:
            at_ns = window.pts_ns + WINDOW_NS
            voiced_ms = self._tracker.voiced_ms
            self._parts.sink.noticed(SpeechWent(self._participant, at_ns, voiced_ms))

    def _probability(self, window: Window, rms: float) -> float:
        """Voice activity of people; a silent microphone costs no inference."""
        echo = self._echo.is_echo(window)
        if rms >= QUIET_RMS:
            self._quiet = 0
            probability = self._voice.probability(window.samples)
            return 0.0 if echo else probability
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
                    self._guesser.begin(self._turn_id, turn, self._finisher.language)
                case PauseEnded():
                    self._guesser.drop()
                case MayEnd():
                    await self._ask_whether_complete()
                case TurnEnded(turn):
                    await self._end_turn(turn)

    def _begin_turn(self, at_ns: int) -> None:
        self._turn_id = uuid4().hex
        self._partials.begin_turn(self._turn_id, at_ns)
        self._parts.sink.noticed(SpeechBegan(self._participant, at_ns))

    async def _ask_whether_complete(self) -> None:
        if await self._guesser.completion() >= self._parts.settings.turn.threshold:
            await self._handle(self._tracker.end())

    async def _end_turn(self, turn: Turn) -> None:
        guess = self._guesser.settle(turn)
        self._parts.sink.noticed(SpeechEnded(self._participant, turn.speech_end_ns))
        job = None
        if worth_recognizing(turn, self._parts.settings.gates):
            job = guess.job if guess is not None else None
            job = job or self._parts.desk.submit(
                self._participant.id,
                turn.audio,
                Urgency.FINAL,
                self._finisher.language,
                words=not self._parts.live,
            )
            job.urgency = Urgency.FINAL
        guessed = guess is not None and guess.told
        await self._finisher.take(OpenTurn(self._turn_id, turn, job, guessed))
        self._parts.sink.level(self._participant.id, 0.0)
        if self._tracker.speaking:
            self._begin_turn(turn.speech_end_ns)


async def _next(frames: AsyncIterator[AudioFrame]) -> AudioFrame | None:
    """The next frame, None at the end (a task cannot raise ``StopAsyncIteration``)."""
    return await anext(frames, None)
