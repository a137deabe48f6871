"""``meetbot bench images``: what it says of painters, here of one made of a few nodes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.bench.images import differences, measure_images, measure_painter
from meetbot.bench.painters import Job, open_painter, suiting_engine
from meetbot.cli import main
from meetbot.config import ModelSettings, PainterSettings
from meetbot.core.errors import EngineError
from support.onnx_models import write_export

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_export(tmp_path_factory.mktemp("bench") / "few-nodes")


def job(export: Path, count: int = 3) -> Job:
    return Job("onnx", ModelSettings(), PainterSettings(), count, str(export), side=128)


def test_the_command_measures_a_painter_in_a_process_of_its_own(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["bench", "images", "--model", str(export), "--count", "3", "--side", "128"]
    with pytest.raises(SystemExit) as stopped:
        main([*command, "--json"])
    assert not stopped.value.code
    (painter,) = json.loads(capsys.readouterr().out)["painters"]
    assert painter["engine"] == "onnx"
    assert painter["absent"] is None
    assert painter["name"] == "onnx few-nodes float32"
    assert painter["weights"] == "given"
    assert (painter["width"], painter["height"], painter["steps"]) == (128, 128, 3)
    assert painter["pictures"] == 3
    assert 0 < painter["first_image_s"] < 60
    per_picture_ms = 1000 / painter["images_per_s"]
    assert 0 < painter["times"]["p50_ms"] <= painter["times"]["p95_ms"]
    assert painter["times"]["p95_ms"] <= 3 * per_picture_ms * 1.01
    assert 20 < painter["peak_rss_mb"] < 4000


async def test_pictures_a_second_are_of_all_but_the_first(export: Path) -> None:
    figures = await measure_painter(job(export, count=5))
    assert figures.pictures == 5
    assert figures.images_per_s is not None
    assert figures.times is not None
    assert figures.images_per_s == pytest.approx(1000 / figures.times.p50_ms, rel=0.9)
    assert figures.styles is None
    assert figures.differences is None


def test_an_engine_that_cannot_run_is_absent_with_the_reason_and_no_figures(
    tmp_path: Path,
) -> None:
    models = ModelSettings(folder=tmp_path)
    missing = Job("onnx", models, PainterSettings(), 1, str(tmp_path / "nowhere"))
    told: list[str] = []
    (figures,) = measure_images([missing], told.append).painters
    assert told == ["onnx"]
    assert "meetbot models export" in (figures.absent or "")
    assert figures.images_per_s is None
    assert figures.times is None


def test_no_painter_of_another_name_is_opened() -> None:
    with pytest.raises(EngineError, match="storyboard, diffusers, onnx"):
        open_painter(Job("oil", ModelSettings(), PainterSettings(), 1))


def test_a_folder_tells_its_engine(export: Path, tmp_path: Path) -> None:
    assert suiting_engine(str(export)) == "onnx"
    assert suiting_engine(str(tmp_path)) == "diffusers"
    assert suiting_engine("sd-turbo") == "diffusers"


def test_differences_are_of_every_pair() -> None:
    black, white = np.zeros((4, 4, 3), np.float32), np.ones((4, 4, 3), np.float32)
    grey = np.full((4, 4, 3), 0.25, np.float32)
    found = differences([black, white, grey, black])
    assert found is not None
    assert (found.pictures, found.least, found.equal) == (4, 0.0, 1)
    assert found.median == 0.5
    assert differences([black]) is None
