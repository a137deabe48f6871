"""What is made once from a downloaded file, at pull, so that nothing heavy is needed later."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from meetbot.core.errors import ModelCorrupt
from meetbot.models.checkpoint import read_state
from meetbot.models.icons import convert_icons
from meetbot.models.minilm import convert_minilm
from meetbot.models.pipelines import write_pipeline_index
from meetbot.models.requantize import requantize_5_bit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import onnx

__all__ = ["CONVERTERS", "convert_ge2e", "ge2e_graph"]

_LAYERS = 3
_HIDDEN = 256
_MELS = 40
_OPSET = 17
_IR_VERSION = 8

State = dict[str, np.ndarray[Any, np.dtype[np.float32]]]


def _expected_shapes() -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "linear.weight": (_HIDDEN, _HIDDEN),
        "linear.bias": (_HIDDEN,),
    }
    for layer in range(_LAYERS):
        width = _MELS if layer == 0 else _HIDDEN
        shapes[f"lstm.weight_ih_l{layer}"] = (4 * _HIDDEN, width)
        shapes[f"lstm.weight_hh_l{layer}"] = (4 * _HIDDEN, _HIDDEN)
        shapes[f"lstm.bias_ih_l{layer}"] = (4 * _HIDDEN,)
        shapes[f"lstm.bias_hh_l{layer}"] = (4 * _HIDDEN,)
    return shapes


def _check_shapes(state: State) -> None:
    for name, shape in _expected_shapes().items():
        if name not in state:
            raise ModelCorrupt(f"the GE2E checkpoint has no {name}")
        if state[name].shape != shape:
            raise ModelCorrupt(f"{name} of the GE2E checkpoint is {state[name].shape}, not {shape}")


def _gates_for_onnx(
    weight: np.ndarray[Any, np.dtype[np.float32]],
) -> np.ndarray[Any, np.dtype[np.float32]]:
    """PyTorch stacks the gates input, forget, cell, output; ONNX input, output, forget, cell."""
    i, f, c, o = np.split(weight, 4)
    return np.concatenate([i, o, f, c])


def _lstm_layer(layer: int, state: State) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """From ``x{layer}`` to ``x{layer+1}`` [frames, batch, 256], ``last{layer}`` [1, batch, 256]."""
    from onnx import helper, numpy_helper

    def gates(kind: str) -> np.ndarray[Any, np.dtype[np.float32]]:
        return _gates_for_onnx(state[f"lstm.{kind}_l{layer}"])

    tensors = [
        numpy_helper.from_array(gates("weight_ih")[None], f"w{layer}"),
        numpy_helper.from_array(gates("weight_hh")[None], f"r{layer}"),
        numpy_helper.from_array(
            np.concatenate([gates("bias_ih"), gates("bias_hh")])[None], f"b{layer}"
        ),
    ]
    nodes = [
        helper.make_node(
            "LSTM",
            [f"x{layer}", f"w{layer}", f"r{layer}", f"b{layer}"],
            [f"y{layer}", f"last{layer}"],
            hidden_size=_HIDDEN,
        ),
        helper.make_node("Squeeze", [f"y{layer}", "directions"], [f"x{layer + 1}"]),
    ]
    return nodes, tensors


def _head(last: str) -> list[onnx.NodeProto]:
    from onnx import helper

    return [
        helper.make_node("Squeeze", [last, "direction"], ["hidden"]),
        helper.make_node(
            "Gemm", ["hidden", "linear.weight", "linear.bias"], ["projected"], transB=1
        ),
        helper.make_node("Relu", ["projected"], ["positive"]),
        helper.make_node("ReduceL2", ["positive"], ["length"], axes=[1], keepdims=1),
        helper.make_node("Max", ["length", "tiny"], ["divisor"]),
        helper.make_node("Div", ["positive", "divisor"], ["embedding"]),
    ]


def ge2e_graph(state: State) -> onnx.ModelProto:
    """The GE2E encoder as an ONNX model.

    Input ``mels`` float32 [batch, frames, 40]: mel power, 25 ms windows every 10 ms at 16 kHz.
    Output ``embedding`` float32 [batch, 256]: not negative, of length 1.
    Source: Wan et al. 2018, https://arxiv.org/abs/1710.10467, as trained by Resemblyzer 0.1.4:
    three LSTM layers, the last layer's last state, Linear, ReLU, L2 norm.
    Raises ModelCorrupt where a weight is missing or of another shape.
    """
    from onnx import TensorProto, helper, numpy_helper

    _check_shapes(state)
    nodes = [helper.make_node("Transpose", ["mels"], ["x0"], perm=[1, 0, 2])]
    tensors = [
        numpy_helper.from_array(np.array([1], np.int64), "directions"),
        numpy_helper.from_array(np.array([0], np.int64), "direction"),
        numpy_helper.from_array(np.array(1e-12, np.float32), "tiny"),
        numpy_helper.from_array(state["linear.weight"], "linear.weight"),
        numpy_helper.from_array(state["linear.bias"], "linear.bias"),
    ]
    for layer in range(_LAYERS):
        layer_nodes, layer_tensors = _lstm_layer(layer, state)
        nodes += layer_nodes if layer < _LAYERS - 1 else layer_nodes[:1]
        tensors += layer_tensors
    nodes += _head(f"last{_LAYERS - 1}")
    graph = helper.make_graph(
        nodes,
        "ge2e",
        [helper.make_tensor_value_info("mels", TensorProto.FLOAT, ["batch", "frames", _MELS])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", _HIDDEN])],
        tensors,
    )
    opset = helper.make_opsetid("", _OPSET)
    model = helper.make_model(graph, opset_imports=[opset], producer_name="meetbot")
    model.ir_version = _IR_VERSION
    return model


def convert_ge2e(folder: Path) -> None:
    """Write ``encoder.onnx`` beside ``pretrained.pt``. The same bytes every time."""
    import onnx

    model = ge2e_graph(read_state(folder / "pretrained.pt", "model_state"))
    onnx.checker.check_model(model)
    (folder / "encoder.onnx").write_bytes(model.SerializeToString(deterministic=True))


CONVERTERS: Mapping[str, Callable[[Path], None]] = MappingProxyType(
    {
        "ge2e": convert_ge2e,
        "icons": convert_icons,
        "minilm": convert_minilm,
        "pipeline-index": write_pipeline_index,
        "q4_0": requantize_5_bit,
    }
)
"""By the name that an entry gives. Each reads and writes in the folder it is handed."""
