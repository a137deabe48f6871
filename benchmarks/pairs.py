"""Pairs of voices for calibrating: a stretch just heard against a voice known from before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from meetbot.people.voices import KINDS, Scorer, Voice, features, kind, voice_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Bank", "Pairs", "collect", "equal_error", "fit_logistic"]

HEARD_SECONDS = (0.8, 1.2, 1.6, 2.0, 2.4, 3.2, 4.8)
KNOWN_SECONDS = (1.6, 2.4, 3.2, 4.8, 6.4, 9.6)
OTHERS = 12
"""Impostors tried for each true pair."""


@dataclass(frozen=True, slots=True)
class Bank:
    """Raw prints by person, channel and window length, with the step between windows."""

    prints: dict[tuple[str, str, float], tuple[NDArray[np.float32], float]]

    @property
    def people(self) -> set[str]:
        """Everyone with a print."""
        return {person for person, _, _ in self.prints}

    @property
    def channels(self) -> list[str]:
        """Every channel, sorted."""
        return sorted({channel for _, channel, _ in self.prints})

    def add(
        self, person: str, channel: str, length: float, rows: NDArray[np.float32], step: float
    ) -> None:
        """Keep the prints of one recording through one channel."""
        self.prints[person, channel, length] = (rows, step)

    def long_prints(self, person: str) -> NDArray[np.float32]:
        """All prints of full windows of a person, over all channels."""
        found = [
            rows
            for (who, _, length), (rows, _) in self.prints.items()
            if who == person and length == 1.6
        ]
        return np.concatenate(found) if found else np.zeros((0, 0), np.float32)

    def save(self, path: Path) -> None:
        """To one .npz file."""
        np.savez(path, **{f"{p}|{c}|{n}|{s}": rows for (p, c, n), (rows, s) in self.prints.items()})

    @classmethod
    def load(cls, path: Path) -> Self:
        """From ``save``'s file."""
        found = {}
        with np.load(path) as stored:
            for key in stored.files:
                person, channel, length, step = key.split("|")
                found[person, channel, float(length)] = (stored[key], float(step))
        return cls(found)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Comparisons: ``features`` (n, 6), which are the ``same`` person (n,), their ``kinds`` (n,)."""

    rows: NDArray[np.float64]
    same: NDArray[np.bool_]
    kinds: NDArray[np.int64]

    @classmethod
    def joined(cls, several: Sequence[Pairs]) -> Self:
        """All of them."""
        return cls(
            np.concatenate([pairs.rows for pairs in several]),
            np.concatenate([pairs.same for pairs in several]),
            np.concatenate([pairs.kinds for pairs in several]),
        )

    def fit(self) -> NDArray[np.float64]:
        """Weights (4, 6) that turn features into log likelihood ratios."""
        return np.stack(
            [
                fit_logistic(self.rows[self.kinds == k], self.same[self.kinds == k])
                for k in range(KINDS)
            ]
        )

    def scores(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log likelihood ratios, (n,)."""
        scores: NDArray[np.float64] = (self.rows * weights[self.kinds]).sum(axis=1)
        return scores


def collect(
    bank: Bank, scorer: Scorer, people: list[str], *, near: bool, rng: np.random.Generator
) -> Pairs:
    """Pairs known through one channel and heard through the same (``near``) or another."""
    rows: list[NDArray[np.float64]] = []
    same: list[bool] = []
    kinds: list[int] = []
    for channel in bank.channels:
        for _ in range(4):
            seconds = float(rng.choice(KNOWN_SECONDS))
            other = channel if near else str(rng.choice([c for c in bank.channels if c != channel]))
            known = {p: _known(bank, scorer, p, channel, seconds) for p in people}
            heard = {
                p: _heard(bank, scorer, p, other, float(rng.choice(HEARD_SECONDS)), seconds)
                for p in people
            }
            for person, voice in heard.items():
                if voice is None:
                    continue
                rest = [p for p in people if p != person]
                for tried in [person, *rng.choice(rest, min(OTHERS, len(rest)), replace=False)]:
                    if (before := known[str(tried)]) is not None:
                        rows.append(features(voice, before))
                        same.append(tried == person)
                        kinds.append(kind(voice, before))
    return Pairs(np.array(rows), np.array(same), np.array(kinds))


def _known(bank: Bank, scorer: Scorer, person: str, channel: str, seconds: float) -> Voice | None:
    """The first ``seconds`` of someone."""
    return _stretch(bank, scorer, (person, channel, 1.6), 0.0, seconds)


def _heard(
    bank: Bank, scorer: Scorer, person: str, channel: str, seconds: float, after: float
) -> Voice | None:
    """``seconds`` of someone that begin after the known part."""
    length = 1.6 if seconds >= 1.6 else seconds
    return _stretch(bank, scorer, (person, channel, length), after + 0.4, seconds)


def _stretch(
    bank: Bank, scorer: Scorer, key: tuple[str, str, float], start: float, seconds: float
) -> Voice | None:
    rows, step = bank.prints.get(key, (np.zeros((0, 1), np.float32), 1.0))
    first = int(np.ceil(start / step - 1e-6))
    count = 1 + round((seconds - key[2]) / step + 1e-6)
    if first + count > len(rows):
        return None
    stride = 2 if count > 6 else 1
    chosen = np.arange(first, first + count, stride)
    return voice_of(scorer.space(rows[chosen]), chosen * step, key[2], seconds)


def fit_logistic(
    rows: NDArray[np.float64], same: NDArray[np.bool_], ridge: float = 1e-2
) -> NDArray[np.float64]:
    """Weights whose sum is the log likelihood ratio: both classes count the same in the fit."""
    wanted = same.astype(np.float64)
    share = np.where(same, 0.5 / wanted.mean(), 0.5 / (1 - wanted.mean()))
    weights = np.zeros(rows.shape[1])
    for _ in range(40):
        likely = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        slope = rows.T @ (share * (likely - wanted)) + ridge * weights
        curve = (rows * (share * likely * (1 - likely))[:, np.newaxis]).T @ rows
        weights -= np.linalg.solve(curve + ridge * np.eye(len(weights)), slope)
    return weights


def equal_error(score: NDArray[np.float64], same: NDArray[np.bool_]) -> float:
    """The rate at which as many are wrongly taken as wrongly refused."""
    order = np.argsort(-score)
    hits = np.cumsum(same[order]) / same.sum()
    false = np.cumsum(~same[order]) / (~same).sum()
    best = int(np.argmin(np.abs(1 - hits - false)))
    return float((1 - hits[best] + false[best]) / 2)
