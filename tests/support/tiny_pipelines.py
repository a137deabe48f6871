"""Tiny diffusion models with seeded random weights, saved in the layout of the official ones.

Each has the parts, the classes, the configuration keys and the files of its official model, and a
few thousandths of its width. What they paint is coloured noise that depends on every input.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderKLFlux2,
    AutoencoderTiny,
    ControlNetModel,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
    LatentConsistencyModelPipeline,
    LCMScheduler,
    PNDMScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from safetensors.torch import save_file
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    Qwen2TokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "FAMILIES",
    "write_controlnet",
    "write_lightning",
    "write_pipeline",
    "write_tiny_vae",
]

FAMILIES = ("sd15", "sd-turbo", "sdxl", "sdxl-turbo", "lcm", "flux2-klein")
"""Those that ``write_pipeline`` knows; all have 8 pixels to a latent, as the official ones."""

WORDS = ("a", "red", "house", "cat", "the", "in", "of", "sea")
WIDTH = 32
"""Of the first text encoder, as wide as the network's cross-attention."""
WIDTH_2 = 16
SAMPLE = 8
"""Latents a side at the native size, 64 × 64 pixels."""
NOISE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


def write_pipeline(folder: Path, family: str, *, licence: str | None = "mit") -> Path:
    """Write the pipeline of ``family`` into ``folder`` and return it.

    ``licence``: what the front matter of its model card says; None: there is no card.
    """
    with torch.random.fork_rng():
        torch.manual_seed(5)
        pipeline = _MAKERS[family](folder)
        pipeline.save_pretrained(folder, safe_serialization=True)
    if licence is not None:
        card = f"---\nlicense: {licence}\n---\n\n# A tiny {family}\n"
        (folder / "README.md").write_text(card, encoding="utf-8")
    return folder


def write_tiny_vae(folder: Path, *, latent_channels: int = 4) -> Path:
    """Write an autoencoder of TAESD's architecture."""
    with torch.random.fork_rng():
        torch.manual_seed(7)
        tiny = AutoencoderTiny(
            encoder_block_out_channels=(16, 16, 16, 16),
            decoder_block_out_channels=(16, 16, 16, 16),
            num_encoder_blocks=(1, 1, 1, 1),
            num_decoder_blocks=(1, 1, 1, 1),
            latent_channels=latent_channels,
        )
        _liven(tiny)
        tiny.save_pretrained(folder, safe_serialization=True)
    return folder


def write_controlnet(folder: Path, family: str = "sd15") -> Path:
    """Write a ControlNet over the network of ``family`` whose outputs are not zero."""
    with torch.random.fork_rng():
        torch.manual_seed(9)
        net = ControlNetModel.from_unet(
            _unet(family), conditioning_embedding_out_channels=(8, 16, 16, 16)
        )
        _liven(net.controlnet_down_blocks, net.controlnet_mid_block, net.controlnet_cond_embedding)
        net.save_pretrained(folder, safe_serialization=True)
    return folder


def write_lightning(file: Path) -> Path:
    """Write a checkpoint with another network for the pipeline ``sdxl``: weights and no more."""
    with torch.random.fork_rng():
        torch.manual_seed(13)
        save_file(_unet("sdxl").state_dict(), file)
    return file


def _stable_diffusion(folder: Path) -> StableDiffusionPipeline:
    scheduler = PNDMScheduler(**NOISE, skip_prk_steps=True, steps_offset=1, set_alpha_to_one=False)
    return StableDiffusionPipeline(
        **_parts(folder, "sd15"),
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _turbo(folder: Path) -> StableDiffusionPipeline:
    return StableDiffusionPipeline(
        **_parts(folder, "sd-turbo"),
        scheduler=EulerDiscreteScheduler(**NOISE, steps_offset=1, timestep_spacing="trailing"),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _consistency(folder: Path) -> LatentConsistencyModelPipeline:
    return LatentConsistencyModelPipeline(
        **_parts(folder, "lcm"),
        scheduler=LCMScheduler(**NOISE, original_inference_steps=50),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _xl(folder: Path) -> StableDiffusionXLPipeline:
    scheduler = EulerDiscreteScheduler(**NOISE, steps_offset=1, timestep_spacing="leading")
    return StableDiffusionXLPipeline(**_parts(folder, "sdxl"), scheduler=scheduler)


def _xl_turbo(folder: Path) -> StableDiffusionXLPipeline:
    scheduler = EulerAncestralDiscreteScheduler(
        **NOISE, steps_offset=1, timestep_spacing="trailing"
    )
    return StableDiffusionXLPipeline(**_parts(folder, "sdxl-turbo"), scheduler=scheduler)


def _parts(folder: Path, family: str) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "unet": _unet(family).eval(),
        "vae": _vae(),
        "text_encoder": CLIPTextModel(_text_config(WIDTH)).eval(),
        "tokenizer": _clip_tokenizer(folder / "tokenizer", "<|endoftext|>"),
    }
    if family.startswith("sdxl"):
        parts["text_encoder_2"] = CLIPTextModelWithProjection(_text_config(WIDTH_2)).eval()
        parts["tokenizer_2"] = _clip_tokenizer(folder / "tokenizer_2", "!")
    return parts


def _unet(family: str) -> UNet2DConditionModel:
    extra: dict[str, Any] = {"cross_attention_dim": WIDTH}
    if family.startswith("sdxl"):
        extra = {
            "cross_attention_dim": WIDTH + WIDTH_2,
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 8,
            "projection_class_embeddings_input_dim": 6 * 8 + WIDTH_2,
            "use_linear_projection": True,
        }
    elif family == "sd-turbo":
        extra["use_linear_projection"] = True
    elif family == "lcm":
        extra["time_cond_proj_dim"] = 16
    network = UNet2DConditionModel(
        sample_size=SAMPLE,
        block_out_channels=(16, 32),
        layers_per_block=1,
        norm_num_groups=8,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        attention_head_dim=2,
        **extra,
    )
    _liven(*(part for name, part in network.named_modules() if name.endswith("attn2")))
    return network


def _liven(*parts: torch.nn.Module) -> None:
    """Weights so large that what comes in is not lost: a fresh layer lets little through."""
    for layer in (layer for part in parts for layer in part.modules()):
        if isinstance(layer, torch.nn.Linear | torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(layer.weight)


def _vae() -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(8, 8, 16, 16),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        norm_num_groups=4,
        latent_channels=4,
        sample_size=8 * SAMPLE,
    ).eval()


def _text_config(width: int) -> CLIPTextConfig:
    size = 2 * 256 + len(_merges()) + 2
    return CLIPTextConfig(
        vocab_size=size,
        hidden_size=width,
        intermediate_size=2 * width,
        projection_dim=width,
        num_hidden_layers=3,
        num_attention_heads=2,
        bos_token_id=size - 2,
        eos_token_id=size - 1,
        pad_token_id=1,
    )


def _clip_tokenizer(folder: Path, padding: str) -> CLIPTokenizer:
    """Byte-level BPE with CLIP's marks, in the four files of the official folder."""
    letters = sorted(_byte_letters().values())
    tokens = [*letters, *(f"{letter}</w>" for letter in letters)]
    tokens += ["".join(pair) for pair in _merges()]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    marks = {
        "bos_token": "<|startoftext|>",
        "eos_token": "<|endoftext|>",
        "unk_token": "<|endoftext|>",
        "pad_token": padding,
    }
    about = {**marks, "tokenizer_class": "CLIPTokenizer", "model_max_length": 77}
    _write_bpe(folder, tokens, [*_merges()])
    (folder / "special_tokens_map.json").write_text(json.dumps(marks), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(about), encoding="utf-8")
    return CLIPTokenizer.from_pretrained(folder, local_files_only=True)


def _write_bpe(folder: Path, tokens: list[str], merges: list[tuple[str, str]]) -> None:
    folder.mkdir(parents=True)
    numbers = {token: number for number, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(numbers), encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _merges() -> list[tuple[str, str]]:
    """Pairs that join letter by letter into ``WORDS``."""
    pairs: dict[tuple[str, str], None] = {}
    for word in WORDS:
        letters = [*word[:-1], f"{word[-1]}</w>"]
        while len(letters) > 1:
            pairs[letters[0], letters[1]] = None
            letters = ["".join(letters[:2]), *letters[2:]]
    return [*pairs]


def _byte_letters() -> dict[int, str]:
    """A printable letter for each byte, as GPT-2's and CLIP's tokenizers have it."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    letters = {byte: chr(byte) for byte in plain}
    return letters | {byte: chr(256 + index) for index, byte in enumerate(others)}


def _klein(folder: Path) -> Flux2KleinPipeline:
    letters = sorted(_byte_letters().values())
    tokens = [*letters, "<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    transformer = _klein_transformer()
    _liven(transformer)
    return Flux2KleinPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True),
        vae=_klein_vae(),
        text_encoder=_qwen(len(tokens)),
        tokenizer=_qwen_tokenizer(folder / "tokenizer", tokens),
        transformer=transformer,
        is_distilled=True,
    )


def _klein_transformer() -> Flux2Transformer2DModel:
    return Flux2Transformer2DModel(
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=3 * 16,
        timestep_guidance_channels=16,
        axes_dims_rope=(4, 4, 4, 4),
        guidance_embeds=False,
    ).eval()


def _klein_vae() -> AutoencoderKLFlux2:
    return AutoencoderKLFlux2(
        block_out_channels=(8, 8, 16, 16),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        norm_num_groups=4,
        latent_channels=4,
        sample_size=8 * SAMPLE,
    ).eval()


def _qwen(size: int) -> Qwen3ForCausalLM:
    """With as many layers as the pipeline looks into (the 9th, 18th and 27th)."""
    config = Qwen3Config(
        vocab_size=size,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=28,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        tie_word_embeddings=True,
    )
    return Qwen3ForCausalLM(config).eval()


def _qwen_tokenizer(folder: Path, tokens: list[str]) -> Qwen2TokenizerFast:
    about = {
        "tokenizer_class": "Qwen2Tokenizer",
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "model_max_length": 512,
        "chat_template": (
            "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
            "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
        ),
    }
    _write_bpe(folder, tokens, [])
    (folder / "tokenizer_config.json").write_text(json.dumps(about), encoding="utf-8")
    return Qwen2TokenizerFast.from_pretrained(folder, local_files_only=True)


_MAKERS = {
    "sd15": _stable_diffusion,
    "sd-turbo": _turbo,
    "sdxl": _xl,
    "sdxl-turbo": _xl_turbo,
    "lcm": _consistency,
    "flux2-klein": _klein,
}
