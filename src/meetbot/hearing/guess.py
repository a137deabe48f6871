"""What is begun in a pause, in case the turn ends with it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from meetbot.core.types import TurnDropped, TurnGuessed
from meetbot.hearing.desk import Urgency
from meetbot.hearing.gates import credible, worth_recognizing
from meetbot.observe.traces import unexpected

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from meetbot.core.types import Participant
    from meetbot.hearing.desk import Job
    from meetbot.hearing.parts import MicrophoneParts
    from meetbot.hearing.turns import Turn

__all__ = ["Guess", "Guesser"]

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Guess:
    """One pause's work. ``job`` is None where there is too little to recognise.

    ``told``: ``TurnGuessed`` was sent, so ``TurnTaken`` or ``TurnDropped`` must follow.
    """

    turn_id: str
    turn: Turn
    completion: asyncio.Task[float]
    job: Job | None = None
    others: list[asyncio.Task[None]] = field(default_factory=list)
    told: bool = False


class Guesser:
    """One participant's guesses, one at a time. ``tasks`` outlives it."""

    def __init__(
        self, participant: Participant, parts: MicrophoneParts, tasks: asyncio.TaskGroup
    ) -> None:
        self._participant = participant
        self._parts = parts
        self._tasks = tasks
        self._guess: Guess | None = None
        self._detector_failed = False

    def begin(self, turn_id: str, turn: Turn, language: str | None) -> None:
        """Recognise in the first silence already, and ask whether this sounded like an end."""
        self.drop()
        completion = self._tasks.create_task(self._completion(turn.audio))
        self._guess = guess = Guess(turn_id, turn, completion)
        if self._parts.live and worth_recognizing(turn, self._parts.settings.gates):
            guess.job = self._parts.desk.submit(
                self._participant.id, turn.audio, Urgency.GUESS, language
            )
            guess.others = [
                self._tasks.create_task(self._tell(guess, guess.job)),
                self._tasks.create_task(self._prepare_prints(turn.audio, guess.job)),
            ]

    def drop(self) -> None:
        """The speaker went on."""
        guess, self._guess = self._guess, None
        if guess is not None:
            self._void(guess)

    async def completion(self) -> float:
        """How complete the turn sounded at the beginning of this pause; 0.0 outside one."""
        return await self._guess.completion if self._guess is not None else 0.0

    def settle(self, turn: Turn) -> Guess | None:
        """The turn is over: what was guessed, if it was of this very sound."""
        guess, self._guess = self._guess, None
        if guess is None:
            return None
        if guess.turn is not turn:
            self._void(guess)
            return None
        guess.completion.cancel()
        if guess.others:
            guess.others[0].cancel()
        return guess

    def _void(self, guess: Guess) -> None:
        for task in (guess.completion, *guess.others):
            task.cancel()
        if guess.job is not None:
            guess.job.result.cancel()
        if guess.told:
            self._parts.sink.noticed(TurnDropped(guess.turn_id, self._participant))

    async def _tell(self, guess: Guess, job: Job) -> None:
        """What the turn said if it ends here; a failure is told when it does."""
        try:
            recognition = await asyncio.shield(job.result)
        except Exception:
            return
        if not credible(recognition, self._parts.settings.gates):
            return
        guess.told = True
        self._parts.sink.noticed(
            TurnGuessed(
                turn_id=guess.turn_id,
                participant=self._participant,
                text=recognition.text,
                language=recognition.language,
                start_ns=guess.turn.speech_start_ns,
                end_ns=guess.turn.speech_end_ns,
            )
        )

    async def _prepare_prints(self, audio: NDArray[np.float32], job: Job) -> None:
        """Once the words are there, which are waited for; what fails here is reported later."""
        if self._parts.identifier is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait({job.result})
                await self._parts.identifier.prepare(audio)

    async def _completion(self, audio: NDArray[np.float32]) -> float:
        """Whether the turn sounds complete; without a detector it ends by its silence."""
        try:
            completion = await self._parts.turn_detector.completion(audio)
        except Exception as error:
            log.warning("the end of turns is unknown: %s", error, exc_info=unexpected(error))
            if not self._detector_failed:
                self._detector_failed = True
                await self._parts.sink.trouble(
                    f"Captions come later, ends of turns cannot be told at the moment: {error}"
                )
            return 0.0
        self._detector_failed = False
        return completion
