"""The painting lane of one meeting: what was heard in, pictures to the sink out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from meetbot.core.channels import Channel, Overflow
from meetbot.core.errors import EngineError, InputError
from meetbot.core.types import ChatReceived, TurnDropped, TurnGuessed, TurnTaken, Utterance
from meetbot.painting.asking import Asking
from meetbot.painting.commands import Commands, Drawing, Wish
from meetbot.painting.context import Line, Talk, clean, content
from meetbot.painting.desk import Desk
from meetbot.painting.job import person_key
from meetbot.painting.pacing import Pacing
from meetbot.painting.phrases import Phrase
from meetbot.painting.presets import Presets
from meetbot.painting.roster import Roster
from meetbot.painting.safety import Guard
from meetbot.painting.sketch import Sketcher, Words
from meetbot.painting.steady import SteadyPainter
from meetbot.painting.studio import Studio
from meetbot.painting.turns import Turns
from meetbot.painting.wishes import Wishes
from meetbot.wording.words import as_language

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from meetbot.config import PaintingSettings
    from meetbot.core.clock import Clock
    from meetbot.core.pictures import Trigger
    from meetbot.core.ports import Painter, SafetyFilter, TextEncoder
    from meetbot.core.types import Participant, Speaker, SpeechEvent
    from meetbot.observe import Metrics
    from meetbot.painting.ports import PaintingSink, PresetSource

__all__ = ["PaintingLane"]

NEWS = 1_000
MOST_ORDERS = 32
NS_PER_S = 1_000_000_000

_News = TurnGuessed | TurnDropped | TurnTaken | ChatReceived | Utterance


class PaintingLane:
    """``run`` paints until cancelled; everything else is told to it and returns at once.

    ``load_spare`` loads what paints while ``painter`` is broken; ``rebuild`` makes a new one of a
    painter that hangs. ``at_ease`` returns when nothing is more urgent than a picture that nobody
    asked for. ``safety`` None: pictures are not looked at. ``styles``: what each style is called,
    in any language.
    """

    def __init__(
        self,
        settings: PaintingSettings,
        *,
        painter: Painter,
        load_spare: Callable[[], Awaitable[Painter]] | None,
        safety: SafetyFilter | None,
        text: TextEncoder,
        presets: PresetSource,
        clock: Clock,
        sink: PaintingSink,
        metrics: Metrics,
        bot_names: Sequence[str],
        styles: Mapping[str, Sequence[str]],
        at_ease: Callable[[], Awaitable[None]],
        rebuild: Callable[[], Awaitable[Painter]] | None = None,
    ) -> None:
        deadline_ns = round(settings.deadline_seconds * NS_PER_S)
        self._clock = clock
        self._talk = Talk(clock, round(settings.max_history_seconds * NS_PER_S))
        self._roster = Roster()
        self._asking = Asking(bot_names, Commands(styles), clock)
        self._painter = SteadyPainter(painter, load_spare, rebuild, sink.trouble, clock)
        guard = Guard(settings.safety, safety, clock)
        self._studio = Studio(self._painter, guard, sink, clock, metrics, deadline_ns, at_ease)
        self._desk = Desk(self._studio, Pacing(settings), clock, metrics, deadline_ns)
        self._presets = Presets(presets)
        self._sketcher = Sketcher(settings, text, self._presets, self._roster, clock)
        self._wishes = Wishes(self._desk, guard, self._sketcher, self._presets, self._talk, styles)
        self._turns = Turns(
            self._desk,
            self._asking,
            self._sketcher,
            self._presets,
            self._roster,
            self._talk,
            self._wishes,
        )
        self._news: Channel[_News] = Channel(NEWS, Overflow.DROP_OLDEST)
        self._orders: Channel[tuple[str, Words, Trigger]] = Channel(MOST_ORDERS, Overflow.WAIT)
        self._tasks: asyncio.TaskGroup

    def participants(self, present: Sequence[Participant]) -> None:
        """Who is in the room."""
        self._asking.participants(present)
        self._roster.participants(present)

    def noticed(self, event: SpeechEvent) -> None:
        """Turns, as hearing tells them."""
        if isinstance(event, TurnGuessed | TurnDropped | TurnTaken):
            self._news.offer(event)

    def heard(self, utterance: Utterance) -> None:
        """A final utterance, whose voice is known by now; the bot's own answers as well."""
        self._news.offer(utterance)

    def chat(self, message: ChatReceived) -> None:
        """Something was written to the room."""
        self._news.offer(message)

    def claims(self, text: str, called: bool) -> bool:
        """Whether ``text``, said to the bot, by its name if ``called``, is for the painter."""
        return self._asking.claims(text, called=called)

    def request(
        self,
        text: str,
        *,
        participant: Participant | None = None,
        speaker: Speaker | None = None,
        trigger: Trigger = "api",
    ) -> str:
        """Ask for a picture of ``text``, or if it is empty of the talk; the id that it will have.

        Raises ``InputError`` where there is nothing to be seen in ``text``, or in the talk;
        ``EngineError`` where too many pictures are asked for already.
        """
        subject = clean(text)
        if text and not subject:
            raise InputError("there is nothing to paint in a text of invisible characters")
        if not subject and not any(content(line.text) for line in self._talk.lines()):
            raise InputError("nothing was said lately that could be painted; say what to paint")
        now_ns = self._clock.now_ns()
        words = Words(subject, as_language(subject), participant, speaker, now_ns, asked=True)
        return self._order(words, trigger)

    async def run(self) -> None:
        """Paint until cancelled."""
        try:
            async with asyncio.TaskGroup() as self._tasks:
                self._turns.tasks = self._tasks
                for part in (self._studio.paint, self._studio.hand_on, self._studio.talk):
                    self._tasks.create_task(part())
                self._tasks.create_task(self._take_orders())
                self._tasks.create_task(self._sketcher.warm())
                async for news in self._news:
                    self._take(news)
        finally:
            self._turns.reset()

    def close(self) -> None:
        """The session is over. The painters and the filter are others' as well."""
        self._painter.close()

    def _take(self, news: _News) -> None:
        match news:
            case TurnGuessed():
                self._turns.guessed(news)
            case TurnDropped(turn_id):
                self._turns.dropped(turn_id)
            case TurnTaken():
                self._turns.taken(news)
            case Utterance():
                self._turns.heard(news)
            case ChatReceived():
                self._read(news)

    def _read(self, message: ChatReceived) -> None:
        """Something written: a wish, a request, or a line of the talk."""
        who, at_ns = message.participant, message.at_ns
        if who.is_bot:
            return
        understood = self._asking.hears(who, message.text, at_ns, at_ns)
        speaker = None if who.shared_microphone else self._roster.speaker(who)
        language = as_language(message.text)
        words = Words(understood.words, language, who, speaker, at_ns)
        match understood.command:
            case Wish() as wish:
                self._tasks.create_task(self._wishes.grant(wish, words))
            case Drawing(subject, style):
                self._ask(replace(words, text=subject, style=style, asked=True))
            case None if understood.words:
                person = person_key(who, speaker)
                line = Line(person, understood.words, language, at_ns, speaker=speaker)
                self._talk.add(line)

    def _ask(self, words: Words) -> None:
        try:
            self._order(words, "request")
        except EngineError:
            self._desk.tell(Phrase.BUSY.text(words.language))

    def _order(self, words: Words, trigger: Trigger) -> str:
        job_id = uuid4().hex
        try:
            self._orders.offer((job_id, words, trigger))
        except asyncio.QueueFull:
            raise EngineError(
                f"{MOST_ORDERS} pictures are asked for already; ask again in a moment"
            ) from None
        return job_id

    async def _take_orders(self) -> None:
        """What was asked for by hand or by a program, in order."""
        async for job_id, words, trigger in self._orders:
            if words.speaker is not None:
                await self._presets.fetch(words.speaker)
            sketch = await self._sketcher.sketch(words, self._talk.lines())
            if sketch.request.subject:
                self._desk.order(sketch, trigger, job_id=job_id)
            else:
                self._desk.tell(Phrase.NOTHING.text(words.language))
