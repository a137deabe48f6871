"""The one file of a diffusion model's folder that the catalogue does not pin."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["write_pipeline_index"]


def write_pipeline_index(folder: Path) -> None:
    """Write the ``model_index.json`` of a Stable Diffusion pipeline whose parts are in ``folder``.

    That of stabilityai/sd-turbo names these parts and, besides, three that are left empty.
    """
    scheduler = json.loads((folder / "scheduler" / "scheduler_config.json").read_bytes())
    parts: dict[str, list[str | None]] = {
        "scheduler": ["diffusers", scheduler["_class_name"]],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    for empty in ("feature_extractor", "image_encoder", "safety_checker"):
        parts[empty] = [None, None]
    index = {"_class_name": "StableDiffusionPipeline", **parts}
    text = json.dumps(index | {"requires_safety_checker": False}, indent=2, sort_keys=True)
    (folder / "model_index.json").write_text(text + "\n", encoding="utf-8")
