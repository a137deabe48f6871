"""Diffusion models of the official architectures with seeded random weights.

They take as long as the official ones and paint noise: for measuring where those cannot be had.
Whoever reports a figure of one says "seeded weights".
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import diffusers
import torch
import transformers

from meetbot.engines.painter.diffusers.devices import choose_device, choose_dtype
from meetbot.engines.painter.diffusers.engine import DiffusersPainter
from meetbot.engines.painter.diffusers.studio import assemble, be_quiet
from meetbot.engines.painter.families import families

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from meetbot.config.painting import PainterSettings

__all__ = ["ARCHITECTURES", "Architecture", "seeded_painter", "seeded_pipeline"]

VOCABULARY = 49_408
"""Tokens of CLIP; the two last mark the beginning and the end."""
SCHEDULE = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "steps_offset": 1,
    "timestep_spacing": "trailing",
}


@dataclass(frozen=True, slots=True)
class Architecture:
    """The configurations of a model's networks; those of the text encoders without their ends.

    Of the official files ``unet/config.json``, ``text_encoder/config.json``,
    ``text_encoder_2/config.json``.
    """

    family: str
    network: Mapping[str, Any]
    text: Mapping[str, Any]
    text_2: Mapping[str, Any] | None = None
    tiny_vae: Mapping[str, Any] = field(default_factory=dict)


SD15 = Architecture(
    family="sd15",
    network={"sample_size": 64, "cross_attention_dim": 768, "attention_head_dim": 8},
    text={
        "hidden_size": 768,
        "intermediate_size": 3072,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "hidden_act": "quick_gelu",
        "projection_dim": 768,
    },
)
SD_TURBO = Architecture(
    family="sd-turbo",
    network={
        "sample_size": 64,
        "cross_attention_dim": 1024,
        "attention_head_dim": (5, 10, 20, 20),
        "use_linear_projection": True,
    },
    text={
        "hidden_size": 1024,
        "intermediate_size": 4096,
        "num_hidden_layers": 23,
        "num_attention_heads": 16,
        "hidden_act": "gelu",
        "projection_dim": 512,
    },
)
SDXL_TURBO = Architecture(
    family="sdxl-turbo",
    network={
        "sample_size": 64,
        "block_out_channels": (320, 640, 1280),
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        "transformer_layers_per_block": (1, 2, 10),
        "attention_head_dim": (5, 10, 20),
        "cross_attention_dim": 2048,
        "use_linear_projection": True,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": 2816,
    },
    text=SD15.text,
    text_2={
        "hidden_size": 1280,
        "intermediate_size": 5120,
        "num_hidden_layers": 32,
        "num_attention_heads": 20,
        "hidden_act": "gelu",
        "projection_dim": 1280,
    },
)

ARCHITECTURES: Mapping[str, Architecture] = {
    each.family: each for each in (SD15, SD_TURBO, SDXL_TURBO)
}
"""Every one of which a seeded model can be made, by its family."""


def seeded_pipeline(
    architecture: Architecture,
    *,
    device: torch.device,
    dtype: torch.dtype,
    folder: Path | None = None,
    seed: int = 0,
) -> Any:
    """A pipeline of diffusers with TAESD, made on ``device`` in ``dtype``.

    ``folder``: where to save it in the official layout, besides.
    """
    be_quiet()
    kept = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.random.fork_rng(), torch.device(device):
            torch.manual_seed(seed)
            parts = _networks(architecture)
    finally:
        torch.set_default_dtype(kept)
    parts["tokenizer"] = _tokenizer("<|endoftext|>")
    parts["scheduler"] = diffusers.EulerDiscreteScheduler(**SCHEDULE)
    if architecture.text_2 is not None:
        parts["tokenizer_2"] = _tokenizer("!")
        pipeline = diffusers.StableDiffusionXLPipeline(**parts)
    else:
        pipeline = diffusers.StableDiffusionPipeline(
            **parts, safety_checker=None, feature_extractor=None, requires_safety_checker=False
        )
    if folder is not None:
        pipeline.save_pretrained(folder, safe_serialization=True)
    return pipeline


def _networks(architecture: Architecture) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "unet": diffusers.UNet2DConditionModel(**architecture.network),
        "vae": diffusers.AutoencoderTiny(**architecture.tiny_vae),
        "text_encoder": transformers.CLIPTextModel(_text_config(architecture.text)),
    }
    if architecture.text_2 is not None:
        parts["text_encoder_2"] = transformers.CLIPTextModelWithProjection(
            _text_config(architecture.text_2)
        )
    return {name: part.eval() for name, part in parts.items()}


def _text_config(given: Mapping[str, Any]) -> Any:
    return transformers.CLIPTextConfig(
        vocab_size=VOCABULARY,
        bos_token_id=VOCABULARY - 2,
        eos_token_id=VOCABULARY - 1,
        **given,
    )


def _tokenizer(padding: str) -> Any:
    """CLIP's tokenizer of bytes alone, whose other tokens never come up."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(byte) for byte in plain] + [
        chr(256 + index) for index in range(256 - len(plain))
    ]
    tokens = [*letters, *(f"{letter}</w>" for letter in letters)]
    tokens += [f"<|unused{number}|>" for number in range(VOCABULARY - 2 - len(tokens))]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    numbers = {token: number for number, token in enumerate(tokens)}
    return transformers.CLIPTokenizer(
        vocab=numbers, merges=[], pad_token=padding, model_max_length=77
    )


def seeded_painter(
    family: str, settings: PainterSettings, *, architecture: Architecture | None = None
) -> DiffusersPainter:
    """The painter ``diffusers`` on a seeded model, of ``architecture`` or of the official one.

    Of the settings: device, dtype, threads, size, steps, guidance, compile. Raises ``ConfigError``.
    """
    made = architecture or ARCHITECTURES[family]
    device = choose_device(settings.device)
    dtype = choose_dtype(settings.dtype, device, transformer=False)
    pipeline = seeded_pipeline(made, device=device, dtype=dtype)
    suited = replace(families()[family], side=8 * int(made.network["sample_size"]))
    studio = assemble(
        pipeline,
        name=f"{family} (seeded weights)",
        family=suited,
        device=device,
        compiled=settings.compile,
    )
    return DiffusersPainter(studio, settings)
