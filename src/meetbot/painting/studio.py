"""Paints one job after the other, and hands on what may be seen."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from meetbot.core.channels import Channel, Overflow
from meetbot.core.errors import EngineError, MeetbotError
from meetbot.core.pictures import Picture
from meetbot.painting.fit import paint_fit
from meetbot.painting.phrases import Phrase
from meetbot.painting.queue import JobQueue
from meetbot.painting.safety import Unseen
from meetbot.painting.steady import TooLate

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from meetbot.core.clock import Clock
    from meetbot.observe import Metrics
    from meetbot.painting.fit import Fit
    from meetbot.painting.job import Job
    from meetbot.painting.ports import PaintingSink
    from meetbot.painting.safety import Guard
    from meetbot.painting.steady import SteadyPainter

__all__ = ["Studio"]

log = logging.getLogger(__name__)

NS_PER_S = 1_000_000_000
WAITING = 16
"""Finished pictures that may wait for the store."""


class Studio:
    """``paint`` and ``hand_on`` run side by side until cancelled.

    ``at_ease`` returns when nothing is more urgent than a picture that nobody asked for.
    """

    def __init__(
        self,
        painter: SteadyPainter,
        guard: Guard,
        sink: PaintingSink,
        clock: Clock,
        metrics: Metrics,
        deadline_ns: int,
        at_ease: Callable[[], Awaitable[None]],
    ) -> None:
        self._painter = painter
        self._guard = guard
        self._sink = sink
        self._clock = clock
        self._metrics = metrics
        self._deadline_ns = deadline_ns
        self._at_ease = at_ease
        self._queue = JobQueue(clock, metrics, self._late)
        self._finished: Channel[Job] = Channel(WAITING, Overflow.DROP_OLDEST)
        self._lines: Channel[str] = Channel(WAITING, Overflow.DROP_OLDEST)
        self._troubles: set[str] = set()

    def put(self, job: Job) -> bool:
        """One more job; False where too many were asked for and wait already."""
        return self._queue.put(job)

    def confirm(self, job: Job) -> bool:
        """What was begun in a pause is wanted; it is shown at once if it is finished.

        False as of ``put``.
        """
        job.due_ns = self._clock.now_ns() + self._deadline_ns
        if not self._queue.confirm(job):
            return False
        if job.finished is not None:
            self._hand(job)
        elif job.excuse is not None:
            self._excuse(job, job.excuse)
        elif job.begun:
            self._announce(job)
        return True

    async def paint(self) -> None:
        """Paint what waits."""
        while True:
            job = await self._queue.next()
            if not job.explicit:
                await self._at_ease()
            if not job.void.is_set():
                await self._make(job)

    async def hand_on(self) -> None:
        """Give finished pictures to the sink, in order."""
        async for job in self._finished:
            if not job.void.is_set():
                await self._show(job)

    async def talk(self) -> None:
        """Tell the room what became of what was asked for."""
        async for line in self._lines:
            await self._sink.told(line)

    def tell(self, line: str) -> None:
        """A line for everyone, in its time."""
        self._lines.offer(line)

    def _hand(self, job: Job) -> None:
        """To the sink; while that does not take them, the oldest are dropped."""
        dropped = self._finished.dropped
        self._finished.offer(job)
        self._metrics.count("painting.unkept.dropped", self._finished.dropped - dropped)

    def _announce(self, job: Job) -> None:
        self._sink.begun(job.participant, "" if job.blocked else job.request.subject)

    async def _make(self, job: Job) -> None:
        job.begun = True
        job.blocked = self._guard.objects(job.request)
        if job.sure:
            self._announce(job)
        began_ns = self._clock.now_ns()
        try:
            job.finished = await self._painted(job)
        except TooLate as error:
            if not job.void.is_set():
                await self._trouble("late", f"A picture was given up: {error}.")
                self._late(job)
            return
        except EngineError as error:
            await self._failed(job, error)
            return
        if job.finished is None:
            self._excuse(job, Phrase.UNSAFE)
            return
        self._troubles -= {"failed", "late"}
        self._metrics.measure("painting.paint_s", (self._clock.now_ns() - began_ns) / NS_PER_S)
        if job.sure:
            self._hand(job)

    async def _painted(self, job: Job) -> Fit | None:
        """What may be seen; None where not even a picture without the words may."""
        fit = await paint_fit(
            job.request, self._painter, self._guard, job.due_ns, job.void, blocked=job.blocked
        )
        self._troubles.discard("unseen")
        if fit is None or not fit.safe:
            self._metrics.count("painting.skipped.unsafe")
        if fit is None:
            self._metrics.count("painting.unsafe.dropped")
        return fit

    async def _failed(self, job: Job, error: EngineError) -> None:
        self._metrics.count("painting.failed.dropped")
        if isinstance(error, Unseen):
            await self._trouble("unseen", f"Pictures are not shown at the moment: {error}.")
        else:
            await self._trouble("failed", f"A picture could not be painted: {error}.")
        self._excuse(job, Phrase.FAILED)

    async def _show(self, job: Job) -> None:
        if job.finished is None:
            return
        fit = job.finished
        picture = Picture(
            id=job.id,
            request=fit.request,
            painting=fit.painting,
            trigger=job.trigger,
            participant=job.participant,
            speakers=job.speakers,
            said_end_ns=job.said_end_ns,
            at_ns=self._clock.now_ns(),
            safe=fit.safe,
        )
        if not fit.safe:
            self._excuse(job, Phrase.UNSAFE)
        try:
            await self._sink.painted(picture)
        except MeetbotError as error:
            self._metrics.count("painting.unkept.dropped")
            text = f"Pictures are not shown while they cannot be kept: {error}."
            await self._trouble("unkept", text)
            self._excuse(job, Phrase.FAILED)
        else:
            self._troubles.discard("unkept")
            seconds = (self._clock.now_ns() - job.said_end_ns) / NS_PER_S
            self._metrics.measure("painting.said_to_painted_s", seconds)

    def _late(self, job: Job) -> None:
        """It is past its deadline, painted or not."""
        if job.sure:
            self._metrics.count("painting.late.dropped")
            self._excuse(job, Phrase.LATE)

    def _excuse(self, job: Job, phrase: Phrase) -> None:
        """Whoever asked for a picture is told that there is none."""
        job.excuse = phrase
        if job.explicit and job.sure and not job.void.is_set():
            self.tell(phrase.text(job.language))

    async def _trouble(self, kind: str, text: str) -> None:
        """Told once, and again only after it had been well."""
        log.warning("%s", text)
        if kind not in self._troubles:
            self._troubles.add(kind)
            await self._sink.trouble(text)
