"""The ONNX encoder computes what the checkpoint's LSTM computes."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
import pytest

from meetbot.core.errors import ModelCorrupt
from meetbot.models.converters import convert_ge2e, ge2e_graph
from support.checkpoints import write_checkpoint
from support.ge2e import encode, random_state

if TYPE_CHECKING:
    from pathlib import Path


def _session(folder: Path, seed: int) -> Any:
    state = OrderedDict(random_state(seed))
    write_checkpoint(folder / "pretrained.pt", {"step": 1, "model_state": state})
    convert_ge2e(folder)
    return onnxruntime.InferenceSession(folder / "encoder.onnx")


@pytest.mark.parametrize(("batch", "frames"), [(1, 160), (2, 160), (2, 1), (3, 37)])
def test_the_encoder_equals_the_reference_at_any_batch_and_length(
    tmp_path: Path, batch: int, frames: int
) -> None:
    mels = np.random.default_rng(frames).random((batch, frames, 40)).astype(np.float32)
    (made,) = _session(tmp_path, seed=3).run(["embedding"], {"mels": mels})
    assert made.shape == (batch, 256)
    np.testing.assert_allclose(made, encode(random_state(3), mels), atol=2e-6)


def test_embeddings_have_length_one_and_are_not_negative(tmp_path: Path) -> None:
    mels = np.random.default_rng(0).random((4, 80, 40)).astype(np.float32)
    (made,) = _session(tmp_path, seed=4).run(None, {"mels": mels})
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, atol=1e-6)
    assert made.min() >= 0


def test_an_encoder_with_nothing_to_say_gives_zeros_and_not_nan(tmp_path: Path) -> None:
    state = random_state(5)
    state["linear.bias"] = np.full(256, -1e3, np.float32)
    write_checkpoint(tmp_path / "pretrained.pt", {"model_state": OrderedDict(state)})
    convert_ge2e(tmp_path)
    session = onnxruntime.InferenceSession(tmp_path / "encoder.onnx")
    (made,) = session.run(None, {"mels": np.zeros((1, 10, 40), np.float32)})
    np.testing.assert_array_equal(made, np.zeros((1, 256)))


def test_the_same_checkpoint_gives_the_same_bytes(tmp_path: Path) -> None:
    _session(tmp_path, seed=6)
    first = (tmp_path / "encoder.onnx").read_bytes()
    _session(tmp_path, seed=6)
    assert (tmp_path / "encoder.onnx").read_bytes() == first


def test_a_missing_weight_is_an_error_with_its_name() -> None:
    state = random_state(0)
    del state["lstm.bias_hh_l2"]
    with pytest.raises(ModelCorrupt, match=r"has no lstm\.bias_hh_l2"):
        ge2e_graph(state)


def test_a_weight_of_another_shape_is_an_error_with_both_shapes() -> None:
    state = random_state(0)
    state["linear.bias"] = np.zeros(255, np.float32)
    with pytest.raises(ModelCorrupt, match=r"linear.bias .* is \(255,\), not \(256,\)"):
        ge2e_graph(state)
