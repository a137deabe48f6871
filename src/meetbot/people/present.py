"""The voices of one meeting as they are known so far, and who a new stretch of speech is.

A decision is Bayes' rule over the people it may be: everyone heard at this microphone, those
heard at others, those known from earlier meetings, and someone new. Likelihoods come from the
calibrated ``Scorer``; how likely each was beforehand depends on where they were heard.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from meetbot.people.voices import Scorer, Voice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meetbot.core.types import Speaker
    from meetbot.people.values import KnownVoice

__all__ = ["Belief", "LiveVoice", "Priors", "Roster"]

MOST_SECONDS = 60.0
"""Speech of one person in one meeting that counts; the older fades as more comes."""


@dataclass(frozen=True, slots=True)
class Priors:
    """How likely a stretch of speech at a microphone is whose, before its sound is heard.

    Someone new: ``novelty / (novelty + n)`` after ``n`` stretches at this microphone (a Chinese
    restaurant process), at least ``least_new``. ``elsewhere`` and ``before``: the share of what is
    left for people heard at other microphones, and in earlier meetings only; those heard at this
    one have the rest. Where nobody has been heard here yet, ``first_elsewhere``, ``first_before``.
    """

    novelty: float = 1.0
    least_new: float = 0.02
    elsewhere: float = 0.04
    before: float = 0.02
    first_elsewhere: float = 0.10
    first_before: float = 0.30


@dataclass(frozen=True, slots=True)
class Belief:
    """Who it may be: ``best`` with probability ``sure``; ``new``: that it is nobody known.

    ``near``: whether the best was heard at this microphone before.
    """

    best: LiveVoice | None
    sure: float
    new: float
    near: bool = False


@dataclass(slots=True)
class LiveVoice:
    """A person of this meeting or an earlier one.

    ``stored``: what the directory has of them; ``learnt``: what this meeting added.
    """

    speaker: Speaker
    stored: Voice | None = None
    learnt: Voice | None = None
    heard_at: set[str] = field(default_factory=set)

    @property
    def voice(self) -> Voice:
        """What they are recognised by: this meeting's sound, and the directory's beside it."""
        if self.learnt is None or self.stored is None:
            voice = self.learnt or self.stored
            if voice is None:
                raise ValueError(f"{self.speaker.name} has no voice")
            return voice
        return self.stored + self.learnt

    def learn(self, heard: Voice) -> None:
        """Take in one more stretch."""
        total = heard if self.learnt is None else self.learnt + heard
        share = min(1.0, MOST_SECONDS / total.seconds)
        self.learnt = Voice(total.total * share, total.seconds * share)


class Roster:
    """Everyone who may be speaking."""

    def __init__(self, scorer: Scorer, priors: Priors | None = None) -> None:
        self._scorer = scorer
        self._priors = priors or Priors()
        self._voices: dict[str, LiveVoice] = {}
        self._heard: dict[str, int] = {}

    def __iter__(self) -> Iterator[LiveVoice]:
        return iter(self._voices.values())

    def at(self, microphone: str) -> list[LiveVoice]:
        """Those heard at this microphone."""
        return [voice for voice in self if microphone in voice.heard_at]

    def place(self, voice: LiveVoice, microphone: str) -> None:
        """``voice`` was heard at this microphone."""
        voice.heard_at.add(microphone)
        self._heard[microphone] = self._heard.get(microphone, 0) + 1
        self._voices[voice.speaker.person_id] = voice

    def refresh(self, stored: tuple[KnownVoice, ...]) -> None:
        """Take over what the directory says now: who is gone, renamed, merged or new."""
        now: dict[str, LiveVoice] = {}
        for known in stored:
            voice = self._scorer.voice(self._scorer.space(known.prints), known.seconds)
            fresh = LiveVoice(known.speaker, voice)
            ids = (known.speaker.person_id, *known.formerly)
            lives = [self._voices[name] for name in ids if name in self._voices]
            if any(live.learnt is not None for live in lives):
                fresh.stored = _sum([live.stored for live in lives])
                fresh.learnt = _sum([live.learnt for live in lives])
            fresh.heard_at = {place for live in lives for place in live.heard_at}
            now[known.speaker.person_id] = fresh
        self._voices = now

    def judge(self, heard: Voice, microphone: str, others: frozenset[str] = frozenset()) -> Belief:
        """Whose voice ``heard`` is, at this microphone; none of ``others``' (ids)."""
        voices = [v for v in self._voices.values() if v.speaker.person_id not in others]
        if not voices:
            return Belief(None, 0.0, 1.0)
        groups = [self._group(voice, microphone) for voice in voices]
        shares, fresh = self._shares(groups, self._heard.get(microphone, 0))
        scores = [
            self._scorer.same(heard, voice.voice, near=group == "here") + np.log(shares[group])
            for voice, group in zip(voices, groups, strict=True)
        ]
        odds = np.array([*scores, np.log(fresh)])
        likely = np.exp(odds - odds.max())
        likely /= likely.sum()
        best = int(np.argmax(likely[:-1]))
        return Belief(voices[best], float(likely[best]), float(likely[-1]), groups[best] == "here")

    def _shares(self, groups: list[str], heard: int) -> tuple[dict[str, float], float]:
        """Each group's prior probability per person, and that of someone new."""
        rules = self._priors
        if "here" in groups:
            fresh = max(rules.novelty / (rules.novelty + heard), rules.least_new)
            parts = {"elsewhere": rules.elsewhere, "before": rules.before}
            parts["here"] = 1 - sum(share for name, share in parts.items() if name in groups)
            parts = {name: share * (1 - fresh) for name, share in parts.items()}
        else:
            parts = {"elsewhere": rules.first_elsewhere, "before": rules.first_before}
            fresh = 1 - sum(share for name, share in parts.items() if name in groups)
        counts = {name: max(groups.count(name), 1) for name in parts}
        return {name: share / counts[name] for name, share in parts.items()}, fresh

    @staticmethod
    def _group(voice: LiveVoice, microphone: str) -> str:
        if microphone in voice.heard_at:
            return "here"
        return "elsewhere" if voice.heard_at else "before"


def _sum(voices: list[Voice | None]) -> Voice | None:
    total: Voice | None = None
    for voice in voices:
        if voice is not None:
            total = voice if total is None else total + voice
    return total
