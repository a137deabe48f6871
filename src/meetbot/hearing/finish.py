"""Ends turns: waits for the words, tells them, asks whose voice it was, hands it on in order."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from meetbot.core.channels import Channel, Overflow
from meetbot.core.errors import EngineError
from meetbot.core.types import SAMPLE_RATE, SpeakerSpan, TurnDropped, TurnTaken, Utterance
from meetbot.hearing.desk import Urgency
from meetbot.hearing.gates import credible
from meetbot.hearing.trail import joined
from meetbot.observe.traces import unexpected

if TYPE_CHECKING:
    from meetbot.core.types import Participant, Recognition, Word
    from meetbot.hearing.desk import Job
    from meetbot.hearing.partials import PartialCaptions
    from meetbot.hearing.parts import MicrophoneParts
    from meetbot.hearing.turns import Turn

__all__ = ["Finisher", "OpenTurn"]

log = logging.getLogger(__name__)

NS_PER_S = 1_000_000_000
SURE_OF_LANGUAGE = 0.8
ENOUGH_WORDS = 3
TURNS_IN_FLIGHT = 4


@dataclass(frozen=True, slots=True)
class OpenTurn:
    """A turn whose sound is complete; ``job`` is None where there is too little to recognise.

    ``guessed``: ``TurnGuessed`` was told of it.
    """

    id: str
    turn: Turn
    job: Job | None
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class _TakenTurn:
    """A turn with its words, None where nothing was said in it."""

    open: OpenTurn
    recognition: Recognition | None


class Finisher:
    """One participant's turns, one after the other; words first, then whose voice it was.

    ``language``: what this participant was last surely heard to speak.
    """

    def __init__(
        self, participant: Participant, parts: MicrophoneParts, partials: PartialCaptions
    ) -> None:
        self._participant = participant
        self._parts = parts
        self._partials = partials
        self.language: str | None = None
        self._open: Channel[OpenTurn] = Channel(TURNS_IN_FLIGHT, Overflow.WAIT)
        self._taken: Channel[_TakenTurn] = Channel(TURNS_IN_FLIGHT, Overflow.WAIT)
        self._voices_failed = False

    async def take(self, turn: OpenTurn) -> None:
        """One more turn; waits while too many are in flight."""
        await self._open.send(turn)

    def close(self) -> None:
        """No more turns come."""
        self._open.close()

    async def run(self) -> None:
        """Finish turns until ``close`` was called and all are handed on."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._take_words())
            tasks.create_task(self._name_voices())

    async def _take_words(self) -> None:
        async for turn in self._open:
            recognition = await self._words(turn)
            if recognition is not None:
                self._remember_language(recognition)
                self._parts.sink.noticed(_taken_event(turn, self._participant, recognition))
            elif turn.guessed:
                self._parts.sink.noticed(TurnDropped(turn.id, self._participant))
            await self._taken.send(_TakenTurn(turn, recognition))
        self._taken.close()

    async def _words(self, turn: OpenTurn) -> Recognition | None:
        """What was said; None for nothing, or nothing that is credible."""
        if turn.job is None:
            return None
        try:
            recognition = await turn.job.result
        except Exception as error:  # one turn's trouble is not the next one's
            log.warning("a turn was lost: %s", error, exc_info=unexpected(error))
            text = f"What {self._participant.name} just said could not be recognised: {error}"
            await self._parts.sink.trouble(text)
            return None
        return recognition if credible(recognition, self._parts.settings.gates) else None

    def _remember_language(self, recognition: Recognition) -> None:
        if (
            recognition.language_probability >= SURE_OF_LANGUAGE
            and len(recognition.text.split()) >= ENOUGH_WORDS
        ):
            self.language = recognition.language

    async def _name_voices(self) -> None:
        async for taken in self._taken:
            turn, recognition = taken.open, taken.recognition
            await self._partials.settle(turn.id, turn.turn, said=recognition is not None)
            if recognition is not None:
                recognition = await self._timed(turn, recognition)
                spans = await self._spans(turn, recognition)
                for utterance in _utterances(turn, self._participant, recognition, spans):
                    await self._parts.sink.final(utterance)

    async def _timed(self, turn: OpenTurn, recognition: Recognition) -> Recognition:
        """With the times of its words, which a live turn is recognised without: they can wait."""
        if recognition.words:
            return recognition
        job = self._parts.desk.submit(
            self._participant.id, turn.turn.audio, Urgency.FINAL, known=recognition
        )
        try:
            return await job.result
        except EngineError as error:  # the desk has told everyone
            log.warning("words without times: %s", error)
            return recognition

    async def _spans(self, turn: OpenTurn, recognition: Recognition) -> tuple[SpeakerSpan, ...]:
        audio = turn.turn.audio
        unsure = (SpeakerSpan(0, len(audio), None),)
        if self._parts.identifier is None:
            return unsure
        try:
            spans = await self._parts.identifier.attribute(
                audio, participant=self._participant, words=recognition.words
            )
        except Exception as error:  # the words count for more than the name
            log.warning("a voice is unknown: %s", error, exc_info=unexpected(error))
            if not self._voices_failed:
                self._voices_failed = True
                await self._parts.sink.trouble(
                    f"Voices cannot be told apart at the moment: {error}"
                )
            return unsure
        self._voices_failed = False
        return spans


def _taken_event(turn: OpenTurn, participant: Participant, recognition: Recognition) -> TurnTaken:
    return TurnTaken(
        turn_id=turn.id,
        participant=participant,
        text=recognition.text,
        language=recognition.language,
        start_ns=turn.turn.speech_start_ns,
        end_ns=turn.turn.speech_end_ns,
    )


def _utterances(
    turn: OpenTurn,
    participant: Participant,
    recognition: Recognition,
    spans: tuple[SpeakerSpan, ...],
) -> list[Utterance]:
    """One utterance for each span that holds words; the first bears the turn's id."""
    sound = turn.turn
    whole = Utterance(
        id=turn.id,
        participant=participant,
        speaker=spans[0].speaker if spans else None,
        text=recognition.text,
        language=recognition.language,
        start_ns=sound.speech_start_ns,
        end_ns=sound.speech_end_ns,
        words=tuple(_shifted(word, sound.start_ns) for word in recognition.words),
    )
    if len(spans) <= 1 or not recognition.words:
        return [whole]
    found: list[Utterance] = []
    for span, words in _share_words(spans, recognition.words):
        placed = tuple(_shifted(word, sound.start_ns) for word in words)
        found.append(
            replace(
                whole,
                id=uuid4().hex if found else turn.id,
                speaker=span.speaker,
                text=joined([word.text for word in placed], recognition.language),
                start_ns=max(placed[0].start_ns, sound.speech_start_ns),
                end_ns=min(placed[-1].end_ns, sound.speech_end_ns),
                words=placed,
            )
        )
    return found


def _share_words(
    spans: tuple[SpeakerSpan, ...], words: tuple[Word, ...]
) -> list[tuple[SpeakerSpan, list[Word]]]:
    """Each word goes to the span that its middle lies in; spans without words are left out."""
    ends = [span.end * NS_PER_S // SAMPLE_RATE for span in spans]
    shares: list[list[Word]] = [[] for _ in spans]
    for word in words:
        middle = (word.start_ns + word.end_ns) // 2
        index = next((i for i, end in enumerate(ends) if middle < end), len(spans) - 1)
        shares[index].append(word)
    return [(span, share) for span, share in zip(spans, shares, strict=True) if share]


def _shifted(word: Word, by_ns: int) -> Word:
    return replace(word, start_ns=word.start_ns + by_ns, end_ns=word.end_ns + by_ns)
