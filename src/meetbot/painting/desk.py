"""Takes sketches in as jobs, and remembers for the pace that it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.painting.job import Job
from meetbot.painting.phrases import Phrase

if TYPE_CHECKING:
    from meetbot.core.clock import Clock
    from meetbot.core.pictures import Trigger
    from meetbot.observe import Metrics
    from meetbot.painting.pacing import Pacing
    from meetbot.painting.sketch import Sketch
    from meetbot.painting.studio import Studio

__all__ = ["Desk"]


class Desk:
    """One meeting's orders. ``deadline_ns``: from when it is sure to when it is dropped."""

    def __init__(
        self, studio: Studio, pacing: Pacing, clock: Clock, metrics: Metrics, deadline_ns: int
    ) -> None:
        self._studio = studio
        self._pacing = pacing
        self._clock = clock
        self._metrics = metrics
        self._deadline_ns = deadline_ns

    def guess(self, sketch: Sketch, trigger: Trigger) -> Job:
        """Begin something that may not be wanted; ``confirm`` or ``drop`` follows."""
        job = self._job(sketch, trigger, sure=False)
        self._studio.put(job)
        return job

    def confirm(self, job: Job, sketch: Sketch) -> None:
        """A guess was right."""
        self._note(job, sketch)
        if not self._studio.confirm(job):
            self._refuse(job)

    def drop(self, job: Job) -> None:
        """It is not wanted any more, wherever it is."""
        if not job.sure:
            self._metrics.count("painting.guesses_void")
        job.void.set()

    def order(
        self,
        sketch: Sketch,
        trigger: Trigger,
        *,
        job_id: str | None = None,
        repainted: bool = False,
    ) -> Job:
        """Paint it, unless too much was asked for already, which is told."""
        job = self._job(sketch, trigger, sure=True)
        job.id = job_id or job.id
        if repainted:
            self._metrics.count("painting.repainted")
        else:
            self._note(job, sketch)
        if not self._studio.put(job):
            self._refuse(job)
        return job

    def due(self, sketch: Sketch) -> Trigger | None:
        """Why ordinary talk should be painted now, as far as it is known what it means."""
        return self._pacing.due(sketch.words.end_ns, sketch.said)

    def repeats(self, sketch: Sketch) -> bool:
        """Whether its speaker's last picture was of barely another prompt."""
        return self._pacing.same(sketch.words.key, sketch.request.prompt, sketch.wanted)

    def repeated(self) -> None:
        """Something was said that its speaker's last picture shows already."""
        self._metrics.count("painting.skipped.same")

    def said(self, sketch: Sketch) -> None:
        """It was said, and is not painted."""
        self._pacing.said(sketch.said)

    def nothing(self) -> None:
        """Something was said of which nothing can be shown."""
        self._metrics.count("painting.skipped.empty")

    def tell(self, line: str) -> None:
        """A line for everyone."""
        self._studio.tell(line)

    def _note(self, job: Job, sketch: Sketch) -> None:
        self._metrics.count(f"painting.triggered.{job.trigger}")
        words = sketch.words
        self._pacing.said(sketch.said)
        self._pacing.painted(words.key, words.end_ns, sketch.request.prompt, sketch.wanted)

    def _refuse(self, job: Job) -> None:
        self._metrics.count("painting.refused.dropped")
        self.tell(Phrase.BUSY.text(job.language))

    def _job(self, sketch: Sketch, trigger: Trigger, *, sure: bool) -> Job:
        words = sketch.words
        return Job(
            request=sketch.request,
            trigger=trigger,
            participant=words.participant,
            speaker=words.speaker,
            speakers=sketch.speakers,
            language=words.language,
            said_end_ns=words.end_ns,
            due_ns=self._clock.now_ns() + self._deadline_ns,
            sure=sure,
        )
