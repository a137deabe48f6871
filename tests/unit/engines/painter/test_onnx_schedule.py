"""The way from noise to picture; the torch tests hold each step against diffusers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.core.errors import InputError
from meetbot.engines.painter.onnx.schedule import Plan, SchedulerConfig, Walk, plan

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOISE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
SOLVERS = [
    {"class_name": "EulerDiscreteScheduler", "timestep_spacing": "trailing"},
    {"class_name": "EulerDiscreteScheduler", "timestep_spacing": "leading", "steps_offset": 1},
    {"class_name": "EulerAncestralDiscreteScheduler", "timestep_spacing": "trailing"},
    {"class_name": "DPMSolverMultistepScheduler", "use_karras_sigmas": True},
    {"class_name": "DPMSolverMultistepScheduler", "timestep_spacing": "linspace"},
    {"class_name": "LCMScheduler"},
]


def scheduler(**options: object) -> SchedulerConfig:
    return SchedulerConfig.model_validate(NOISE | options)


def knowing(
    picture: NDArray[np.float32], steps: Plan, index: int, seen: NDArray[np.float32]
) -> NDArray[np.float32]:
    """What a network answers that knows what the picture is, by what it was trained to predict."""
    sigma = steps.sigmas[index]
    latents = seen * np.sqrt(sigma**2 + 1)
    noise = (latents - picture) / sigma
    match steps.config.prediction_type:
        case "epsilon":
            return np.asarray(noise, np.float32)
        case "sample":
            return picture
        case "v_prediction":
            return np.asarray((noise - sigma * picture) / np.sqrt(sigma**2 + 1), np.float32)


@pytest.mark.parametrize("options", SOLVERS, ids=lambda options: options["class_name"])
@pytest.mark.parametrize("predicted", ["epsilon", "sample", "v_prediction"])
@pytest.mark.parametrize("count", [1, 2, 8, 20])
def test_a_network_that_knows_the_picture_leads_to_it(
    options: dict[str, object], predicted: str, count: int
) -> None:
    rng = np.random.default_rng(count)
    picture = rng.standard_normal((1, 4, 3, 5), np.float32)
    steps = plan(scheduler(**options, prediction_type=predicted), count)
    walk, latents = Walk(steps), None
    latents = walk.begin(rng.standard_normal(picture.shape, np.float32))
    for index in range(len(steps)):
        output = knowing(picture, steps, index, walk.seen(index, latents))
        fresh = rng.standard_normal(picture.shape, np.float32)
        latents = walk.step(index, latents, output, lambda fresh=fresh: fresh)
    # A consistency model's boundary conditions keep a little of what was there.
    assert np.abs(latents - picture).max() < (0.02 if "LCM" in str(options) else 1e-4)
    assert latents.dtype == np.float32


@pytest.mark.parametrize("options", SOLVERS, ids=lambda options: options["class_name"])
def test_levels_fall_to_zero_from_nearly_nothing_but_noise(options: dict[str, object]) -> None:
    steps = plan(scheduler(**options), 10)
    assert len(steps) == 10
    assert (np.diff(steps.sigmas) < 0).all()
    assert (np.diff(steps.timesteps) < 0).all()
    assert steps.sigmas[0] > 5
    assert steps.sigmas[-1] == 0


@pytest.mark.parametrize("options", SOLVERS, ids=lambda options: options["class_name"])
def test_a_smaller_strength_begins_nearer_to_the_reference(options: dict[str, object]) -> None:
    config = scheduler(**options)
    begins = [plan(config, 8, strength).sigmas[0] for strength in (0.25, 0.5, 0.75, 1.0)]
    assert begins == sorted(begins)
    assert len(set(begins)) == 4


@pytest.mark.parametrize("options", SOLVERS, ids=lambda options: options["class_name"])
@pytest.mark.parametrize("strength", [0.01, 1 / 49, 0.3, 0.999])
def test_one_step_after_a_reference_is_one_step(
    options: dict[str, object], strength: float
) -> None:
    assert len(plan(scheduler(**options), 1, strength)) == 1


def test_a_reference_is_what_it_begins_with_under_noise_of_the_first_level() -> None:
    steps = plan(scheduler(**SOLVERS[0]), 4, 0.5)
    reference, noise = np.ones((1, 4, 2, 2), np.float32), np.full((1, 4, 2, 2), 3, np.float32)
    begun = Walk(steps).begin(noise, reference)
    np.testing.assert_allclose(begun, 1 + 3 * steps.sigmas[0], rtol=1e-6)


def test_more_steps_than_a_model_has_are_refused_naming_how_many_it_has() -> None:
    with pytest.raises(InputError, match="1000"):
        plan(scheduler(**SOLVERS[0]), 1001)
    with pytest.raises(InputError, match="1 to 50 steps, not 51"):
        plan(scheduler(class_name="LCMScheduler"), 51)


def test_a_scheduler_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="class_name"):
        scheduler(class_name="UniPCMultistepScheduler")
