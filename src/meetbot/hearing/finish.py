"""Ends turns: waits for the words, asks whose voice it was, hands on the utterances in order."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from meetbot.core.errors import MeetbotError
from meetbot.core.types import SAMPLE_RATE, Caption, SpeakerSpan, Utterance
from meetbot.hearing.gates import credible
from meetbot.hearing.trail import joined

if TYPE_CHECKING:
    from meetbot.core.channels import Channel
    from meetbot.core.types import Participant, Recognition, Word
    from meetbot.hearing.desk import Job
    from meetbot.hearing.microphone import MicrophoneParts
    from meetbot.hearing.turns import Turn

__all__ = ["Finisher", "OpenTurn"]

log = logging.getLogger(__name__)

NS_PER_S = 1_000_000_000
SURE_OF_LANGUAGE = 0.8
ENOUGH_WORDS = 3


@dataclass(frozen=True, slots=True)
class OpenTurn:
    """A turn whose sound is complete; ``job`` is None where there is too little to recognise."""

    id: str
    turn: Turn
    job: Job | None


class Finisher:
    """One participant's turns, one after the other.

    ``language``: what this participant was last surely heard to speak. ``shown``: turns of which
    a partial caption was shown, so that it is withdrawn when nothing comes of it.
    """

    def __init__(self, participant: Participant, parts: MicrophoneParts) -> None:
        self._participant = participant
        self._parts = parts
        self.language: str | None = None
        self.shown: set[str] = set()
        self._voices_failed = False

    async def run(self, turns: Channel[OpenTurn]) -> None:
        """Finish turns until the channel closes."""
        async for turn in turns:
            utterances = await self._finish(turn)
            if not utterances:
                await self._withdraw(turn)
            self.shown.discard(turn.id)
            for utterance in utterances:
                await self._parts.sink.final(utterance)

    async def _finish(self, turn: OpenTurn) -> list[Utterance]:
        if turn.job is None:
            return []
        try:
            return await self._utterances(turn, turn.job)
        except Exception as error:  # one turn's trouble is not the next one's
            log.warning("a turn was lost: %s", error, exc_info=_unexpected(error))
            text = f"What {self._participant.name} just said could not be recognised: {error}"
        await self._parts.sink.trouble(text)
        return []

    async def _utterances(self, turn: OpenTurn, job: Job) -> list[Utterance]:
        recognition = await job.result
        if not credible(recognition, self._parts.settings.gates):
            return []
        self._remember_language(recognition)
        spans = await self._spans(turn, recognition)
        return _utterances(turn, self._participant, recognition, spans)

    def _remember_language(self, recognition: Recognition) -> None:
        if (
            recognition.language_probability >= SURE_OF_LANGUAGE
            and len(recognition.text.split()) >= ENOUGH_WORDS
        ):
            self.language = recognition.language

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
            log.warning("a voice is unknown: %s", error, exc_info=_unexpected(error))
            if not self._voices_failed:
                self._voices_failed = True
                await self._parts.sink.trouble(
                    f"Voices cannot be told apart at the moment: {error}"
                )
            return unsure
        self._voices_failed = False
        return spans

    async def _withdraw(self, turn: OpenTurn) -> None:
        if turn.id in self.shown:
            await self._parts.sink.partial(
                Caption(
                    utterance_id=turn.id,
                    participant=self._participant,
                    speaker=None,
                    text="",
                    language="",
                    start_ns=turn.turn.speech_start_ns,
                    end_ns=turn.turn.speech_end_ns,
                    final=False,
                )
            )


def _unexpected(error: Exception) -> Exception | None:
    """An error whose trace is worth logging."""
    return None if isinstance(error, MeetbotError) else error


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
