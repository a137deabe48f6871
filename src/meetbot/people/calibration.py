"""Finds the calibration that belongs to an encoder.

Calibrations are made by ``benchmarks/calibrate_speakers.py`` and ship in ``calibrations/``, one
file per model id: averages over a cohort, nobody's print.
"""

from __future__ import annotations

from importlib.resources import as_file, files

import numpy as np

from meetbot.core.errors import ConfigError
from meetbot.people.voices import Scorer

__all__ = ["calibrated_models", "load_scorer"]

SUFFIX = ".npz"


def calibrated_models() -> tuple[str, ...]:
    """The model ids that there is a calibration for, sorted."""
    names = (entry.name for entry in files("meetbot.people").joinpath("calibrations").iterdir())
    return tuple(sorted(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)))


def load_scorer(model_id: str) -> Scorer:
    """The scorer for prints of ``model_id``. Raises ``ConfigError`` when there is none."""
    if model_id not in calibrated_models():
        raise ConfigError(
            f"voices cannot be told apart by {model_id!r}: no calibration of it is known; "
            "make one with benchmarks/calibrate_speakers.py, or set people.encoder to one of "
            "those calibrated: " + ", ".join(calibrated_models())
        )
    place = files("meetbot.people").joinpath("calibrations", model_id + SUFFIX)
    with as_file(place) as path, np.load(path, allow_pickle=False) as stored:
        return Scorer(
            model_id=str(stored["model_id"]),
            mean=stored["mean"].astype(np.float32),
            projection=stored["projection"].astype(np.float32),
            near=stored["near"].astype(np.float64),
            far=stored["far"].astype(np.float64),
        )
