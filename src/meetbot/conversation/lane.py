"""The conversation lane of one meeting: what was heard in, answers to the talker out."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from meetbot.conversation.ahead import ReadAhead
from meetbot.conversation.answering import Answerer
from meetbot.conversation.attention import Attention
from meetbot.conversation.floor import Floor
from meetbot.conversation.lookup import Lookup
from meetbot.conversation.memory import Memory
from meetbot.conversation.phrases import Phrase
from meetbot.conversation.prompt import system_text
from meetbot.conversation.window import Window
from meetbot.core.channels import Channel, Overflow
from meetbot.core.types import (
    ChatReceived,
    SpeechBegan,
    SpeechEnded,
    SpeechWent,
    TurnDropped,
    TurnGuessed,
    TurnTaken,
    Utterance,
)
from meetbot.core.voice import Answer
from meetbot.wording.words import as_language, plain, tokens

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from meetbot.config import ConversationSettings
    from meetbot.conversation.attention import Asked
    from meetbot.conversation.talker import Talker
    from meetbot.core.clock import Clock
    from meetbot.core.ports import LanguageModel
    from meetbot.core.types import Caption, Participant, SpeechEvent
    from meetbot.core.voice import Spoken

__all__ = ["ConversationLane"]

NEWS = 1_000
PIECES = 64
JOIN_NS = 2_000_000_000
BARE_CALL_NS = 700_000_000
LONGEST_WAIT_NS = 8_000_000_000
LONGEST_ANSWER_NS = 60_000_000_000
LOOK_NS = 40_000_000

_News = TurnGuessed | TurnDropped | TurnTaken | ChatReceived | Utterance


@dataclass(slots=True, eq=False)
class _Reply:
    """An answer on its way. ``heard``: the words it answers; ``written``: they were written."""

    turn_id: str
    asker: Participant
    heard: str
    asked: Asked
    language: str
    end_ns: int
    id: str = field(default_factory=lambda: uuid4().hex)
    written: bool = False
    taken: bool = False
    released: bool = False
    pieces: Channel[str] = field(default_factory=lambda: Channel(PIECES, Overflow.WAIT))
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


class ConversationLane:
    """``run`` answers until cancelled; everything else is told to it and returns at once.

    ``claimed``: whether what was asked of the bot, by its name or not, is another part's to do,
    such as a picture. ``write``: writes to the room what answers something written.
    """

    def __init__(
        self,
        settings: ConversationSettings,
        *,
        model: LanguageModel,
        talker: Talker,
        clock: Clock,
        bot_names: Sequence[str],
        persona_prompt: str,
        persona_name: str,
        report: Callable[[str], Awaitable[None]],
        claimed: Callable[[str, bool], bool] = lambda _text, _by_name: False,
        write: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self._claimed = claimed
        self._write_to_room = write
        self._talker = talker
        self._clock = clock
        self._floor = Floor()
        self._memory = Memory()
        self._lookup = Lookup(self._memory)
        self._attention = Attention(settings, [*bot_names, persona_name], self._memory)
        self._news: Channel[_News] = Channel(NEWS, Overflow.DROP_OLDEST)
        self._replies: dict[str, _Reply] = {}
        self._asked: set[str] = set()
        self._latest: dict[str, _Reply] = {}
        self._speaking: _Reply | None = None
        self._silent_by_ns = 0
        system = system_text(persona_name, persona_prompt)
        window = Window.within(settings, self._memory, system)
        self._ahead = ReadAhead(
            model,
            clock,
            system=system,
            lines=lambda: window.rendered(clock.now_ns()),
            quiet=lambda: len(self._floor.speaking(clock.now_ns())) < 2,
        )
        persona = (persona_name, system)
        self._answerer = Answerer(
            settings, model, clock, persona, self._lookup, window, self._ahead, report
        )
        self._tasks: asyncio.TaskGroup

    @property
    def up_to_date(self) -> bool:
        """Whether the model has read all that was said, so that an answer begins at its soonest."""
        return not self._news and self._ahead.up_to_date

    def participants(self, present: Sequence[Participant]) -> None:
        """Who is in the room."""
        self._attention.participants(present)
        self._floor.forget(frozenset(who.id for who in present))

    def noticed(self, event: SpeechEvent) -> None:
        """Voice activity and turns, as hearing tells them."""
        match event:
            case SpeechBegan() | SpeechWent() | SpeechEnded():
                self._floor.noticed(event)
            case TurnGuessed() | TurnDropped() | TurnTaken():
                self._news.offer(event)

    def growing(self, caption: Caption) -> None:
        """What someone has said so far: what they seem to ask is read while they ask it."""
        asked = self._attention.hears(caption.participant, caption.text, caption.start_ns)
        if asked is None or not asked.text or caption.participant.is_bot:
            return
        if not self._claimed(asked.text, asked.by_name):
            self._ahead.expect(asked.text, caption.language)

    def heard(self, utterance: Utterance) -> None:
        """A final utterance, whose voice is known by now; the bot's own answers as well."""
        self._news.offer(utterance)

    def chat(self, message: ChatReceived) -> None:
        """Something was written to the room."""
        self._news.offer(message)

    def spoken(self, spoken: Spoken) -> None:
        """A released answer is over; what was said of it also comes to ``heard``."""
        reply = self._speaking
        if reply is not None and reply.id == spoken.answer_id:
            self._speaking = None
            self._forget(reply)
            if not spoken.interrupted:
                self._latest.pop(reply.asker.id, None)
            self._attention.answered(reply.asker, max(spoken.end_ns, self._clock.now_ns()))

    async def run(self) -> None:
        """Read ahead and answer until cancelled."""
        try:
            async with asyncio.TaskGroup() as self._tasks:
                self._tasks.create_task(self._ahead.run())
                self._tasks.create_task(self._ahead.read_questions())
                async for news in self._news:
                    self._take(news)
        finally:
            for reply in list(self._replies.values()):
                self._drop(reply)

    def _take(self, news: _News) -> None:
        match news:
            case TurnGuessed():
                self._begin_turn(news)
            case TurnDropped(turn_id):
                self._drop_turn(turn_id)
            case TurnTaken():
                self._take_turn(news)
            case ChatReceived():
                self._take_chat(news)
            case Utterance():
                self._remember(news)

    def _remember(self, utterance: Utterance) -> None:
        to_bot = utterance.id in self._asked
        self._asked.discard(utterance.id)
        self._lookup.add(self._memory.add(utterance, to_bot=to_bot))
        self._ahead.changed()

    def _begin_turn(self, turn: TurnGuessed | TurnTaken) -> _Reply | None:
        """Begin to answer what a turn asks of the bot, if anything."""
        self._drop_turn(turn.turn_id)
        asked = self._attention.hears(turn.participant, turn.text, turn.start_ns)
        earlier = self._latest.get(turn.participant.id)
        if earlier is not None and turn.start_ns - earlier.end_ns <= JOIN_NS:
            asked = self._joined(earlier, turn, asked)
        if asked is None or self._claimed(asked.text, asked.by_name):
            return None
        return self._begin(
            _Reply(turn.turn_id, turn.participant, turn.text, asked, turn.language, turn.end_ns)
        )

    def _joined(
        self, earlier: _Reply, turn: TurnGuessed | TurnTaken, asked: Asked | None
    ) -> Asked | None:
        """What is asked by a turn that goes on where one paused whose answer was not heard."""
        if asked is not None and asked.by_name:
            return asked
        if self._attention.addresses_another(turn.text):
            return asked
        return earlier.asked.followed_by(turn.text)

    def _take_turn(self, turn: TurnTaken) -> None:
        reply = self._replies.get(turn.turn_id)
        if reply is None or not same_words(reply.heard, turn.text):
            reply = self._begin_turn(turn)
        if reply is None:
            return
        for other in list(self._replies.values()):
            if other is not reply and other.asker.id == reply.asker.id:
                self._drop(other)
        reply.taken = True
        self._asked.add(turn.turn_id)
        self._latest[reply.asker.id] = reply
        if not reply.asked.text:
            self._attention.called(reply.asker, turn.end_ns)
        reply.tasks.append(self._tasks.create_task(self._release(reply)))

    def _take_chat(self, message: ChatReceived) -> None:
        asked = self._attention.reads(message.participant, message.text, message.at_ns)
        line_id = uuid4().hex
        language = as_language(message.text)
        if asked is not None and not self._claimed(asked.text, asked.by_name):
            reply = self._begin(
                _Reply(
                    line_id,
                    message.participant,
                    message.text,
                    asked,
                    language,
                    message.at_ns,
                    written=True,
                )
            )
            reply.taken = True
            self._asked.add(line_id)
            reply.tasks.append(self._tasks.create_task(self._release(reply)))
        self._remember(
            Utterance(
                line_id,
                message.participant,
                None,
                message.text,
                language,
                message.at_ns,
                message.at_ns,
            )
        )

    def _begin(self, reply: _Reply) -> _Reply:
        self._replies[reply.turn_id] = reply
        reply.tasks.append(self._tasks.create_task(self._write(reply)))
        self._talker.prepare(
            Answer(reply.id, reply.asker, reply.language, reply.end_ns, self._text(reply))
        )
        return reply

    async def _write(self, reply: _Reply) -> None:
        """The answer's text into its channel, however fast it is taken out."""
        text = ""
        try:
            async with aclosing(self._pieces(reply)) as pieces:
                async for piece in pieces:
                    text += piece
                    await reply.pieces.send(piece)
        finally:
            reply.pieces.close()
        if reply.written and self._write_to_room is not None:
            await self._write_to_room(text)

    async def _pieces(self, reply: _Reply) -> AsyncGenerator[str]:
        """What answers it, as it is written."""
        asked = reply.asked
        if asked.text:
            pieces = self._answerer.write(asked.text, reply.language, reply.asker, reply.turn_id)
            async with aclosing(pieces):
                async for piece in pieces:
                    yield piece
        else:
            phrase = Phrase.WELCOME if asked.thanked else Phrase.YES
            yield phrase.text(reply.language)

    async def _text(self, reply: _Reply) -> AsyncGenerator[str]:
        """What the talker reads; when it stops reading, no more is written."""
        try:
            async for piece in reply.pieces:
                yield piece
        finally:
            reply.tasks[0].cancel()

    async def _release(self, reply: _Reply) -> None:
        """Say it in the first gap that people leave; too late, it is not said at all."""
        deadline = self._clock.now_ns() + LONGEST_WAIT_NS
        if not reply.asked.text and not reply.asked.thanked:
            await self._clock.sleep_until(reply.end_ns + BARE_CALL_NS)
        while self._bot_speaks() or self._floor.speaking(self._clock.now_ns()):
            if self._bot_speaks():
                deadline = self._clock.now_ns() + LONGEST_WAIT_NS
            elif self._clock.now_ns() >= deadline:
                self._drop(reply)
                return
            await self._clock.sleep_until(self._clock.now_ns() + LOOK_NS)
        self._silent_by_ns = self._clock.now_ns() + LONGEST_ANSWER_NS
        reply.released = True
        self._speaking = reply
        self._attention.answered(reply.asker, self._clock.now_ns())
        self._talker.release(reply.id)

    def _bot_speaks(self) -> bool:
        """Whether an answer is being said; one whose end was never told is over some day."""
        return self._speaking is not None and self._clock.now_ns() < self._silent_by_ns

    def _drop_turn(self, turn_id: str) -> None:
        reply = self._replies.get(turn_id)
        if reply is not None and not reply.taken:
            self._drop(reply)

    def _drop(self, reply: _Reply) -> None:
        self._forget(reply)
        if self._speaking is reply:
            self._speaking = None
        self._talker.drop(reply.id)

    def _forget(self, reply: _Reply) -> None:
        self._replies.pop(reply.turn_id, None)
        for task in reply.tasks:
            if task is not asyncio.current_task():
                task.cancel()


def same_words(one: str, other: str) -> bool:
    """Whether two transcripts differ in case and punctuation only."""
    return [plain(word) for word in tokens(one)] == [plain(word) for word in tokens(other)]
