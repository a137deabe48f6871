"""Pictures of what people say: begun in a pause, sure when the turn ends, put right by voice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from meetbot.painting.commands import Drawing, Wish
from meetbot.painting.context import FEWEST_WORDS, Line, clean, content
from meetbot.painting.job import person_key
from meetbot.painting.phrases import Phrase
from meetbot.painting.sketch import Words
from meetbot.wording.words import plain, tokens

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from meetbot.core.pictures import Trigger
    from meetbot.core.types import Participant, Speaker, TurnGuessed, TurnTaken, Utterance
    from meetbot.painting.asking import Asking, Understood
    from meetbot.painting.context import Talk
    from meetbot.painting.desk import Desk
    from meetbot.painting.job import Job
    from meetbot.painting.presets import Presets
    from meetbot.painting.roster import Roster
    from meetbot.painting.sketch import Sketch, Sketcher
    from meetbot.painting.wishes import Wishes

__all__ = ["Turns"]

MOST_TURNS = 64


@dataclass(slots=True, eq=False)
class _Turn:
    """``heard``: the words as they were recognised. ``speaker``: as it was assumed, or found out.

    ``waits``: nobody was heard at this microphone before, so it is not known whom to paint.
    """

    participant: Participant
    heard: str
    language: str
    end_ns: int
    understood: Understood
    speaker: Speaker | None
    waits: bool
    taken: bool = False
    considered: bool = False
    repaints: bool = False
    trigger: Trigger | None = None
    task: asyncio.Task[None] | None = None
    sketch: Sketch | None = None
    job: Job | None = None


class Turns:
    """What each turn has come to. ``tasks`` is set by whoever runs the lane."""

    def __init__(
        self,
        desk: Desk,
        asking: Asking,
        sketcher: Sketcher,
        presets: Presets,
        roster: Roster,
        talk: Talk,
        wishes: Wishes,
    ) -> None:
        self._desk = desk
        self._asking = asking
        self._sketcher = sketcher
        self._presets = presets
        self._roster = roster
        self._talk = talk
        self._wishes = wishes
        self._turns: dict[str, _Turn] = {}
        self.tasks: asyncio.TaskGroup

    def guessed(self, event: TurnGuessed) -> None:
        """The first words of a pause: begin what the turn will trigger if it ends here."""
        self.dropped(event.turn_id)
        self._begin(event)

    def dropped(self, turn_id: str) -> None:
        """The speaker went on: whatever was begun is void."""
        turn = self._turns.pop(turn_id, None)
        if turn is not None:
            self._void(turn)

    def taken(self, event: TurnTaken) -> None:
        """The turn is over: what was begun is sure, if these were its words."""
        turn = self._turns.get(event.turn_id)
        if turn is None or not _same_words(turn.heard, event.text):
            self.dropped(event.turn_id)
            turn = self._begin(event)
        turn.taken = True
        turn.end_ns = event.end_ns
        if turn.considered:
            self._settle(turn)

    def heard(self, utterance: Utterance) -> None:
        """A final utterance, whose voice is known by now; the bot's own as well."""
        turn = self._turns.pop(utterance.id, None)
        if utterance.participant.is_bot or turn is None:
            self._remember(utterance, clean(utterance.text, last=True))
            return
        self._roster.learn(utterance)
        command = turn.understood.command
        if isinstance(command, Wish):
            speaker = self._roster.speaker(utterance.participant)
            self.tasks.create_task(self._wishes.grant(command, _words(turn, speaker)))
            return
        if turn.waits or _another(turn.speaker, utterance.speaker):
            self._put_right(turn, utterance.speaker)
        elif turn.speaker is not None:
            self.tasks.create_task(self._presets.fetch(turn.speaker))
        self._remember(utterance, _words(turn, turn.speaker).text)

    def reset(self) -> None:
        """Nothing of what was begun is wanted any more."""
        for turn_id in list(self._turns):
            self.dropped(turn_id)

    def _begin(self, event: TurnGuessed | TurnTaken) -> _Turn:
        who = event.participant
        turn = _Turn(
            participant=who,
            heard=event.text,
            language=event.language,
            end_ns=event.end_ns,
            understood=self._asking.hears(who, event.text, event.start_ns, event.end_ns),
            speaker=self._roster.speaker(who),
            waits=not self._roster.knows(who),
        )
        while len(self._turns) >= MOST_TURNS:
            self.dropped(next(iter(self._turns)))
        self._turns[event.turn_id] = turn
        if not turn.waits and not isinstance(turn.understood.command, Wish):
            turn.task = self.tasks.create_task(self._consider(turn, self._talk.lines()))
        return turn

    def _put_right(self, turn: _Turn, speaker: Speaker | None) -> None:
        """Paint it as its speaker is painted, now that it is known who that is."""
        self._void(turn)
        if turn.considered and turn.trigger is None and not turn.waits:
            return
        turn.repaints = turn.considered
        turn.speaker, turn.taken, turn.considered, turn.job = speaker, True, False, None
        turn.task = self.tasks.create_task(self._reconsider(turn, self._talk.lines()))

    async def _reconsider(self, turn: _Turn, talk: Sequence[Line]) -> None:
        if turn.speaker is not None:
            await self._presets.fetch(turn.speaker)
        await self._consider(turn, talk)

    async def _consider(self, turn: _Turn, talk: Sequence[Line]) -> None:
        """Whether and how to paint a turn."""
        words = _words(turn, turn.speaker)
        command = turn.understood.command
        if command is not None or len(content(words.text)) >= FEWEST_WORDS:
            turn.sketch = self._sketcher.draft(words, talk)
            if command is not None:
                turn.trigger = "request"
                if not turn.repaints:
                    self._guess(turn)
            elif not turn.repaints:
                await self._decide(turn)
        turn.considered = True
        if turn.taken:
            self._settle(turn)

    async def _decide(self, turn: _Turn) -> None:
        """What ordinary talk triggers; what the clock tells is begun before it is understood."""
        draft = turn.sketch
        if draft is None:
            return
        turn.trigger = None if self._desk.repeats(draft) else self._desk.due(draft)
        self._guess(turn)
        turn.sketch = await self._sketcher.understood(draft)
        turn.trigger = self._desk.due(turn.sketch)
        if turn.trigger is not None and self._desk.repeats(turn.sketch):
            self._desk.repeated()
            turn.trigger = None
        if turn.trigger is None and turn.job is not None:
            self._desk.drop(turn.job)
            turn.job = None
        self._guess(turn)

    def _guess(self, turn: _Turn) -> None:
        """Begin to paint what may well be wanted."""
        sketch = turn.sketch
        if turn.trigger and turn.job is None and sketch and sketch.request.subject:
            turn.job = self._desk.guess(sketch, turn.trigger)

    def _settle(self, turn: _Turn) -> None:
        """The turn is over and it is known what it triggers."""
        if turn.sketch is None:
            self._desk.nothing()
        elif turn.trigger is None:
            self._desk.said(turn.sketch)
        elif not turn.sketch.request.subject:
            self._desk.tell(Phrase.NOTHING.text(turn.language))
        elif turn.job is not None:
            self._desk.confirm(turn.job, turn.sketch)
        else:
            turn.job = self._desk.order(turn.sketch, turn.trigger, repainted=turn.repaints)

    def _void(self, turn: _Turn) -> None:
        if turn.task is not None:
            turn.task.cancel()
        if turn.job is not None:
            self._desk.drop(turn.job)

    def _remember(self, utterance: Utterance, text: str) -> None:
        who = utterance.participant
        person = person_key(who, None if who.is_bot else utterance.speaker)
        if text:
            self._talk.add(
                Line(
                    person,
                    text,
                    utterance.language,
                    utterance.end_ns,
                    who.is_bot,
                    utterance.speaker,
                )
            )


def _words(turn: _Turn, speaker: Speaker | None) -> Words:
    command = turn.understood.command
    words = Words(turn.understood.words, turn.language, turn.participant, speaker, turn.end_ns)
    if isinstance(command, Drawing):
        return replace(words, text=command.subject, style=command.style, asked=True)
    return words


def _another(assumed: Speaker | None, found: Speaker | None) -> bool:
    """Whether it was somebody else; a voice that could not be told proves nothing."""
    if found is None:
        return False
    return assumed is None or assumed.person_id != found.person_id


def _same_words(one: str, other: str) -> bool:
    """Whether two transcripts differ in case and punctuation only."""
    return [plain(word) for word in tokens(one)] == [plain(word) for word in tokens(other)]
