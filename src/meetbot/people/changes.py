"""Where the voice changes inside a turn: two people can share one with hardly a pause between.

A hidden Markov model over short windows whose states are people: those known at the microphone,
and as many new ones as the sound itself asks for. Fitted by variational Bayes as in VBx (Landini et
al., "Bayesian HMM clustering of x-vector sequences", https://arxiv.org/abs/2012.14952), with the
people's places in the calibrated space as its hidden variables; a new state stays only where it
explains the turn so much better that its cost is paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from meetbot.people.voices import UNIT_SECONDS, Scorer, Voice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["STEP_SECONDS", "Fit", "fit", "states"]

STEP_SECONDS = 0.2
"""From one window to the next."""
FOCUS = 0.6
"""What one observation counts here: within a turn the microphone and the mood stay the same."""
STAY = 0.95
"""Probability that the same person is heard in the next window."""
LOYALTY = 0.3
"""What it costs (log) to give a window to another person than the one it was given to before."""
ROUNDS = 8
FLOOR = 1e-30
MOST_NEW = 3
SEED_WINDOWS = 6
"""A new person is sought where this many windows in a row fit worst."""


@dataclass(frozen=True, slots=True)
class Fit:
    """``shares`` (t, s): whose window is whose, 0…1; ``evidence``: log, of the whole model."""

    shares: NDArray[np.float64]
    evidence: float


def states(
    placed: NDArray[np.float64], owners: NDArray[np.int64], scorer: Scorer, cost: float
) -> NDArray[np.int64]:
    """For each window (rows of ``placed``) the index of its person, shape (t,).

    ``owners`` (t,): whose a window was found to be before, -1 where that is open. People who are
    not among them get the next free indices. ``cost``: the evidence (log) that one more person
    must gain.
    """
    nobody = Voice(np.zeros(len(scorer.spread)), 0.0)
    count = max(int(owners.max(initial=-1)) + 1, 1)
    own = np.zeros((len(placed), count))
    own[owners >= 0] = np.eye(count)[owners[owners >= 0]]
    shares = np.where((owners >= 0)[:, np.newaxis], own, 1 / count)
    people = [nobody] * count
    best = fit(placed, people, scorer, shares, LOYALTY * own)
    for _ in range(MOST_NEW):
        own = np.pad(own, ((0, 0), (0, 1)))
        tries = [
            fit(placed, [*people, nobody], scorer, guess, LOYALTY * own)
            for guess in _splits(placed, best.shares, owners < 0, scorer)
        ]
        better = max(tries, key=lambda found: found.evidence, default=best)
        if better.evidence - best.evidence < cost:
            break
        best, people = better, [*people, nobody]
    found: NDArray[np.int64] = np.argmax(best.shares, axis=1)
    return found


def fit(
    placed: NDArray[np.float64],
    people: Sequence[Voice],
    scorer: Scorer,
    shares: NDArray[np.float64],
    favour: NDArray[np.float64],
) -> Fit:
    """Variational Bayes from the given first guess of ``shares`` (t, s).

    ``favour`` (t, s): what speaks for a person beforehand, in log odds.
    """
    trust = FOCUS * STEP_SECONDS / UNIT_SECONDS
    spread = scorer.spread
    pulls = placed * np.sqrt(spread)
    bias = -0.5 * np.square(placed).sum(axis=1)
    totals = np.stack([scorer.trust * voice.total for voice in people])
    counts = np.array([scorer.trust * voice.seconds / UNIT_SECONDS for voice in people])
    before = 1 / (1 + counts[:, np.newaxis] * spread)
    place_before = before * totals
    evidence = -np.inf
    for _ in range(ROUNDS):
        weights = trust * shares.sum(axis=0)
        certainty = 1 / (1 + (counts + weights)[:, np.newaxis] * spread)
        places = certainty * (totals + trust * shares.T @ pulls)
        fits = pulls @ places.T - 0.5 * (certainty + places**2) @ spread
        shares, likelihood = _forward_backward(trust * (fits + bias[:, np.newaxis]) + favour)
        ratio = certainty / before
        apart = ratio - 1 - np.log(ratio) + (places - place_before) ** 2 / before
        found = likelihood - 0.5 * float(apart.sum())
        if found - evidence < 1e-3:
            break
        evidence = found
    return Fit(shares, evidence)


def _splits(
    placed: NDArray[np.float64],
    shares: NDArray[np.float64],
    still_open: NDArray[np.bool_],
    scorer: Scorer,
) -> list[NDArray[np.float64]]:
    """First guesses of where one more person speaks: the worst-fitting stretch, and two halves."""
    count = len(placed)
    if count < 2:
        return []
    pulls = placed * np.sqrt(scorer.spread)
    means = shares.T @ pulls / np.maximum(shares.sum(axis=0), 1e-6)[:, np.newaxis]
    unit = pulls / np.maximum(np.linalg.norm(pulls, axis=1, keepdims=True), 1e-9)
    centres = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    likeness = (shares * (unit @ centres.T)).sum(axis=1)
    size = min(SEED_WINDOWS, max(count // 2, 1))
    worst = int(np.argmin(np.convolve(likeness, np.ones(size), "valid")))
    spot = np.zeros(count, dtype=np.bool_)
    spot[worst : worst + size] = True
    like_spot = unit @ unit[spot].mean(axis=0)
    along = _along(pulls, size)
    masks = [
        spot,
        like_spot > np.median(like_spot),
        along > along.mean(),
        along < along.mean(),
        still_open if not still_open.all() else np.arange(count) >= count // 2,
    ]
    if still_open.sum() > 1 and not still_open.all():
        now = np.zeros(count)
        now[still_open] = _along(pulls[still_open], size)
        masks += [now > now[still_open].mean(), now < now[still_open].mean()]
        masks[-2:] = [mask & still_open for mask in masks[-2:]]
    return [_given(shares, mask) for mask in masks]


def _along(pulls: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Windows along the direction in which they differ most, smoothed over ``size``."""
    axis = np.linalg.svd(pulls - pulls.mean(axis=0), full_matrices=False)[2][0]
    smooth = min(size, len(pulls))
    return np.convolve(pulls @ axis, np.ones(smooth) / smooth, "same")


def _given(shares: NDArray[np.float64], mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """``shares`` with the masked windows given mostly to one more person."""
    part = np.where(mask, 0.9, 0.1)[:, np.newaxis]
    return np.concatenate([shares * (1 - part), part], axis=1)


def _forward_backward(fits: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Posterior shares (t, s), and the log likelihood, for log likelihoods (t, s) of windows."""
    count, people = fits.shape
    move = STAY * np.eye(people) + (1 - STAY) / people
    top = fits.max(axis=1, keepdims=True)
    likely = np.exp(fits - top)
    ahead = np.empty_like(likely)
    scale = np.empty(count)
    now = np.full(people, 1 / people)
    for at in range(count):
        now = likely[at] * (now if at == 0 else now @ move)
        scale[at] = now.sum() + FLOOR
        now = now / scale[at]
        ahead[at] = now
    back = np.ones_like(likely)
    for at in range(count - 2, -1, -1):
        back[at] = move @ (likely[at + 1] * back[at + 1]) / scale[at + 1]
    shares = ahead * back
    shares /= shares.sum(axis=1, keepdims=True) + FLOOR
    return shares, float(np.log(scale).sum() + top.sum())
