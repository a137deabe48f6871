"""The talking lane of one meeting: answers in, moments of picture and sound out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from meetbot.core.channels import Channel, Overflow
from meetbot.core.voice import MOMENT_NS, Moment
from meetbot.core.worker import ModelThread
from meetbot.talking.narrator import Narrator, TalkSink
from meetbot.talking.picture import Illustrator
from meetbot.talking.player import Player
from meetbot.talking.reply import Reply
from meetbot.talking.sound_cache import SoundCache
from meetbot.talking.voicing import Voicer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from meetbot.config import TalkingSettings
    from meetbot.core.clock import Clock
    from meetbot.core.ports import Cache, FaceStream, Synthesizer
    from meetbot.core.types import SpeechEvent
    from meetbot.core.voice import Answer, Voice
    from meetbot.observe import Metrics

__all__ = ["TalkSink", "TalkingLane"]

ANSWERS_AT_ONCE = 8
MOST_LATE_MOMENTS = 5
NS_PER_S = 1_000_000_000


class TalkingLane:
    """``run`` makes sound and pictures for ever; ``moments`` plays them, each when it is due.

    ``prepare`` makes the first sound of an answer ready, ``release`` says it, ``drop`` forgets
    it. ``noticed`` is told what others say, so that the bot can be interrupted. All four are
    cheap and may be called at any time from the event loop.
    """

    def __init__(
        self,
        settings: TalkingSettings,
        *,
        synthesizer: Synthesizer,
        voice_for: Callable[[str], Voice],
        face: FaceStream,
        clock: Clock,
        sink: TalkSink,
        cache: Cache,
        metrics: Metrics,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._narrator = Narrator(sink)
        self._player = Player(settings, face, self._narrator, metrics)
        self._illustrator = Illustrator(face, clock, metrics, self._narrator.trouble)
        self._thread = ModelThread("sound")
        sounds = SoundCache(cache, synthesizer.name, metrics)
        self._voicer = Voicer(synthesizer, voice_for, sounds, self._thread)
        self._prepared: dict[str, Reply] = {}
        self._prepared_ns: dict[str, int] = {}
        self._begun: Channel[Reply] = Channel(ANSWERS_AT_ONCE, Overflow.WAIT)

    def prepare(self, answer: Answer) -> None:
        """Make the first sound of ``answer`` ready; say nothing yet."""
        while len(self._prepared) >= ANSWERS_AT_ONCE:
            self.drop(next(iter(self._prepared)))
        reply = Reply(
            answer,
            self._voicer,
            longest_s=self._settings.max_answer_seconds,
            came=self._came,
            trouble=self._narrator.trouble,
        )
        try:
            self._begun.offer(reply)
        except asyncio.QueueFull:
            self._narrator.trouble("An answer is left out: the bot's voice is not working")
        else:
            self._prepared[answer.id] = reply
            self._prepared_ns[answer.id] = self._clock.now_ns()

    def release(self, answer_id: str) -> None:
        """Say it, as soon as there is sound and nobody else speaks; unless it was dropped."""
        reply = self._prepared.pop(answer_id, None)
        if reply is not None:
            reply.release()
            self._player.play(reply)

    def drop(self, answer_id: str) -> None:
        """It will not be said; one that is being said ends here."""
        reply = self._prepared.pop(answer_id, None)
        self._prepared_ns.pop(answer_id, None)
        if reply is not None:
            reply.cancel()
        else:
            self._player.withdraw(answer_id)

    def noticed(self, event: SpeechEvent) -> None:
        """Someone makes themselves heard."""
        self._player.noticed(event, self._clock.now_ns())

    def stop(self) -> None:
        """Say nothing more: what is being said ends with the next moment, and the sink is told."""
        for answer_id in tuple(self._prepared):
            self.drop(answer_id)
        self._player.stop()

    async def run(self) -> None:
        """Make sound and pictures, and tell the sink, until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._narrator.run())
                tasks.create_task(self._illustrator.run())
                async for reply in self._begun:
                    reply.begin(tasks)
        finally:
            await self._voicer.close()

    async def moments(self) -> AsyncGenerator[Moment]:
        """The bot's moments at absolute times 40 ms apart, for ever, by one reader at a time.

        ``pts_ns`` is a multiple of 40 ms. A reader that comes back too late gets the ones it
        missed at once, up to 200 ms; before that they are left out, and speech goes on later.
        """
        await self._illustrator.first()
        number = self._clock.now_ns() // MOMENT_NS + 1
        while True:
            due = number * MOMENT_NS
            await self._clock.sleep_until(due)
            samples = self._player.slice(due)
            self._metrics.count("talking.moments")
            yield Moment(self._illustrator.picture(number), samples, due)
            number = self._next(number)

    def _next(self, number: int) -> int:
        """The number after ``number``, unless that is long gone."""
        number += 1
        latest = self._clock.now_ns() // MOMENT_NS
        if latest - number <= MOST_LATE_MOMENTS:
            return number
        self._metrics.count("moments.dropped", latest - number)
        return latest

    def _came(self, reply: Reply) -> None:
        """More sound of an answer is there."""
        began_ns = self._prepared_ns.pop(reply.answer.id, None)
        if began_ns is not None:
            waited_s = (self._clock.now_ns() - began_ns) / NS_PER_S
            self._metrics.measure("talking.prepared_to_ready_s", waited_s)
        self._player.grown(reply)

    def close(self) -> None:
        """Nothing more is wanted: the thread ends. The face and the cache are their owners'."""
        self._thread.close()
