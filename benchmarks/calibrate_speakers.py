"""Calibrates who-is-who for an encoder: writes the statistics that ship, never a recording.

    python benchmarks/calibrate_speakers.py --data DIR --encoder ge2e

``DIR`` holds one sound file per person (any format PyAV reads). What is written: the cohort's mean
print, a discriminant projection with the variance between people on its axes, and the weights that
turn the model's ratio into an honest one. All are averages over every person; nobody's print is
among them. The weights are fitted on people whom the projection has not seen (4 folds), and the
printed error rates are of those.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np

from channels import CHANNELS
from meetbot.engines.registry import load_engine
from meetbot.models import ModelStore
from meetbot.people.calibration import save_scorer
from meetbot.people.voices import Scorer
from pairs import Bank, Pairs, collect, equal_error, fit_logistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.core.ports import SpeakerEncoder

__all__ = ["main"]

LOG = logging.getLogger("calibrate")
FOLDS = 4
SHRINKAGE = 0.5
CHANNEL_SHARE = 0.3
"""How much of what channels do to a voice counts as noise; all of it would suit two of them."""
AXES = 80
TRUST = 0.15
LEAST_ROWS = 3
UNFITTED = np.array([0.0, 1.0, 0.0, 0.0])
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
    if options.cache is not None and options.cache.exists():
        bank = Bank.load(options.cache)
    else:
        bank = asyncio.run(_bank(encoder, _files(options.data)))
        if options.cache is not None:
            bank.save(options.cache)
    scorer, count = calibrate(encoder.model_id, bank, sorted(bank.people))
    options.out.mkdir(parents=True, exist_ok=True)
    save_scorer(scorer, options.out, count)


def calibrate(model_id: str, bank: Bank, people: list[str]) -> tuple[Scorer, int]:
    """A scorer from these people, and how many they were."""
    rng = np.random.default_rng(20)
    order = [people[index] for index in rng.permutation(len(people))]
    folds = [order[start::FOLDS] for start in range(FOLDS)]
    weights = {}
    seen: dict[bool, list[Pairs]] = {True: [], False: []}
    for held_out in folds:
        rest = [person for person in order if person not in held_out]
        draft = space(model_id, bank, rest)
        for near, found in seen.items():
            found.append(collect(bank, draft, held_out, near=near, rng=rng))
    for near, found in seen.items():
        pairs = Pairs.joined(found)
        weights[near] = fit_logistic(pairs.features, pairs.same)
        _report("one microphone" if near else "two microphones", pairs, weights[near])
    fitted = replace(space(model_id, bank, order), near=weights[True], far=weights[False])
    return fitted, len(order)


def _report(name: str, pairs: Pairs, weights: NDArray[np.float64]) -> None:
    score = pairs.features @ weights
    LOG.info("%s: EER %.2f %% of %d pairs", name, 100 * equal_error(score, pairs.same), len(score))
    for least, most in ((0.4, 1.0), (1.0, 1.5), (1.5, 2.2), (2.2, 4.0), (4.0, 9.0)):
        chosen = (pairs.heard >= least) & (pairs.heard < most)
        if chosen.any():
            rate = 100 * equal_error(score[chosen], pairs.same[chosen])
            LOG.info("  heard for %.1f-%.1f s: EER %.2f %%", least, most, rate)
    LOG.info("  weights %s", np.round(weights, 2))


def space(model_id: str, bank: Bank, people: list[str]) -> Scorer:
    """PLDA of the cohort: two covariances, the one within people shrunk towards a ball."""
    recordings = bank.recordings(people)
    mean = np.mean([np.mean([r.mean(axis=0) for r in rs], axis=0) for rs in recordings.values()], 0)
    unit = {who: [_unit(rows - mean) for rows in rs] for who, rs in recordings.items()}
    within = np.mean(
        [np.cov(rows.T) for rs in unit.values() for rows in rs if len(rows) > LEAST_ROWS], axis=0
    )
    centres = {who: np.stack([rows.mean(axis=0) for rows in rs]) for who, rs in unit.items()}
    channel = np.mean([np.cov(c.T) for c in centres.values() if len(c) > 1], axis=0)
    people_at = np.stack([c.mean(axis=0) for c in centres.values()])
    noise = within + CHANNEL_SHARE * channel
    size = len(noise)
    noise = (1 - SHRINKAGE) * noise + SHRINKAGE * np.trace(noise) / size * np.eye(size)
    whiten = np.linalg.cholesky(np.linalg.inv(noise))
    strength, axes = np.linalg.eigh(whiten.T @ np.cov(people_at.T) @ whiten)
    best = np.argsort(-strength)[: min(AXES, len(people) - 1)]
    return Scorer(
        model_id,
        mean.astype(np.float64),
        people_at.mean(axis=0),
        whiten @ axes[:, best],
        strength[best],
        TRUST,
        UNFITTED,
        UNFITTED,
    )


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    normal: NDArray[np.float64] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return normal


def _files(data: Path) -> list[Path]:
    return sorted(path for path in data.iterdir() if path.suffix in {".flac", ".wav", ".ogg"})


async def _bank(encoder: SpeakerEncoder, files: list[Path]) -> Bank:
    bank = Bank({})
    for path in files:
        audio = load_sound(path)
        for channel, through in CHANNELS.items():
            heard = through(audio)
            for length, step in WINDOWS:
                await _add(bank, encoder, (path.stem, channel, length), heard, step)
        LOG.info("%s: %.1f s", path.name, len(audio) / 16_000)
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
