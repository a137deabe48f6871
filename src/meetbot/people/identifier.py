"""Who is speaking: every turn of a meeting is given to people, or left open where unsure.

The rules, from the most to the least important: no wrong name, nobody invented, everybody named.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.types import SAMPLE_RATE, SpeakerSpan
from meetbot.people.calibration import load_scorer
from meetbot.people.changes import LOOK_SECONDS, Look, changes, look_starts
from meetbot.people.present import Belief, LiveVoice, Priors, Roster
from meetbot.people.sound import SpeechMap, Windows, cut_windows
from meetbot.people.voices import WINDOW_SECONDS, Voice, voice_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.core.ports import SpeakerEncoder
    from meetbot.core.types import Participant, Speaker, Word
    from meetbot.people.directory import PeopleDirectory
    from meetbot.people.voices import Scorer

__all__ = ["Rules", "VoiceIdentifier"]


@dataclass(frozen=True, slots=True)
class Rules:
    """When to name, to create and to learn. Seconds are of speech, the rest probabilities.

    ``change``: log odds at which a turn is cut in two.
    """

    name: float = 0.85
    recall: float = 0.95
    create: float = 0.90
    learn: float = 0.97
    name_seconds: float = 0.6
    first_seconds: float = 1.5
    create_seconds: float = 2.0
    learn_seconds: float = 1.5
    guess_seconds: float = 1.0
    change: float = 0.0


@dataclass(slots=True)
class Stretch:
    """Speech of one voice inside a turn: its pieces as (start, end) samples, and its prints."""

    pieces: list[tuple[int, int]]
    raw: NDArray[np.float32]
    prints: NDArray[np.float32]
    windows: Windows

    @property
    def voice(self) -> Voice:
        """What the prints amount to."""
        return voice_of(self.prints, self.windows.starts, self.windows.length, self.windows.seconds)

    @property
    def apart(self) -> NDArray[np.bool_]:
        """Which prints share no sound with one another: those worth keeping."""
        kept = np.zeros(len(self.prints), dtype=np.bool_)
        free = -1.0
        for index, start in enumerate(self.windows.starts):
            if self.windows.length >= WINDOW_SECONDS and start >= free - 1e-6:
                kept[index] = True
                free = float(start) + WINDOW_SECONDS
        return kept


class VoiceIdentifier:
    """Names the voices of one meeting. Its prints outlive it in the directory.

    Raises ``ConfigError`` for an encoder without a calibration.
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
        self._encoder = encoder
        self._directory = directory
        self._rules = rules or Rules()
        self._scorer = scorer or load_scorer(encoder.model_id)
        self._roster = Roster(self._scorer, priors)
        self._revision = -1
        self._named_microphones: set[str] = set()
        self._pending: dict[str, list[Stretch]] = {}
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
        Raises ``StoreError`` and ``EngineError``.
        """
        whole = (SpeakerSpan(0, len(audio), None),)
        speech = SpeechMap(audio)
        if speech.seconds(0, len(audio)) < self._rules.name_seconds:
            return whole
        pieces = await self._pieces(speech, words)
        stretches = await self._stretches(speech, pieces)
        if not stretches:
            return whole
        async with self._lock:
            await self._refresh()
            named = [(stretch, *await self._decide(stretch, participant)) for stretch in stretches]
        spans = [
            SpeakerSpan(start, end, speaker, sure)
            for stretch, speaker, sure in named
            for start, end in stretch.pieces
        ]
        return _covering(spans, len(audio))

    async def guess(
        self, audio: NDArray[np.float32], *, participant: Participant
    ) -> Speaker | None:
        """Whose voice a turn ends in so far, if it is someone known; learns and creates nothing."""
        recent = audio[-int(4.0 * SAMPLE_RATE) :]
        speech = SpeechMap(recent)
        windows = cut_windows(speech.speech(0, len(recent))[-int(3.2 * SAMPLE_RATE) :], 0.8)
        if windows is None or windows.seconds < self._rules.guess_seconds:
            return None
        stretch = await self._stretch(windows, [])
        async with self._lock:
            await self._refresh()
            belief = self._roster.judge(stretch.voice, participant.id)
        return belief.best.speaker if belief.best and self._clear(belief) else None

    async def _pieces(self, speech: SpeechMap, words: tuple[Word, ...]) -> list[tuple[int, int]]:
        """The turn cut where the voice changes."""
        last = len(speech.audio)
        starts = look_starts(0, last)
        if len(starts) < 2 or speech.seconds(0, last) < 2 * self._rules.name_seconds:
            return [(0, last)]
        size = int(LOOK_SECONDS * SAMPLE_RATE)
        starts = [s for s in starts if speech.seconds(s, s + size) >= 0.6 * LOOK_SECONDS]
        if len(starts) < 2:
            return [(0, last)]
        raw = await self._encoder.embed_windows([speech.audio[s : s + size] for s in starts])
        look = Look(self._scorer.space(raw), np.array(starts) / SAMPLE_RATE)
        cuts = changes(
            look,
            speech.pauses(words),
            self._scorer,
            first=0,
            last=last,
            least=self._rules.change,
        )
        edges = [0, *cuts, last]
        return list(itertools.pairwise(edges))

    async def _stretches(self, speech: SpeechMap, pieces: list[tuple[int, int]]) -> list[Stretch]:
        """The pieces with their prints, those of one voice taken together."""
        found: list[Stretch] = []
        for start, end in pieces:
            sound = speech.speech(start, end)
            windows = cut_windows(sound, 0.4 if len(sound) < 6 * SAMPLE_RATE else 0.8)
            if windows is not None:
                found.append(await self._stretch(windows, [(start, end)]))
        return self._joined(found)

    async def _stretch(self, windows: Windows, pieces: list[tuple[int, int]]) -> Stretch:
        raw = await self._encoder.embed_windows(windows.pieces)
        return Stretch(pieces, raw, self._scorer.space(raw), windows)

    def _joined(self, stretches: list[Stretch]) -> list[Stretch]:
        """Join the two most alike, again and again, while they are likelier one voice than two."""
        left = list(stretches)
        while len(left) > 1:
            pairs = [
                (self._scorer.same(one.voice, two.voice, near=True), a, b)
                for a, one in enumerate(left)
                for b, two in enumerate(left)
                if a < b
            ]
            likeness, a, b = max(pairs)
            if likeness <= 0:
                break
            left[a] = _join(left[a], left.pop(b))
        return sorted(left, key=lambda stretch: stretch.pieces[0])

    async def _decide(
        self, stretch: Stretch, participant: Participant
    ) -> tuple[Speaker | None, float]:
        """Name a stretch, or not; learn from it, create someone, or keep it for later."""
        belief = self._roster.judge(stretch.voice, participant.id)
        if stretch.windows.seconds < self._rules.name_seconds:
            return None, 0.0
        if not self._settled(belief, stretch, participant):
            stretch, belief = self._with_pending(stretch, belief, participant)
        if belief.best is not None and self._clear(belief):
            await self._learn(belief, stretch, participant)
            return belief.best.speaker, belief.sure
        if self._is_new(belief, stretch, participant):
            return await self._create(stretch, participant), belief.new
        self._pending.setdefault(participant.id, []).append(stretch)
        del self._pending[participant.id][:-4]
        return None, belief.sure

    def _clear(self, belief: Belief) -> bool:
        return belief.sure >= (self._rules.name if belief.near else self._rules.recall)

    def _is_new(self, belief: Belief, stretch: Stretch, participant: Participant) -> bool:
        alone = not any(participant.id in voice.heard_at for voice in self._roster)
        enough = self._rules.first_seconds if alone else self._rules.create_seconds
        return belief.new >= self._rules.create and stretch.windows.seconds >= enough

    def _settled(self, belief: Belief, stretch: Stretch, participant: Participant) -> bool:
        return (belief.best is not None and self._clear(belief)) or self._is_new(
            belief, stretch, participant
        )

    def _with_pending(
        self, stretch: Stretch, belief: Belief, participant: Participant
    ) -> tuple[Stretch, Belief]:
        """What an undecided stretch amounts to together with an earlier undecided one."""
        for earlier in self._pending.get(participant.id, []):
            if self._scorer.same(stretch.voice, earlier.voice, near=True) > 1.0:
                both = _join(earlier, stretch)
                both.pieces = stretch.pieces
                judged = self._roster.judge(both.voice, participant.id)
                if self._settled(judged, both, participant):
                    self._pending[participant.id].remove(earlier)
                    return both, judged
        return stretch, belief

    async def _learn(self, belief: Belief, stretch: Stretch, participant: Participant) -> None:
        voice = belief.best
        if voice is None:
            return
        person_id = voice.speaker.person_id
        if person_id not in self._touched:
            self._touched.add(person_id)
            await self._directory.heard(person_id, self._encoder.model_id)
        self._roster.place(voice, participant.id)
        kept = stretch.apart
        enough = stretch.windows.seconds >= self._rules.learn_seconds
        if belief.sure < self._rules.learn or not enough or not kept.any():
            return
        voice.learn(stretch.prints[kept])
        if stretch.windows.seconds >= self._rules.create_seconds:
            await self._directory.add_prints(
                person_id, self._encoder.model_id, stretch.raw[kept], seconds=WINDOW_SECONDS
            )

    async def _create(self, stretch: Stretch, participant: Participant) -> Speaker:
        own = not participant.shared_microphone and participant.id not in self._named_microphones
        self._named_microphones.add(participant.id)
        kept = stretch.apart
        kept[0] = kept[0] or not kept.any()
        speaker = await self._directory.create(
            participant.name if own else None,
            self._encoder.model_id,
            stretch.raw[kept],
            seconds=min(stretch.windows.length, WINDOW_SECONDS),
        )
        self._revision = await self._directory.revision()
        voice = LiveVoice(speaker, stretch.prints[kept], int(kept.sum()), set())
        self._roster.place(voice, participant.id)
        return speaker

    async def _refresh(self) -> None:
        """Take over what other programs did to people: renamed, merged, forgotten, enrolled."""
        revision = await self._directory.revision()
        if revision != self._revision:
            self._roster.refresh(await self._directory.voices(self._encoder.model_id))
            self._revision = revision


def _join(one: Stretch, two: Stretch) -> Stretch:
    """Two stretches as one; the second's windows come after the first's."""
    shift = float(one.windows.starts[-1]) + one.windows.length
    windows = Windows(
        (*one.windows.pieces, *two.windows.pieces),
        np.concatenate([one.windows.starts, two.windows.starts + shift]),
        min(WINDOW_SECONDS, max(one.windows.length, two.windows.length)),
        one.windows.seconds + two.windows.seconds,
    )
    return Stretch(
        sorted([*one.pieces, *two.pieces]),
        np.concatenate([one.raw, two.raw]),
        np.concatenate([one.prints, two.prints]),
        windows,
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
