"""From a request to a pipeline and what it is called with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from meetbot.engines.painter.canvas import fit, paint_size
from meetbot.engines.painter.diffusers.references import outlines
from meetbot.engines.painter.prompts import fit_prompt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetbot.config.painting import PainterSettings
    from meetbot.core.pictures import PaintRequest
    from meetbot.engines.painter.diffusers.studio import Studio

__all__ = ["Call", "plan"]

LEAST_STRENGTH = 0.05


@dataclass(frozen=True, slots=True)
class Call:
    """``pipeline(**arguments)``; ``notes``: what the picture will do without."""

    pipeline: Any
    arguments: dict[str, Any]
    notes: tuple[str, ...]


def plan(studio: Studio, settings: PainterSettings, request: PaintRequest) -> Call:
    """What to call for ``request``. The same request gives the same call."""
    family = studio.family
    notes = [studio.note] if studio.note else []
    prompt = fit_prompt(request.prompt, family.tokens, lambda words: _count(studio, words))
    if prompt != request.prompt:
        notes.append("the middle of a long prompt left out")
    guidance = family.guidance if settings.guidance is None else settings.guidance
    arguments: dict[str, Any] = {
        "prompt": prompt,
        "guidance_scale": guidance,
        "generator": torch.Generator("cpu").manual_seed(request.seed % 2**63),
        "output_type": "pt",
    }
    if request.negative and family.negative and guidance > 1:
        arguments["negative_prompt"] = fit_prompt(
            request.negative, family.tokens, lambda words: _count(studio, words)
        )
    elif request.negative:
        notes.append("without the negative prompt")
    steps = settings.steps or family.steps
    pipeline, more = _canvas(studio, request, steps)
    if len(request.references) > 1 and studio.image is not None:
        notes.append(f"after {request.references[0].name} only")
    return Call(pipeline, arguments | more, tuple(notes))


def _canvas(studio: Studio, request: PaintRequest, steps: int) -> tuple[Any, dict[str, Any]]:
    """What the picture is painted on: nothing, a reference, or the outlines of one."""
    width, height = paint_size(request.width, request.height, studio.family.side, studio.multiple)
    size: dict[str, Any] = {"width": width, "height": height, "num_inference_steps": steps}
    if not request.references:
        return studio.text, size
    fitted = [fit(each.pixels, width, height) for each in request.references]
    if studio.image is None:
        return studio.text, size | {"image": fitted}
    if studio.outlines is not None:
        scale = 1 - request.strength / 2
        return studio.outlines, size | {
            "image": outlines(fitted[0]),
            "controlnet_conditioning_scale": scale,
        }
    steps, strength = _enough(studio, steps, request.strength)
    return studio.image, {
        "image": fitted[0],
        "strength": strength,
        "num_inference_steps": steps,
    }


def _enough(studio: Studio, steps: int, strength: float) -> tuple[int, float]:
    """As many steps that ``strength`` of them is one, at least.

    A consistency model picks its steps from a schedule of which ``strength`` is left.
    """
    strength = min(1.0, max(LEAST_STRENGTH, strength))
    steps = max(steps, math.ceil(1 / strength))
    while int(steps * strength) < 1:
        steps += 1
    if studio.family.name == "lcm":
        original = studio.text.scheduler.config.get("original_inference_steps", 50)
        strength = min(1.0, max(strength, (steps + 1) / original))
    return steps, strength


def _count(studio: Studio, words: Sequence[str]) -> list[int]:
    encoded = studio.text.tokenizer(list(words), add_special_tokens=False)
    return [len(ids) for ids in encoded.input_ids]
