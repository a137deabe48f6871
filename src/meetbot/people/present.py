"""The voices of one meeting as they are known so far, and who a new stretch of speech is.

A decision is Bayes' rule over the people it may be: everyone heard at this microphone, those
heard at others, those known from earlier meetings, and someone new. Likelihoods come from the
calibrated ``Scorer``; how likely each was beforehand depends on where they were heard.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from meetbot.people.voices import WINDOW_SECONDS, Scorer, Voice, voice_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from meetbot.core.types import Speaker
    from meetbot.people.values import KnownVoice

__all__ = ["Belief", "LiveVoice", "Priors", "Roster"]

MAX_LIVE_PRINTS = 40
"""Prints of one person held in a meeting: those known from before and the newest."""
SAME_PRINT = 0.9999


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
    elsewhere: float = 0.02
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
    """A person and the prints (in the calibrated space) they are recognised by."""

    speaker: Speaker
    prints: NDArray[np.float32]
    known: int
    heard_at: set[str] = field(default_factory=set)
    _voice: Voice | None = None

    @property
    def voice(self) -> Voice:
        """What their prints amount to."""
        if self._voice is None:
            starts = np.arange(len(self.prints), dtype=np.float64) * WINDOW_SECONDS
            self._voice = voice_of(
                self.prints, starts, WINDOW_SECONDS, len(self.prints) * WINDOW_SECONDS
            )
        return self._voice

    def learn(self, prints: NDArray[np.float32]) -> None:
        """Add prints; of those learnt in this meeting the oldest go when there are too many."""
        old, learnt = self.prints[: self.known], self.prints[self.known :]
        room = max(MAX_LIVE_PRINTS - self.known, MAX_LIVE_PRINTS // 2)
        self.prints = np.concatenate([old, np.concatenate([learnt, prints])[-room:]])
        self._voice = None


class Roster:
    """Everyone who may be speaking."""

    def __init__(self, scorer: Scorer, priors: Priors | None = None) -> None:
        self._scorer = scorer
        self._priors = priors or Priors()
        self._voices: dict[str, LiveVoice] = {}
        self._heard: dict[str, int] = {}

    def __iter__(self) -> Iterator[LiveVoice]:
        return iter(self._voices.values())

    def get(self, person_id: str) -> LiveVoice | None:
        """The voice of a person, if it is known."""
        return self._voices.get(person_id)

    def place(self, voice: LiveVoice, microphone: str) -> None:
        """``voice`` was heard at this microphone."""
        voice.heard_at.add(microphone)
        self._heard[microphone] = self._heard.get(microphone, 0) + 1
        self._voices[voice.speaker.person_id] = voice

    def refresh(self, stored: tuple[KnownVoice, ...]) -> None:
        """Take over what the directory says now: who is gone, renamed, merged or new."""
        now: dict[str, LiveVoice] = {}
        for known in stored:
            live = self._voices.get(known.speaker.person_id)
            prints = self._scorer.space(known.prints)
            fresh = LiveVoice(known.speaker, prints, len(prints))
            if live is not None:
                fresh.heard_at = live.heard_at
                learnt = live.prints[live.known :]
                stored_too = (learnt @ prints.T).max(axis=1) > SAME_PRINT
                fresh.learn(learnt[~stored_too])
            now[known.speaker.person_id] = fresh
        self._voices = now

    def judge(self, heard: Voice, microphone: str) -> Belief:
        """Whose voice ``heard`` is, at this microphone."""
        voices = list(self._voices.values())
        groups = [self._group(voice, microphone) for voice in voices]
        shares, fresh = self._shares(groups, self._heard.get(microphone, 0))
        scores = [
            self._scorer.same(heard, voice.voice, near=group == "here") + np.log(shares[group])
            for voice, group in zip(voices, groups, strict=True)
        ]
        all_scores = np.array([*scores, np.log(fresh)])
        weights = np.exp(all_scores - all_scores.max())
        weights /= weights.sum()
        if not voices:
            return Belief(None, 0.0, 1.0)
        best = int(np.argmax(weights[:-1]))
        return Belief(
            voices[best], float(weights[best]), float(weights[-1]), groups[best] == "here"
        )

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
