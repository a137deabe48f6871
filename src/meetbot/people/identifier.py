"""Who is speaking: every turn of a meeting is given to people, or left open where unsure.

The rules, from the most to the least important: no wrong name, nobody invented, everybody named.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from meetbot.core.types import SAMPLE_RATE, SpeakerSpan
from meetbot.people.ahead import RememberingEncoder
from meetbot.people.calibration import load_scorer
from meetbot.people.changes import STEP_SECONDS
from meetbot.people.present import Belief, LiveVoice, Priors, Roster
from meetbot.people.sound import SpeechMap, cut_windows
from meetbot.people.turns import Past, Stretch, divide, joined, listen, together
from meetbot.people.voices import WINDOW_SECONDS, Scorer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from meetbot.core.ports import SpeakerEncoder
    from meetbot.core.types import Participant, Speaker, Word
    from meetbot.people.directory import PeopleDirectory

__all__ = ["Rules", "VoiceIdentifier"]

MOST_PENDING = 6


@dataclass(frozen=True, slots=True)
class Rules:
    """When to name, to create and to learn. Seconds are of speech, the rest probabilities.

    ``name``: someone heard at this microphone before; ``recall``: someone who was not.
    ``change``: evidence (log) that one more voice in a turn must gain; 8 makes the fewest errors on
    turns of one person and of two of the same sex, in seven simulated channels. ``join``: log odds
    at which two stretches are one voice though they seemed to be two; ``wait``: those at which an
    undecided stretch goes with a later one.
    """

    name: float = 0.85
    recall: float = 0.95
    create: float = 0.90
    learn: float = 0.95
    name_seconds: float = 0.6
    first_seconds: float = 1.5
    create_seconds: float = 1.5
    learn_seconds: float = 1.5
    guess_seconds: float = 1.0
    change: float = 8.0
    join: float = 3.5
    wait: float = 1.0


@dataclass(frozen=True, slots=True)
class _Meeting:
    """What ``VoiceIdentifier`` judges by, loaded when the first voice is heard."""

    scorer: Scorer
    roster: Roster


class VoiceIdentifier:
    """Names the voices of one meeting. Its prints outlive it in the directory.

    The first call raises ``ConfigError`` for an encoder without a calibration.
    """

    def __init__(
        self,
        encoder: SpeakerEncoder,
        directory: PeopleDirectory,
        *,
        rules: Rules | None = None,
        priors: Priors | None = None,
        scorer: Scorer | None = None,
    ) -> None:
        self._encoder = RememberingEncoder(encoder)
        self._directory = directory
        self._rules = rules or Rules()
        self._priors = priors
        self._given = scorer
        self._meeting: _Meeting | None = None
        self._revision = -1
        self._named_microphones: set[str] = set()
        self._pending: dict[str, list[Stretch]] = {}
        self._past: dict[str, Past] = {}
        self._touched: set[str] = set()
        self._lock = asyncio.Lock()

    async def attribute(
        self,
        audio: NDArray[np.float32],
        *,
        participant: Participant,
        words: tuple[Word, ...] = (),
    ) -> tuple[SpeakerSpan, ...]:
        """Whose turn this is: spans in order that cover all of ``audio`` (float32, 16 kHz, mono).

        Word times are relative to the first sample. A span's speaker is None when it is unsure.
        Raises ``StoreError``, ``EngineError`` and ``InputError`` (samples that are no numbers).
        """
        whole = (SpeakerSpan(0, len(audio), None),)
        speech = await asyncio.to_thread(SpeechMap, audio)
        if speech.seconds(0, len(audio)) < self._rules.name_seconds:
            return whole
        async with self._lock:
            meeting = await self._ready()
            past = self._past.setdefault(participant.id, Past())
            stretches = await divide(
                self._encoder, meeting.scorer, speech, words, past, self._rules.change
            )
            voices = joined(stretches, meeting.scorer, self._rules.join)
            named = await self._decide_all(meeting, voices, participant)
            for voice, speaker, _ in named:
                past.add(voice.placed, speaker.person_id if speaker else None)
        spans = [
            SpeakerSpan(start, end, speaker, sure)
            for stretch, speaker, sure in named
            for start, end in stretch.pieces
        ]
        return _covering(spans, len(audio)) if spans else whole

    async def prepare(self, audio: NDArray[np.float32]) -> None:
        """Make the prints of a turn that may be over, so that ``attribute`` finds them made."""
        speech = await asyncio.to_thread(SpeechMap, audio)
        windows = cut_windows(audio[speech.places(0, len(audio))], STEP_SECONDS)
        if windows is not None:
            await self._encoder.embed_windows(windows.pieces)

    async def guess(
        self, audio: NDArray[np.float32], *, participant: Participant
    ) -> Speaker | None:
        """Whose voice a turn ends in so far, if it is someone known; learns and creates nothing."""
        recent = audio[-int(3.2 * SAMPLE_RATE) :]
        speech = await asyncio.to_thread(SpeechMap, recent)
        if speech.seconds(0, len(recent)) < self._rules.guess_seconds:
            return None
        async with self._lock:
            meeting = await self._ready()
            heard = await listen(self._encoder, meeting.scorer, speech, 0, len(recent))
            if heard is None:
                return None
            belief = meeting.roster.judge(heard.voice, participant.id)
        return belief.best.speaker if belief.best and self._clear(belief) else None

    async def _decide_all(
        self, meeting: _Meeting, voices: list[Stretch], participant: Participant
    ) -> list[tuple[Stretch, Speaker | None, float]]:
        """Name the voices of a turn, the most familiar first; another one is somebody else."""
        order = sorted(voices, key=lambda voice: -_likeness(meeting, voice))
        named: list[tuple[Stretch, Speaker | None, float]] = []
        for voice in order:
            taken = {speaker.person_id for _, speaker, _ in named if speaker is not None}
            apart = replace(voice, others=voice.others | taken)
            named.append((voice, *await self._decide(meeting, apart, participant)))
        return sorted(named, key=lambda item: item[0].pieces[0])

    async def _decide(
        self, meeting: _Meeting, stretch: Stretch, participant: Participant
    ) -> tuple[Speaker | None, float]:
        """Name a stretch, or not; learn from it, create someone, or keep it for later."""
        if stretch.seconds < self._rules.name_seconds:
            return None, 0.0
        belief = meeting.roster.judge(stretch.voice, participant.id, self._others(meeting, stretch))
        if not self._settled(meeting, belief, stretch, participant):
            stretch, belief = self._with_pending(meeting, stretch, belief, participant)
        if belief.best is not None and self._clear(belief):
            await self._learn(meeting, belief, stretch, participant)
            return belief.best.speaker, belief.sure
        if self._is_new(meeting, belief, stretch, participant):
            return await self._create(meeting, stretch, participant), belief.new
        pending = self._pending.setdefault(participant.id, [])
        pending.append(stretch)
        del pending[:-MOST_PENDING]
        return None, belief.sure

    def _others(self, meeting: _Meeting, stretch: Stretch) -> frozenset[str]:
        """Who it is not, but for those it is much like all the same."""
        return frozenset(
            live.speaker.person_id
            for live in meeting.roster
            if live.speaker.person_id in stretch.others
            and meeting.scorer.same(stretch.voice, live.voice, near=True) < self._rules.join
        )

    def _clear(self, belief: Belief) -> bool:
        return belief.sure >= (self._rules.name if belief.near else self._rules.recall)

    def _is_new(
        self, meeting: _Meeting, belief: Belief, stretch: Stretch, participant: Participant
    ) -> bool:
        alone = not meeting.roster.at(participant.id)
        enough = self._rules.first_seconds if alone else self._rules.create_seconds
        return belief.new >= self._rules.create and stretch.seconds >= enough

    def _settled(
        self, meeting: _Meeting, belief: Belief, stretch: Stretch, participant: Participant
    ) -> bool:
        known = belief.best is not None and self._clear(belief)
        return known or self._is_new(meeting, belief, stretch, participant)

    def _with_pending(
        self, meeting: _Meeting, stretch: Stretch, belief: Belief, participant: Participant
    ) -> tuple[Stretch, Belief]:
        """What an undecided stretch amounts to together with earlier undecided ones."""
        waiting = self._pending.get(participant.id, [])
        alike = [
            earlier
            for earlier in waiting
            if meeting.scorer.same(stretch.voice, earlier.voice, near=True) >= self._rules.wait
        ]
        both = stretch
        for earlier in alike:
            both = together(both, earlier)
        judged = (
            meeting.roster.judge(both.voice, participant.id, self._others(meeting, both))
            if alike
            else belief
        )
        if not alike or not self._settled(meeting, judged, both, participant):
            return stretch, belief
        self._pending[participant.id] = [one for one in waiting if one not in alike]
        return both, judged

    async def _learn(
        self, meeting: _Meeting, belief: Belief, stretch: Stretch, participant: Participant
    ) -> None:
        live = belief.best
        if live is None:
            return
        person_id = live.speaker.person_id
        if person_id not in self._touched:
            await self._directory.heard(person_id, self._encoder.model_id)
            self._touched.add(person_id)
        meeting.roster.place(live, participant.id)
        if belief.sure < self._rules.learn or stretch.seconds < self._rules.learn_seconds:
            return
        live.learn(stretch.voice)
        if stretch.seconds >= self._rules.create_seconds:
            await self._directory.add_prints(
                person_id, self._encoder.model_id, stretch.raw, seconds=WINDOW_SECONDS
            )

    async def _create(
        self, meeting: _Meeting, stretch: Stretch, participant: Participant
    ) -> Speaker:
        own = not participant.shared_microphone and participant.id not in self._named_microphones
        speaker = await self._directory.create(
            participant.name if own else None,
            self._encoder.model_id,
            stretch.raw,
            seconds=min(stretch.seconds, WINDOW_SECONDS),
        )
        self._named_microphones.add(participant.id)
        self._touched.add(speaker.person_id)
        live = LiveVoice(speaker, learnt=stretch.voice)
        meeting.roster.place(live, participant.id)
        return speaker

    async def _ready(self) -> _Meeting:
        """With what was done to people taken over: renamed, merged, forgotten, enrolled, made."""
        if self._meeting is None:
            scorer = self._given
            if scorer is None:
                scorer = await asyncio.to_thread(load_scorer, self._encoder.model_id)
            self._meeting = _Meeting(scorer, Roster(scorer, self._priors))
        revision = await self._directory.revision()
        if revision != self._revision:
            self._meeting.roster.refresh(await self._directory.voices(self._encoder.model_id))
            self._revision = revision
        return self._meeting


def _likeness(meeting: _Meeting, stretch: Stretch) -> float:
    """Log odds that it is the person it is most like, of those it may be."""
    return max(
        (
            meeting.scorer.same(stretch.voice, live.voice, near=True)
            for live in meeting.roster
            if live.speaker.person_id not in stretch.others
        ),
        default=float("-inf"),
    )


def _covering(spans: list[SpeakerSpan], length: int) -> tuple[SpeakerSpan, ...]:
    """Spans in order from 0 to ``length``, neighbours of one speaker made one."""
    found: list[SpeakerSpan] = []
    for span in sorted(spans, key=lambda span: span.start):
        before = found[-1] if found else None
        if before is not None and before.speaker == span.speaker:
            sure = max(before.score, span.score)
            found[-1] = SpeakerSpan(before.start, span.end, span.speaker, sure)
        else:
            start = before.end if before is not None else 0
            found.append(SpeakerSpan(start, span.end, span.speaker, span.score))
    final = found[-1]
    found[-1] = SpeakerSpan(final.start, length, final.speaker, final.score)
    return tuple(found)
