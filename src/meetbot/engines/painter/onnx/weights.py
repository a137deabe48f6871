"""Smaller weights for an ONNX network: halves, or bytes for its matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DATA", "shrink"]

DATA = ".data"
"""What the file of the weights is called beyond its network's name."""
LEAST_ELEMENTS = 1024
"""Smaller weights are left as they are: they save nothing."""


def shrink(source: Path, target: Path, *, matrices: bool) -> None:
    """Write ``source`` with weights of half the size; with ``matrices``, theirs of a quarter.

    Halves are turned back into float32 when the network is opened, which a processor computes in
    anyway. Matrices are multiplied as bytes, their other factor scaled as it comes (dynamic
    quantisation); convolutions are not.
    """
    if matrices:
        bytewise = target.with_name(f"bytes-{target.name}")
        _without_shapes(source)
        quantize_dynamic(
            source,
            bytewise,
            op_types_to_quantize=["MatMul", "Gemm"],
            per_channel=True,
            weight_type=QuantType.QUInt8,
            use_external_data_format=True,
        )
        source = bytewise
    _halve(source, target)
    if matrices:
        for left in target.parent.glob(f"{source.name}*"):
            left.unlink()


def _without_shapes(network: Path) -> None:
    """Forget the shapes between nodes: the quantiser turns matrices round and leaves theirs."""
    model = onnx.load(network, load_external_data=False)
    del model.graph.value_info[:]
    network.write_bytes(model.SerializeToString())


def _halve(source: Path, target: Path) -> None:
    model = onnx.load(source)
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < LEAST_ELEMENTS:
            continue
        whole = numpy_helper.to_array(tensor)
        if np.abs(whole).max() > np.finfo(np.float16).max:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(whole.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [tensor.name], [name], to=TensorProto.FLOAT))
    body = list(graph.node)
    del graph.node[:]
    graph.node.extend([*casts, *body])
    save(model, target)


def save(model: onnx.ModelProto, target: Path) -> None:
    """Write ``model`` with its weights in a file beside it, as large ones must be."""
    onnx.save_model(
        model,
        target,
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=target.name + DATA,
    )
