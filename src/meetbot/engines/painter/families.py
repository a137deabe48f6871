"""Families of diffusion models: what suits each, and which one a folder holds."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from meetbot.core.errors import ModelCorrupt, ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["LIGHTNING", "Family", "families", "family_of", "read_json"]

LIGHTNING = re.compile(r"sdxl_lightning_([1248])step_unet\.safetensors")
"""Networks that ByteDance/SDXL-Lightning gives for the pipeline SDXL, by their file's name."""


@dataclass(frozen=True, slots=True)
class Family:
    """One table of ``families.toml``, which says what its fields are."""

    name: str
    title: str
    steps: int
    guidance: float
    side: int
    negative: bool
    scheduler: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    tiny_vae: str | None = None
    tokens: int = 75


@cache
def families() -> Mapping[str, Family]:
    """Every family by its name."""
    text = (files("meetbot.engines.painter") / "families.toml").read_text(encoding="utf-8")
    return {name: Family(name, **table) for name, table in tomllib.loads(text).items()}


def family_of(folder: Path) -> Family:
    """The family of the pipeline in ``folder``, with the side and steps of its own files.

    Raises ``ModelError`` where its pipeline is none of those that are known.
    """
    index = read_json(folder / "model_index.json")
    network = read_json(folder / "unet" / "config.json") if "unet" in index else {}
    name = _name(folder, index, network)
    family = families()[name]
    if side := network.get("sample_size"):
        family = replace(family, side=8 * int(side))
    if name == "sdxl-lightning":
        family = _lightning(folder, family)
    if name == "lcm" and not network.get("time_cond_proj_dim"):
        family = replace(family, guidance=1.0)  # a merged LoRA: no guidance is built in
    if index["_class_name"].startswith("StableDiffusionXL") and family.tiny_vae:
        family = replace(family, tiny_vae="taesdxl")
    return family


def _name(folder: Path, index: Mapping[str, Any], network: Mapping[str, Any]) -> str:
    scheduler = read_json(folder / "scheduler" / "scheduler_config.json")
    consistent = "LCM" in str(scheduler.get("_class_name")) or network.get("time_cond_proj_dim")
    trailing = scheduler.get("timestep_spacing") == "trailing"
    match index.get("_class_name"):
        case "LatentConsistencyModelPipeline":
            return "lcm"
        case "StableDiffusionPipeline":
            return "lcm" if consistent else "sd-turbo" if trailing else "sd15"
        case "StableDiffusionXLPipeline" if _lightning_files(folder):
            return "sdxl-lightning"
        case "StableDiffusionXLPipeline":
            return "lcm" if consistent else "sdxl-turbo" if trailing else "sdxl"
        case "Flux2KleinPipeline":
            return "flux2-klein" if index.get("is_distilled") else "flux2-klein-base"
        case other:
            known = ", ".join(family.title for family in families().values())
            raise ModelError(f"{folder} holds a {other}; of diffusion models there are: {known}")


def _lightning_files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if LIGHTNING.fullmatch(file.name))


def _lightning(folder: Path, family: Family) -> Family:
    """With the steps that the network was distilled for; the one of a step tells the picture."""
    named = LIGHTNING.fullmatch(_lightning_files(folder)[-1].name)
    steps = int(named[1]) if named else family.steps
    options = {**family.options, "prediction_type": "sample"} if steps == 1 else family.options
    return replace(family, steps=steps, options=options)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object of a model. Raises ``ModelCorrupt``, which says what file is wrong."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelCorrupt(f"{path} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise ModelCorrupt(f"{path} holds no JSON object")
    return content
