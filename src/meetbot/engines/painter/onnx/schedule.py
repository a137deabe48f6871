"""How a picture comes out of noise, step by step: the schedulers of diffusers, in numpy.

All of them walk down a list of noise levels σ. Here the latents are kept as picture + σ · noise
(Karras et al. 2022, https://arxiv.org/abs/2206.00364, where most papers write α · picture +
√(1-α²) · noise, with σ = √(1-α²)/α), which makes every solver one line:

- Euler, and Euler ancestral, which adds fresh noise: Karras et al., algorithm 2 without churn;
- DPM-Solver++(2M): Lu et al. 2022, https://arxiv.org/abs/2211.01095, algorithm 2;
- LCM, multistep consistency sampling: Luo et al. 2023, https://arxiv.org/abs/2310.04378,
  algorithm 3, with the boundary conditions of its appendix.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from meetbot.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Latents = NDArray[np.float32]
    Levels = NDArray[np.float64]

__all__ = ["Plan", "SchedulerConfig", "Walk", "plan"]

RHO = 7.0
"""How Karras' levels crowd towards the end."""
SIGMA_DATA = 0.5
"""Of the boundary conditions of consistency models."""


class SchedulerConfig(BaseModel):
    """What decides the levels and the steps between them; names and defaults as in diffusers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    class_name: Literal[
        "EulerDiscreteScheduler",
        "EulerAncestralDiscreteScheduler",
        "DPMSolverMultistepScheduler",
        "LCMScheduler",
    ]
    num_train_timesteps: int = 1000
    beta_start: float
    beta_end: float
    beta_schedule: Literal["linear", "scaled_linear"]
    prediction_type: Literal["epsilon", "v_prediction", "sample"] = "epsilon"
    timestep_spacing: Literal["leading", "linspace", "trailing"] = "leading"
    steps_offset: int = 0
    use_karras_sigmas: bool = False
    original_inference_steps: int = 50
    timestep_scaling: float = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps to take. ``timesteps``: n, descending; ``sigmas``: n + 1, the last one 0."""

    config: SchedulerConfig
    timesteps: Levels
    sigmas: Levels

    def __len__(self) -> int:
        return len(self.timesteps)


def plan(config: SchedulerConfig, steps: int, strength: float = 1.0) -> Plan:
    """``steps`` from noise to picture; of ``strength`` < 1 only the last of them, at least one.

    So few steps that none would be left are taken finer. Raises ``InputError`` where the model
    cannot take so many.
    """
    if config.class_name == "LCMScheduler":
        return _consistent(config, steps, strength)
    total = max(steps, ceil(1 / strength)) if strength < 1 else steps
    if total > config.num_train_timesteps:
        raise InputError(f"{total} steps are too many; at most {config.num_train_timesteps}")
    timesteps, sigmas = _levels(config, total)
    begin = total - max(1, min(int(total * strength), total))
    return Plan(config, timesteps[begin:], np.append(sigmas[begin:], 0.0))


class Walk:
    """One picture's way along a plan; called once for each step, in order."""

    def __init__(self, steps: Plan) -> None:
        self._plan = steps
        self._previous: Latents | None = None

    def begin(self, noise: Latents, picture: Latents | None = None) -> Latents:
        """The latents before the first step: of noise alone, or of ``picture`` with noise."""
        sigma = self._plan.sigmas[0]
        if picture is not None:
            return picture + np.float32(sigma) * noise
        config = self._plan.config
        euler = config.class_name.startswith("Euler")
        bare = euler and config.timestep_spacing in {"linspace", "trailing"}
        return noise * np.float32(sigma if bare else np.sqrt(sigma**2 + 1))

    def seen(self, index: int, latents: Latents) -> Latents:
        """What the network is shown at step ``index``: variance 1."""
        deviation = np.sqrt(self._plan.sigmas[index] ** 2 + 1)
        return np.asarray(latents / deviation, np.float32)

    def step(
        self, index: int, latents: Latents, output: Latents, noise: Callable[[], Latents]
    ) -> Latents:
        """The latents after step ``index``, of the network's ``output``; ``noise`` gives fresh."""
        sigma, following = self._plan.sigmas[index : index + 2]
        clean = self._clean(sigma, latents, output)
        match self._plan.config.class_name:
            case "EulerDiscreteScheduler":
                result = clean + (following / sigma) * (latents - clean)
            case "EulerAncestralDiscreteScheduler":
                fresh = np.sqrt(following**2 * (sigma**2 - following**2) / sigma**2)
                down = np.sqrt(following**2 - fresh**2)
                result = clean + (down / sigma) * (latents - clean)
                if fresh > 0:
                    result = result + fresh * noise()
            case "DPMSolverMultistepScheduler":
                result = self._multistep(index, latents, clean)
            case "LCMScheduler":
                result = self._bounded(index, latents, clean)
                if following > 0:
                    result = result + following * noise()
        self._previous = clean
        return np.asarray(result, np.float32)

    def _clean(self, sigma: float, latents: Latents, output: Latents) -> Latents:
        """The picture as far as the network can tell."""
        match self._plan.config.prediction_type:
            case "epsilon":
                clean = latents - sigma * output
            case "v_prediction":
                clean = latents / (sigma**2 + 1) - sigma / np.sqrt(sigma**2 + 1) * output
            case "sample":
                clean = output
        return np.asarray(clean, np.float32)

    def _multistep(self, index: int, latents: Latents, clean: Latents) -> Latents:
        """Second order in log σ; first order for the first step and the last, which ends at 0."""
        sigma, following = self._plan.sigmas[index : index + 2]
        if following == 0:
            return clean
        ahead = np.log(sigma) - np.log(following)
        towards = clean
        if index > 0 and self._previous is not None:
            behind = np.log(self._plan.sigmas[index - 1]) - np.log(sigma)
            towards = clean + (0.5 * ahead / behind) * (clean - self._previous)
        moved = (following / sigma) * latents - np.expm1(-ahead) * towards
        return np.asarray(moved, np.float32)

    def _bounded(self, index: int, latents: Latents, clean: Latents) -> Latents:
        """``clean`` weighed against the latents so that nothing is left to do at time 0."""
        config, sigma = self._plan.config, self._plan.sigmas[index]
        time = self._plan.timesteps[index] * config.timestep_scaling
        skip = SIGMA_DATA**2 / (time**2 + SIGMA_DATA**2)
        out = time / np.sqrt(time**2 + SIGMA_DATA**2)
        return np.asarray(out * clean + skip * (latents / np.sqrt(sigma**2 + 1)), np.float32)


def _trained(config: SchedulerConfig) -> Levels:
    """σ of every timestep that the network was trained on, ascending."""
    power = 0.5 if config.beta_schedule == "scaled_linear" else 1.0
    ends = config.beta_start**power, config.beta_end**power
    betas = np.linspace(*ends, config.num_train_timesteps) ** (1 / power)
    kept = np.cumprod(1 - betas)
    return np.asarray(np.sqrt((1 - kept) / kept), np.float64)


def _levels(config: SchedulerConfig, steps: int) -> tuple[Levels, Levels]:
    """Timesteps and their σ, descending."""
    trained = _trained(config)
    if config.use_karras_sigmas:
        ends = trained[-1] ** (1 / RHO), trained[0] ** (1 / RHO)
        sigmas = np.linspace(*ends, steps) ** RHO
        timesteps = np.interp(np.log(sigmas), np.log(trained), np.arange(len(trained)))
        return np.round(timesteps), sigmas
    timesteps = _spaced(config, steps)
    return timesteps, np.interp(timesteps, np.arange(len(trained)), trained)


def _spaced(config: SchedulerConfig, steps: int) -> Levels:
    """Timesteps as in table 2 of Lin et al. 2023, https://arxiv.org/abs/2305.08891."""
    count = config.num_train_timesteps
    multistep = config.class_name == "DPMSolverMultistepScheduler"
    parts = steps + 1 if multistep else steps
    match config.timestep_spacing:
        case "trailing":
            return np.round(np.arange(count, 0, -count / steps))[:steps] - 1
        case "leading":
            ascending = np.arange(parts) * float(count // parts) + config.steps_offset
        case "linspace":
            ascending = np.linspace(0, count - 1, parts)
            if multistep:
                ascending = np.round(ascending)
    return np.asarray(ascending[::-1][:steps], np.float64)


def _consistent(config: SchedulerConfig, steps: int, strength: float) -> Plan:
    """A part of the timesteps that a consistency model was distilled on."""
    apart = config.num_train_timesteps // config.original_inference_steps
    distilled = np.arange(1, int(config.original_inference_steps * strength) + 1) * apart - 1
    if not 1 <= steps <= config.original_inference_steps:
        raise InputError(
            f"this consistency model takes 1 to {config.original_inference_steps} steps, "
            f"not {steps}; set painting.painter.steps"
        )
    steps, descending = min(steps, max(len(distilled), 1)), distilled[::-1]
    if not len(descending):
        descending = np.array([apart - 1])
    chosen = np.floor(np.linspace(0, len(descending), steps, endpoint=False)).astype(int)
    timesteps = descending[chosen].astype(np.float64)
    return Plan(config, timesteps, np.append(_trained(config)[descending[chosen]], 0.0))
