"""Pipelines that share their networks, on their device and ready to paint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import diffusers
import torch
import transformers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from meetbot.engines.painter.families import Family

__all__ = ["TRANSFORMERS", "Studio", "assemble", "be_quiet", "gist"]

KINDS: Mapping[str, tuple[str, str | None, str | None]] = {
    "StableDiffusionPipeline": (
        "StableDiffusionPipeline",
        "StableDiffusionImg2ImgPipeline",
        "StableDiffusionControlNetPipeline",
    ),
    "StableDiffusionXLPipeline": (
        "StableDiffusionXLPipeline",
        "StableDiffusionXLImg2ImgPipeline",
        "StableDiffusionXLControlNetPipeline",
    ),
    "LatentConsistencyModelPipeline": (
        "LatentConsistencyModelPipeline",
        "LatentConsistencyModelImg2ImgPipeline",
        "StableDiffusionControlNetPipeline",
    ),
    "Flux2KleinPipeline": ("Flux2KleinPipeline", None, None),
}
"""For text, for a reference, and for its outlines, by what ``model_index.json`` says.

FLUX.2 takes references into the pipeline for text, and has no ControlNet.
"""


TRANSFORMERS = ("Flux2KleinPipeline",)
"""Those whose network is a transformer."""


@dataclass(slots=True)
class Studio:
    """Pipelines that share their networks. ``note``: what was to be used and is not there."""

    name: str
    family: Family
    device: torch.device
    text: Any
    image: Any | None
    outlines: Any | None
    note: str = ""

    def scheduler(self) -> Any:
        """A fresh scheduler: one that has painted keeps what it knew of the last picture."""
        kept = self.text.scheduler
        made = getattr(diffusers, self.family.scheduler) if self.family.scheduler else type(kept)
        return made.from_config(kept.config, **self.family.options)

    @property
    def multiple(self) -> int:
        """Pixels that a picture's sides are multiples of."""
        return 16 if self.image is None else int(self.text.vae_scale_factor)


def assemble(
    text: Any,
    *,
    name: str,
    family: Family,
    device: torch.device,
    note: str = "",
    controlnet: Any | None = None,
    compiled: bool = False,
) -> Studio:
    """Put the pipeline ``text`` onto its device, and make the others of the same parts."""
    for part in (getattr(text, "unet", None), text.vae, controlnet):
        if part is not None:
            part.to(memory_format=torch.channels_last)
    text.to(device)
    _, over, after = KINDS[type(text).__name__]
    image = getattr(diffusers, over)(**_shared(text)) if over else None
    outlines = None
    if controlnet is not None and after is not None:
        shared = _shared(text) | {"controlnet": controlnet.to(device)}
        outlines = getattr(diffusers, after)(**shared)
    for pipeline in (text, image, outlines):
        if pipeline is not None:
            pipeline.set_progress_bar_config(disable=True)
    if compiled:
        _compile(text, device)
    return Studio(name, family, device, text, image, outlines, note)


def _shared(pipeline: Any) -> dict[str, Any]:
    """The parts of a pipeline, for another that shares them."""
    parts = dict(pipeline.components)
    if "safety_checker" in parts:
        parts["requires_safety_checker"] = False
    return parts


def _compile(pipeline: Any, device: torch.device) -> None:
    """Compile the parts that cost most, in place, for one size of picture."""
    mode = "max-autotune-no-cudagraphs" if device.type == "cuda" else "default"
    network = getattr(pipeline, "unet", None) or pipeline.transformer
    network.compile(mode=mode, dynamic=False)
    pipeline.vae.decoder.compile(mode=mode, dynamic=False)


def be_quiet() -> None:
    """No progress bars and no hints on the terminal: errors are told as exceptions."""
    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()


def gist(error: BaseException) -> str:
    """The first sentence; torch goes on for a paragraph."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].split(". ")[0].rstrip(".")
