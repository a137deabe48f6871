"""Finds the calibration that belongs to an encoder.

Calibrations are made by ``benchmarks/calibrate_speakers.py`` and ship in ``calibrations/``, one
file per model id: averages over a cohort, nobody's print.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.errors import ConfigError
from meetbot.people.voices import Scorer

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["calibrated_models", "load_scorer", "save_scorer"]

SUFFIX = ".npz"


def calibrated_models() -> tuple[str, ...]:
    """The model ids that there is a calibration for, sorted."""
    names = (entry.name for entry in files("meetbot.people").joinpath("calibrations").iterdir())
    return tuple(sorted(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)))


def load_scorer(model_id: str) -> Scorer:
    """The scorer for prints of ``model_id``. Raises ``ConfigError`` when there is none."""
    if model_id not in calibrated_models():
        raise ConfigError(
            f"voices cannot be told apart by {model_id!r}: no calibration of it is known; make one "
            "with benchmarks/calibrate_speakers.py, set people.encoder to another (calibrated: "
            f"{', '.join(calibrated_models())}), or people.enabled to false"
        )
    place = files("meetbot.people").joinpath("calibrations", model_id + SUFFIX)
    with as_file(place) as path, np.load(path, allow_pickle=False) as stored:
        return Scorer(
            model_id=str(stored["model_id"]),
            mean=stored["mean"].astype(np.float64),
            shift=stored["shift"].astype(np.float64),
            projection=stored["projection"].astype(np.float64),
            spread=stored["spread"].astype(np.float64),
            trust=float(stored["trust"]),
            near=stored["near"].astype(np.float64),
            far=stored["far"].astype(np.float64),
        )


def save_scorer(scorer: Scorer, folder: Path, people: int) -> Path:
    """Write a calibration made from so many people; returns the file."""
    path = folder / (scorer.model_id + SUFFIX)
    np.savez_compressed(
        path,
        model_id=np.array(scorer.model_id),
        people=np.array(people),
        mean=scorer.mean.astype(np.float16),
        shift=scorer.shift.astype(np.float16),
        projection=scorer.projection.astype(np.float32),
        spread=scorer.spread,
        trust=np.array(scorer.trust),
        near=scorer.near,
        far=scorer.far,
    )
    return path
