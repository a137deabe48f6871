"""One recognizer for everybody, fairly: finals first, then guesses, then partial captions.

Within a kind the participant served longest ago comes first, so that nobody waits behind
another's monologue. A newer partial of the same participant replaces the one that waits.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from meetbot.core.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.core.ports import Recognizer
    from meetbot.core.types import Recognition

__all__ = ["Job", "RecognitionDesk", "Urgency"]

log = logging.getLogger(__name__)

ATTEMPTS = 2


class Urgency(IntEnum):
    """Lower goes first."""

    FINAL = 0
    GUESS = 1
    PARTIAL = 2


@dataclass(slots=True, eq=False)
class Job:
    """A stretch of sound that waits to be recognized; ``urgency`` may change while it waits.

    ``words``: with the time of each word. ``known``: what was recognized, only its words are to
    be timed.
    """

    participant_id: str
    audio: NDArray[np.float32]
    urgency: Urgency
    language: str | None
    words: bool
    known: Recognition | None
    number: int
    result: asyncio.Future[Recognition] = field(repr=False)


class RecognitionDesk:
    """Hands jobs to the recognizer, one at a time; ``run`` does the work until cancelled.

    When the engine breaks, in whatever way, it is made anew with ``rebuild``, ``report`` is told,
    and the job is tried once more; if it breaks again the job fails with ``EngineError`` and the
    next goes on.
    """

    def __init__(
        self,
        recognizer: Recognizer,
        *,
        rebuild: Callable[[], Awaitable[Recognizer]],
        report: Callable[[str], Awaitable[None]],
    ) -> None:
        self._recognizer = recognizer
        self._rebuild = rebuild
        self._report = report
        self._waiting: list[Job] = []
        self._running: Job | None = None
        self._wake = asyncio.Event()
        self._served: dict[str, int] = {}
        self._numbers = itertools.count()
        self.dropped_partials = 0

    def submit(
        self,
        participant_id: str,
        audio: NDArray[np.float32],
        urgency: Urgency,
        language: str | None = None,
        *,
        words: bool = False,
        known: Recognition | None = None,
    ) -> Job:
        """Queue a job; cancel its ``result`` to withdraw it."""
        if urgency is Urgency.PARTIAL:
            self._withdraw_partial(participant_id)
        else:
            self._cut_short(participant_id)
        future: asyncio.Future[Recognition] = asyncio.get_running_loop().create_future()
        number = next(self._numbers)
        job = Job(participant_id, audio, urgency, language, words, known, number, future)
        self._waiting.append(job)
        self._wake.set()
        return job

    def forget(self, participant_id: str) -> None:
        """A participant left for good."""
        self._served.pop(participant_id, None)

    async def run(self) -> None:
        """Serve for ever."""
        while True:
            job = self._next()
            if job is None:
                self._wake.clear()
                await self._wake.wait()
                continue
            self._served[job.participant_id] = next(self._numbers)
            try:
                await self._serve(job)
            except Exception as error:
                self._give_up(job, EngineError(f"speech recognition stopped: {error}"))
                raise

    def _withdraw_partial(self, participant_id: str) -> None:
        for job in self._waiting:
            if job.participant_id == participant_id and job.urgency is Urgency.PARTIAL:
                job.result.cancel()
                self.dropped_partials += 1

    def _cut_short(self, participant_id: str) -> None:
        """What comes now says more than the partial that is being recognized."""
        job = self._running
        if (
            job is not None
            and job.participant_id == participant_id
            and job.urgency is Urgency.PARTIAL
            and not job.result.done()
        ):
            job.result.cancel()
            self.dropped_partials += 1

    def _next(self) -> Job | None:
        self._waiting = [job for job in self._waiting if not job.result.done()]
        if not self._waiting:
            return None
        job = min(
            self._waiting,
            key=lambda j: (j.urgency, self._served.get(j.participant_id, -1), j.number),
        )
        self._waiting.remove(job)
        return job

    async def _serve(self, job: Job) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                done = await self._work(job)
            except Exception as error:  # an engine may be anyone's, and break in any way
                broke = _as_engine_error(error)
                if not await self._restart(broke) or attempt == ATTEMPTS:
                    self._give_up(job, broke)
                    return
            else:
                if done is not None and not job.result.done():
                    job.result.set_result(done)
                return

    async def _work(self, job: Job) -> Recognition | None:
        """None: it was withdrawn meanwhile, and the recognizer told so."""
        self._running = job
        work = asyncio.ensure_future(self._recognized(job))
        job.result.add_done_callback(lambda result: result.cancelled() and work.cancel())
        try:
            await asyncio.wait({work})
        finally:
            self._running = None
            work.cancel()
        return None if work.cancelled() else work.result()

    async def _recognized(self, job: Job) -> Recognition:
        if job.known is not None:
            return await self._recognizer.time_words(job.audio, job.known)
        return await self._recognizer.recognize(job.audio, language=job.language, words=job.words)

    async def _restart(self, error: EngineError) -> bool:
        """Make the engine anew; False when that cannot be done."""
        await self._report(f"Speech recognition stopped and is being restarted: {error}")
        try:
            self._recognizer = await self._rebuild()
        except Exception as again:
            log.exception("the recognizer cannot be made anew")
            await self._report(f"Speech recognition could not be restarted: {again}")
            return False
        return True

    def _give_up(self, job: Job, error: EngineError) -> None:
        if not job.result.done():
            job.result.set_exception(error)
            job.result.exception()  # nobody may be waiting for it any more


def _as_engine_error(error: Exception) -> EngineError:
    if isinstance(error, EngineError):
        return error
    log.error("the recognizer failed", exc_info=error)
    return EngineError(f"the recognizer failed with {type(error).__name__}: {error}")
