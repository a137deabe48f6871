"""Pairs of voices for calibrating: a stretch just heard against a voice known from before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from meetbot.people.voices import WINDOW_SECONDS, Scorer, Voice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Bank", "Pairs", "collect", "equal_error", "fit_logistic"]

HEARD_SECONDS = (0.8, 1.2, 1.6, 2.0, 2.4, 3.2, 4.8)
KNOWN_SECONDS = (1.6, 2.4, 3.2, 4.8, 6.4, 9.6)
OTHERS = 12
"""Impostors tried for each true pair."""
REPEATS = 4


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

    def recordings(self, people: Sequence[str]) -> dict[str, list[NDArray[np.float32]]]:
        """Full-window prints of each person, one array per channel."""
        chosen = set(people)
        found: dict[str, list[NDArray[np.float32]]] = {}
        for (person, _, length), (rows, _) in self.prints.items():
            if length == WINDOW_SECONDS and person in chosen:
                found.setdefault(person, []).append(rows)
        return found

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
    """Comparisons: ``raw`` ratios (n,), ``heard`` seconds (n,), and which are ``same`` (n,)."""

    raw: NDArray[np.float64]
    heard: NDArray[np.float64]
    same: NDArray[np.bool_]

    @classmethod
    def joined(cls, several: Sequence[Pairs]) -> Self:
        """All of them."""
        return cls(
            np.concatenate([pairs.raw for pairs in several]),
            np.concatenate([pairs.heard for pairs in several]),
            np.concatenate([pairs.same for pairs in several]),
        )

    @property
    def features(self) -> NDArray[np.float64]:
        """What ``Scorer.near`` and ``far`` weigh, (n, 4)."""
        short = WINDOW_SECONDS / self.heard
        return np.stack([np.ones_like(self.raw), self.raw, short, self.raw * short], axis=1)


def collect(
    bank: Bank, scorer: Scorer, people: list[str], *, near: bool, rng: np.random.Generator
) -> Pairs:
    """Pairs known through one channel and heard through the same (``near``) or another."""
    rows: list[tuple[float, float, bool]] = []
    for channel in bank.channels:
        others = [c for c in bank.channels if c != channel]
        for _ in range(REPEATS):
            seconds = float(rng.choice(KNOWN_SECONDS))
            other = channel if near else str(rng.choice(others))
            known = {p: _stretch(bank, scorer, (p, channel), 0.0, seconds) for p in people}
            for person in people:
                length = float(rng.choice(HEARD_SECONDS))
                voice = _stretch(bank, scorer, (person, other), seconds + 0.4, length)
                if voice is None:
                    continue
                rest = [p for p in people if p != person]
                tried = [person, *rng.choice(rest, min(OTHERS, len(rest)), replace=False)]
                rows += [
                    (scorer.raw(voice, before), length, name == person)
                    for name in tried
                    if (before := known[str(name)]) is not None
                ]
    raw, heard, same = zip(*rows, strict=True)
    return Pairs(np.array(raw), np.array(heard), np.array(same))


def _stretch(
    bank: Bank, scorer: Scorer, key: tuple[str, str], start: float, seconds: float
) -> Voice | None:
    """``seconds`` of someone through a channel from ``start``; None where there is no so much."""
    length = WINDOW_SECONDS if seconds >= WINDOW_SECONDS else seconds
    rows, step = bank.prints.get((*key, length), (np.zeros((0, 1), np.float32), 1.0))
    first = int(np.ceil(start / step - 1e-6))
    count = 1 + round((seconds - length) / step)
    if first + count > len(rows):
        return None
    return scorer.voice(scorer.space(rows[first : first + count]), seconds)


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
