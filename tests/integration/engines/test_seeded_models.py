"""Seeded models for measuring: as large as the official ones, and they paint."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch

from meetbot.bench.seeded_models import ARCHITECTURES, seeded_painter, seeded_pipeline
from meetbot.config.painting import PainterSettings
from meetbot.core.pictures import PaintRequest
from meetbot.engines.painter.families import family_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

MILLIONS = {
    "sd15": {"unet": 859.5, "vae": 2.4, "text_encoder": 123.1},
    "sd-turbo": {"unet": 865.9, "vae": 2.4, "text_encoder": 340.4},
    "sdxl-turbo": {"unet": 2567.5, "vae": 2.4, "text_encoder": 123.1, "text_encoder_2": 694.7},
}
"""Of parameters, as the official weights have."""

TINY = replace(
    ARCHITECTURES["sd-turbo"],
    network={
        "sample_size": 8,
        "block_out_channels": (16, 32),
        "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
        "layers_per_block": 1,
        "norm_num_groups": 8,
        "cross_attention_dim": 32,
    },
    text={
        "hidden_size": 32,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "projection_dim": 32,
    },
    tiny_vae={
        "encoder_block_out_channels": (16, 16, 16, 16),
        "decoder_block_out_channels": (16, 16, 16, 16),
    },
)


@pytest.mark.parametrize("family", ARCHITECTURES)
def test_a_seeded_model_is_as_large_as_the_official_one(family: str) -> None:
    pipeline = seeded_pipeline(
        ARCHITECTURES[family], device=torch.device("meta"), dtype=torch.float16
    )
    sizes = {
        name: sum(weights.numel() for weights in getattr(pipeline, name).parameters()) / 1e6
        for name in MILLIONS[family]
    }
    assert sizes == pytest.approx(MILLIONS[family], abs=0.06)
    assert pipeline.unet.dtype == torch.float16


async def test_a_seeded_painter_paints_and_says_what_its_weights_are() -> None:
    settings = PainterSettings(engine="diffusers", device="cpu", width=64, height=64)
    request = PaintRequest("a house", "a house", "en", 1, 64, 64)
    painter = seeded_painter("sd-turbo", settings, architecture=TINY)
    again = seeded_painter("sd-turbo", settings, architecture=TINY)
    first, second = await painter.paint(request), await again.paint(request)
    assert first.engine == "diffusers sd-turbo (seeded weights)"
    assert (first.pixels == second.pixels).all()
    assert first.pixels.std() > 1
    await painter.close()
    await again.close()


def test_a_seeded_model_is_saved_in_the_official_layout(tmp_path: Path) -> None:
    seeded_pipeline(TINY, device=torch.device("cpu"), dtype=torch.float16, folder=tmp_path)
    assert family_of(tmp_path).name == "sd-turbo"
    index = json.loads((tmp_path / "model_index.json").read_text())
    assert index["vae"] == ["diffusers", "AutoencoderTiny"]
