"""What the ONNX engines say of files that are no models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from meetbot.core.errors import EngineError, ModelCorrupt, ModelMissing
from meetbot.engines.speaker.d_vector import DVectorSpeakerEncoder
from meetbot.engines.speaker.ge2e import Ge2eSpeakerEncoder
from meetbot.engines.turn.smart_turn import SmartTurnDetector
from meetbot.engines.vad.silero import SileroVoiceActivity
from meetbot.models import ModelStore
from support.pinned import cut_model

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.model,
    pytest.mark.parametrize(
        ("engine", "model", "file"),
        [
            (SileroVoiceActivity, "silero-vad", "silero_vad.onnx"),
            (SmartTurnDetector, "smart-turn-v3.2", "smart-turn.onnx"),
            (Ge2eSpeakerEncoder, "ge2e", "encoder.onnx"),
            (DVectorSpeakerEncoder, "d-vector", "embedder.int8.onnx"),
        ],
    ),
]


def test_a_file_that_lost_its_end_is_not_loaded(
    engine: Any, model: str, file: str, tmp_path: Path
) -> None:
    store = cut_model(ModelStore(), tmp_path, model, file, 100_000)
    path = store.path(model) / file
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelCorrupt, match=rf"{file} .*meetbot models pull {model}"):
        engine.load(store, object())


def test_bytes_that_are_no_model_are_an_engine_error(
    engine: Any, model: str, file: str, tmp_path: Path
) -> None:
    store = cut_model(ModelStore(), tmp_path, model, file, 100_000)
    with pytest.raises(EngineError, match=f"{file} cannot be opened as an ONNX model"):
        engine.load(store, object())


def test_a_model_that_is_not_here_is_named_with_how_to_get_it(
    engine: Any, model: str, file: str, tmp_path: Path
) -> None:
    del file
    with pytest.raises(ModelMissing, match=f"meetbot models pull {model}"):
        engine.load(ModelStore(tmp_path), object())
