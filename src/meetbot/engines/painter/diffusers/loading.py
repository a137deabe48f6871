"""From a folder in the official layout to pipelines that are ready to paint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import diffusers
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from meetbot.core.errors import ConfigError, EngineError
from meetbot.engines.painter.diffusers.devices import choose_device, choose_dtype
from meetbot.engines.painter.diffusers.studio import TRANSFORMERS, assemble, be_quiet, gist
from meetbot.engines.painter.families import LIGHTNING, family_of, read_json
from meetbot.engines.painter.folders import (
    check_safetensors,
    check_weights,
    find_model,
    tiny_vae_for,
)

if TYPE_CHECKING:
    from pathlib import Path

    from meetbot.config.painting import PainterSettings
    from meetbot.engines.painter.diffusers.studio import Studio
    from meetbot.engines.painter.families import Family
    from meetbot.engines.painter.folders import ModelFolder
    from meetbot.models import ModelStore

__all__ = ["open_studio"]


def open_studio(models: ModelStore, settings: PainterSettings) -> Studio:
    """Load what the settings name, onto their device.

    Raises ``ModelError`` (missing, damaged, unsafe, licence), ``ConfigError``, ``EngineError``.
    """
    be_quiet()
    model = find_model(models, settings.model, "painting.painter.model")
    check_weights(model.path)
    family = family_of(model.path)
    kind = read_json(model.path / "model_index.json")["_class_name"]
    device = choose_device(settings.device)
    dtype = choose_dtype(settings.dtype, device, transformer=kind in TRANSFORMERS)
    try:
        text = _open_pipeline(model, kind, dtype)
        note = _small_vae(text, models, model, family, dtype) if settings.tiny_vae else ""
        controlnet = _controlnet(text, models, settings.controlnet, dtype)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise EngineError(
            f"the diffusion model in {model.path} cannot be opened: {gist(error)}"
        ) from error
    return assemble(
        text,
        name=model.name,
        family=family,
        device=device,
        note=note,
        controlnet=controlnet,
        compiled=settings.compile,
    )


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
    if (folder / "config.json").is_file():
        tiny = diffusers.AutoencoderTiny.from_pretrained(
            folder, dtype=dtype, use_safetensors=True, local_files_only=True
        )
    else:  # the catalogue's taesdxl is its weights, for the configuration that diffusers has
        tiny = diffusers.AutoencoderTiny().to(dtype).eval()
        tiny.load_state_dict(load_file(folder / "diffusion_pytorch_model.safetensors"))
    pipeline.vae = tiny
    return ""


def _controlnet(
    pipeline: Any, models: ModelStore, wanted: str | None, dtype: torch.dtype
) -> Any | None:
    if wanted is None:
        return None
    if type(pipeline).__name__ in TRANSFORMERS:
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
    return net
