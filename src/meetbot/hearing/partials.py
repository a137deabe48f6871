"""Partial captions: what someone has said so far, again and again while they speak."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from meetbot.core.types import Caption
from meetbot.hearing.desk import Urgency
from meetbot.hearing.gates import credible, worth_recognizing
from meetbot.hearing.trail import PartialTrail

if TYPE_CHECKING:
    from meetbot.core.types import Participant, Speaker
    from meetbot.hearing.desk import Job
    from meetbot.hearing.parts import MicrophoneParts
    from meetbot.hearing.trail import Pending
    from meetbot.hearing.turns import Turn, TurnTracker

__all__ = ["PartialCaptions"]

log = logging.getLogger(__name__)

NS_PER_S = 1_000_000_000
MIN_PARTIAL_MS = 500


class PartialCaptions:
    """One participant's. ``tasks`` outlives it; ``tracker`` tells what was said so far."""

    def __init__(
        self,
        participant: Participant,
        parts: MicrophoneParts,
        tracker: TurnTracker,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._participant = participant
        self._parts = parts
        self._tracker = tracker
        self._tasks = tasks
        self._interval_ns = round(parts.settings.partial_interval_seconds * NS_PER_S)
        self._turn_id = ""
        self._trail = PartialTrail()
        self._speaker: Speaker | None = None
        self._next_ns = 0
        self._shown: set[str] = set()

    def begin_turn(self, turn_id: str, at_ns: int) -> None:
        """Someone began to speak."""
        self._turn_id = turn_id
        self._speaker = None
        self._trail = PartialTrail()
        self._next_ns = at_ns + self._interval_ns

    def grow(self, at_ns: int, language: str | None) -> None:
        """Someone speaks on, or pauses: begin a caption of it where one is due."""
        if (
            not self._parts.live
            or not self._tracker.speaking
            or self._tracker.pausing
            or at_ns < self._next_ns
        ):
            return
        self._next_ns = at_ns + self._interval_ns
        turn = self._tracker.so_far()
        if turn.voiced_ms >= MIN_PARTIAL_MS and worth_recognizing(turn, self._parts.settings.gates):
            pending = self._trail.pending(turn.audio)
            job = self._parts.desk.submit(
                self._participant.id,
                pending.audio,
                Urgency.PARTIAL,
                language,
                words=pending.long,
            )
            self._tasks.create_task(self._show(self._turn_id, turn, pending, job))

    async def settle(self, turn_id: str, turn: Turn, *, said: bool) -> None:
        """A turn is done with: where nothing was ``said`` in it, what was shown is withdrawn."""
        if turn_id in self._shown and not said:
            await self._parts.sink.partial(self._caption(turn_id, turn, "", "", None))
        self._shown.discard(turn_id)

    async def _show(self, turn_id: str, turn: Turn, pending: Pending, job: Job) -> None:
        try:
            await self._add(turn_id, turn, pending, job)
        except asyncio.CancelledError:
            pass  # a newer one overtook it
        except Exception as error:  # the final caption will say what is wrong
            log.warning("no partial caption: %s", error)

    async def _add(self, turn_id: str, turn: Turn, pending: Pending, job: Job) -> None:
        recognition = await job.result
        if self._speaker is None and self._parts.identifier is not None:
            self._speaker = await self._parts.identifier.guess(
                turn.audio, participant=self._participant
            )
        open_still = turn_id == self._turn_id and self._tracker.speaking
        if open_still and credible(recognition, self._parts.settings.gates):
            text = self._trail.add(recognition, pending)
            self._shown.add(turn_id)
            await self._parts.sink.partial(
                self._caption(turn_id, turn, text, recognition.language, self._speaker)
            )

    def _caption(
        self, turn_id: str, turn: Turn, text: str, language: str, speaker: Speaker | None
    ) -> Caption:
        return Caption(
            utterance_id=turn_id,
            participant=self._participant,
            speaker=speaker,
            text=text,
            language=language,
            start_ns=turn.speech_start_ns,
            end_ns=turn.speech_end_ns,
            final=False,
        )
