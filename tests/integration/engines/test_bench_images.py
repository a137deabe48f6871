"""``meetbot bench images`` where torch is: a model with random weights stands in, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from meetbot.bench.images import measure_painter
from meetbot.bench.painters import Job, prepared
from meetbot.config import ModelSettings, PainterSettings
from meetbot.core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


def job(engine: str, tmp_path: Path, model: str | None = None) -> Job:
    models = ModelSettings(folder=tmp_path)
    return Job(engine, models, PainterSettings(device="cpu"), 2, model, shape="toy", side=64)


async def test_diffusers_without_a_model_is_measured_on_a_seeded_toy(tmp_path: Path) -> None:
    figures = await measure_painter(job("diffusers", tmp_path))
    assert figures.weights == "seeded, toy architecture of sd-turbo"
    assert figures.name == "diffusers sd-turbo (seeded weights)"
    assert (figures.width, figures.steps, figures.pictures) == (64, 1, 2)
    assert (figures.device or "").startswith("cpu")
    assert (figures.images_per_s or 0) > 0


async def test_a_model_that_was_named_is_never_replaced_by_a_seeded_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        await measure_painter(job("diffusers", tmp_path, str(tmp_path / "nowhere")))


def test_a_seeded_export_is_made_only_where_no_model_was_named(tmp_path: Path) -> None:
    named = job("onnx", tmp_path, str(tmp_path / "mine"))
    with prepared(named) as ready:
        assert ready is named
