"""Calibrates who-is-who for an encoder: writes the statistics that ship, never a recording.

    python benchmarks/calibrate_speakers.py --data DIR --encoder ge2e

``DIR`` holds one sound file per person (any format PyAV reads). What is written: the cohort's mean
print, a discriminant projection, and the weights that turn a likeness into a log likelihood ratio.
All are averages over every person; nobody's print is among them. The weights are fitted on people
whom the projection has not seen (4 folds), and the printed error rates are of those.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np

from channels import CHANNELS
from meetbot.engines.registry import load_engine
from meetbot.models import ModelStore
from meetbot.people.voices import FEATURES, KINDS, Scorer
from pairs import Bank, Pairs, collect, equal_error

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.core.ports import SpeakerEncoder

__all__ = ["main"]

LOG = logging.getLogger("calibrate")
FOLDS = 4
SHRINKAGE = 0.6
UNFITTED = np.zeros((KINDS, len(FEATURES)))
WINDOWS = ((1.6, 0.4), (1.2, 0.6), (0.8, 0.8))
"""Length and step in seconds of the windows that are embedded."""


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", default="ge2e")
    parser.add_argument("--out", type=Path, default=Path("src/meetbot/people/calibrations"))
    parser.add_argument("--cache", type=Path, help="keep the prints here between runs")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    encoder: SpeakerEncoder = load_engine("speaker", options.encoder, ModelStore(), object())
    bank = asyncio.run(_bank(encoder, options.data, options.cache))
    scorer, count = calibrate(encoder.model_id, bank, sorted(bank.people))
    options.out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        options.out / f"{scorer.model_id}.npz",
        model_id=np.array(scorer.model_id),
        people=np.array(count),
        mean=scorer.mean.astype(np.float16),
        projection=scorer.projection.astype(np.float16),
        near=scorer.near,
        far=scorer.far,
    )


def calibrate(model_id: str, bank: Bank, people: list[str]) -> tuple[Scorer, int]:
    """A scorer from these people, and how many they were."""
    rng = np.random.default_rng(20)
    order = [people[index] for index in rng.permutation(len(people))]
    folds = [order[start::FOLDS] for start in range(FOLDS)]
    weights = {}
    seen: dict[bool, list[Pairs]] = {True: [], False: []}
    for held_out in folds:
        rest = [person for person in order if person not in held_out]
        draft = Scorer(model_id, *_space(bank, rest), UNFITTED, UNFITTED)
        for near, found in seen.items():
            found.append(collect(bank, draft, held_out, near=near, rng=rng))
    for near, found in seen.items():
        pairs = Pairs.joined(found)
        weights[near] = pairs.fit()
        _report("one microphone" if near else "two microphones", pairs, weights[near])
    return Scorer(model_id, *_space(bank, order), weights[True], weights[False]), len(order)


def _report(name: str, pairs: Pairs, weights: NDArray[np.float64]) -> None:
    score = pairs.scores(weights)
    LOG.info("%s: EER %.2f %% of %d pairs", name, 100 * equal_error(score, pairs.same), len(score))
    for least, most in ((0.4, 1.0), (1.0, 1.5), (1.5, 2.5), (2.5, 4.0), (4.0, 9.0)):
        heard = 1.6 / pairs.rows[:, 4]
        chosen = (heard >= least) & (heard < most)
        if chosen.any():
            rate = 100 * equal_error(score[chosen], pairs.same[chosen])
            LOG.info("  heard for %.1f-%.1f s: EER %.2f %%", least, most, rate)
    LOG.info("  weights\n%s", np.round(weights, 2))


def _space(bank: Bank, people: list[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The cohort's mean, and the discriminant projection with shrunk within-class covariance."""
    sets = [bank.long_prints(person) for person in people]
    mean = np.mean([prints.mean(axis=0) for prints in sets], axis=0)
    within = np.mean([np.cov(prints.T) for prints in sets], axis=0)
    size = len(within)
    within = (1 - SHRINKAGE) * within + SHRINKAGE * np.trace(within) / size * np.eye(size)
    between = np.cov(np.stack([prints.mean(axis=0) for prints in sets]).T)
    whiten = np.linalg.cholesky(np.linalg.inv(within))
    strength, axes = np.linalg.eigh(whiten.T @ between @ whiten)
    best = np.argsort(-strength)[: len(people) - 1]
    projection = whiten @ axes[:, best]
    projection /= np.sqrt(np.trace(projection @ projection.T) / projection.size)
    return mean.astype(np.float32), projection.astype(np.float32)


async def _bank(encoder: SpeakerEncoder, data: Path, cache: Path | None) -> Bank:
    if cache is not None and cache.exists():
        return Bank.load(cache)
    bank = Bank({})
    for path in sorted(p for p in data.iterdir() if p.suffix in {".flac", ".wav", ".ogg"}):
        audio = load_sound(path)
        for channel, through in CHANNELS.items():
            heard = through(audio)
            for length, step in WINDOWS:
                await _add(bank, encoder, (path.stem, channel, length), heard, step)
        LOG.info("%s: %.1f s", path.name, len(audio) / 16_000)
    if cache is not None:
        bank.save(cache)
    return bank


async def _add(
    bank: Bank,
    encoder: SpeakerEncoder,
    key: tuple[str, str, float],
    audio: NDArray[np.float32],
    step: float,
) -> None:
    size, hop = int(key[2] * 16_000), int(step * 16_000)
    starts = range(0, len(audio) - size + 1, hop)
    if starts:
        windows = [audio[start : start + size] for start in starts]
        bank.add(*key, await encoder.embed_windows(windows), step)


def load_sound(path: Path) -> NDArray[np.float32]:
    """A sound file as float32 mono at 16 kHz."""
    resampler = av.AudioResampler("fltp", "mono", 16_000)
    with av.open(str(path)) as container:
        frames = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)]
        frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32)


if __name__ == "__main__":
    main()
