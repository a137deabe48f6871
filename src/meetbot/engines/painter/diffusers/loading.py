"""From a folder in the official layout to pipelines that are ready to paint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import diffusers
import torch
import transformers
from safetensors import SafetensorError
from safetensors.torch import load_file

from meetbot.core.errors import ConfigError, EngineError
from meetbot.engines.painter.diffusers.devices import choose_device, choose_dtype
from meetbot.engines.painter.families import LIGHTNING, family_of, read_json
from meetbot.engines.painter.folders import (
    check_safetensors,
    check_weights,
    find_model,
    tiny_vae_for,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from meetbot.config.painting import PainterSettings
    from meetbot.engines.painter.families import Family
    from meetbot.engines.painter.folders import ModelFolder
    from meetbot.models import ModelStore

__all__ = ["Studio", "open_studio"]

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


def open_studio(models: ModelStore, settings: PainterSettings) -> Studio:
    """Load what the settings name, onto their device.

    Raises ``ModelError`` (missing, damaged, unsafe, licence), ``ConfigError``, ``EngineError``.
    """
    _be_quiet()
    model = find_model(models, settings.model, "painting.painter.model")
    check_weights(model.path)
    family = family_of(model.path)
    kind = KINDS[read_json(model.path / "model_index.json")["_class_name"]]
    device = choose_device(settings.device)
    dtype = choose_dtype(settings.dtype, device, transformer=kind[1] is None)
    try:
        text = _open_pipeline(model, kind[0], dtype)
        note = _small_vae(text, models, model, family, dtype) if settings.tiny_vae else ""
        outlines = _with_controlnet(text, models, kind[2], settings.controlnet, dtype)
        text = _settle(text, device)
        if outlines is not None:
            outlines.controlnet.to(device=device, memory_format=torch.channels_last)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise EngineError(
            f"the diffusion model in {model.path} cannot be opened: {gist(error)}"
        ) from error
    image = getattr(diffusers, kind[1])(**_shared(text)) if kind[1] else None
    for pipeline in (text, image, outlines):
        if pipeline is not None:
            pipeline.set_progress_bar_config(disable=True)
    studio = Studio(model.name, family, device, text, image, outlines, note)
    if settings.compile:
        _compile(studio)
    return studio


def _be_quiet() -> None:
    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()


def _open_pipeline(model: ModelFolder, kind: str, dtype: torch.dtype) -> Any:
    options: dict[str, Any] = {"variant": "fp16"} if _wants_variant(model.path, dtype) else {}
    if kind != "Flux2KleinPipeline":  # the bot has a filter of its own, for every painter
        options |= {"safety_checker": None} if "XL" not in kind else {}
    if files := [file for file in model.path.iterdir() if LIGHTNING.fullmatch(file.name)]:
        options["unet"] = _lightning_network(model.path, sorted(files)[-1], dtype)
    return getattr(diffusers, kind).from_pretrained(
        model.path, dtype=dtype, use_safetensors=True, local_files_only=True, **options
    )


def _wants_variant(folder: Path, dtype: torch.dtype) -> bool:
    """Whether files in half precision are there and wanted, or the only ones of some part."""
    half = {file.parent for file in folder.glob("*/*.fp16*.safetensors")}
    whole = {file.parent for file in folder.glob("*/*.safetensors") if ".fp16" not in file.name}
    return bool(half) and (dtype != torch.float32 or bool(half - whole))


def _lightning_network(folder: Path, file: Path, dtype: torch.dtype) -> Any:
    config = diffusers.UNet2DConditionModel.load_config(folder / "unet", local_files_only=True)
    network = diffusers.UNet2DConditionModel.from_config(config)
    try:
        network.load_state_dict(load_file(file))
    except RuntimeError as error:  # names or shapes that do not fit
        raise ValueError(f"{file.name} does not fit the network in {folder}") from error
    return network.to(dtype).eval()


def _small_vae(
    pipeline: Any, models: ModelStore, model: ModelFolder, family: Family, dtype: torch.dtype
) -> str:
    """Put TAESD in; returns what to note where it is not to be had."""
    folder = tiny_vae_for(models, model.path, family.tiny_vae)
    if folder is None:
        return f"without the tiny VAE {family.tiny_vae}" if family.tiny_vae else ""
    check_safetensors(folder)
    pipeline.vae = diffusers.AutoencoderTiny.from_pretrained(
        folder, dtype=dtype, use_safetensors=True, local_files_only=True
    )
    return ""


def _with_controlnet(
    pipeline: Any, models: ModelStore, kind: str | None, wanted: str | None, dtype: torch.dtype
) -> Any | None:
    if wanted is None:
        return None
    if kind is None:
        raise ConfigError(
            "painting.painter.controlnet: this model knows no ControlNet; leave it out"
        )
    found = find_model(models, wanted, "painting.painter.controlnet")
    check_safetensors(found.path)
    net = diffusers.ControlNetModel.from_pretrained(
        found.path, dtype=dtype, use_safetensors=True, local_files_only=True
    )
    if net.config.cross_attention_dim != pipeline.unet.config.cross_attention_dim:
        raise ConfigError(
            f"painting.painter.controlnet: {found.path} was made for another kind of model; "
            "take one for the model that is set"
        )
    return getattr(diffusers, kind)(**_shared(pipeline), controlnet=net)


def _settle(pipeline: Any, device: torch.device) -> Any:
    for part in (getattr(pipeline, "unet", None), pipeline.vae):
        if part is not None:
            part.to(memory_format=torch.channels_last)
    return pipeline.to(device)


def _shared(pipeline: Any) -> dict[str, Any]:
    """The parts of a pipeline, for another that shares them."""
    parts = dict(pipeline.components)
    if "safety_checker" in parts:
        parts["requires_safety_checker"] = False
    return parts


def _compile(studio: Studio) -> None:
    """Compile the parts that cost most, in place, for one size of picture."""
    mode = "max-autotune-no-cudagraphs" if studio.device.type == "cuda" else "default"
    network = getattr(studio.text, "unet", None) or studio.text.transformer
    network.compile(mode=mode, dynamic=False)
    studio.text.vae.decoder.compile(mode=mode, dynamic=False)


def gist(error: BaseException) -> str:
    """The first sentence; torch goes on for a paragraph."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].split(". ")[0].rstrip(".")
