"""A language model's 5-bit weights as 4-bit ones, which llama.cpp reads faster on a processor.

``Q4_K_M`` needs rows of a multiple of 256; where a model has others (Qwen2.5 0.5B: 896), most of
its weights are ``Q5_0`` instead, for which llama.cpp has no interleaved kernels on x86. As
``Q4_0`` they have. Both forms: https://github.com/ggml-org/llama.cpp, ggml/src/ggml-common.h.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from meetbot.core.errors import ModelCorrupt

if TYPE_CHECKING:
    from pathlib import Path

    import gguf
    from numpy.typing import NDArray

__all__ = ["q4_0_blocks", "requantize_5_bit"]

BLOCK = 32
"""So many weights share a scale."""
LEAST, MOST = -8, 7
ROUNDS = 2
"""More of them change the error by less than a hundredth."""
SUFFIX = "-q4_0.gguf"
EMBEDDINGS = "token_embd.weight"
"""Looked up, never multiplied with: its form costs no time."""


def requantize_5_bit(folder: Path) -> None:
    """Write ``NAME-q4_0.gguf`` beside the folder's ``NAME-….gguf``. The same bytes every time.

    What is neither ``Q5_0`` nor multiplied with stays as it is. Raises ``ModelCorrupt`` where the
    file is no GGUF file.
    """
    import gguf

    source = next(file for file in sorted(folder.glob("*.gguf")) if SUFFIX not in file.name)
    try:
        read = gguf.GGUFReader(source)
        architecture = read.fields["general.architecture"].contents()
    except (ValueError, KeyError, IndexError) as error:
        raise ModelCorrupt(f"{source.name} is no GGUF file: {error}") from error
    target = source.with_name(source.name.rpartition("-")[0] + SUFFIX)
    writer = gguf.GGUFWriter(target, architecture)
    _copy_fields(read, writer)
    for tensor in read.tensors:
        _add(writer, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def q4_0_blocks(weights: NDArray[np.float32]) -> NDArray[np.uint8]:
    """``weights`` (rows, columns; columns a multiple of 32) as ``Q4_0``: (rows, columns/32·18).

    Each block of 32 is a float16 scale and numbers of 4 bits, −8…7: first the scale at which the
    largest weight is −8, then twice the scale that makes the squared error least.
    """
    blocks = weights.reshape(-1, BLOCK)
    largest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=1)[:, None], axis=1)
    scale = _half(largest / np.float32(LEAST))
    steps = _steps(blocks, scale)
    for _ in range(ROUNDS):
        squares = np.maximum(np.square(steps).sum(axis=1, keepdims=True), 1.0)
        scale = _half((steps * blocks).sum(axis=1, keepdims=True) / squares)
        steps = _steps(blocks, scale)
    nibbles = (steps - LEAST).astype(np.uint8)
    packed = nibbles[:, : BLOCK // 2] | (nibbles[:, BLOCK // 2 :] << 4)
    whole = np.concatenate([scale.astype(np.float16).view(np.uint8), packed], axis=1)
    return whole.reshape(len(weights), -1)


def _half(scale: NDArray[np.float32]) -> NDArray[np.float32]:
    """As it will be read."""
    return scale.astype(np.float16).astype(np.float32)


def _steps(blocks: NDArray[np.float32], scale: NDArray[np.float32]) -> NDArray[np.float32]:
    divisor = np.where(scale == 0, np.float32(1), scale)
    return np.clip(np.rint(blocks / divisor), LEAST, MOST)


def _copy_fields(read: gguf.GGUFReader, writer: gguf.GGUFWriter) -> None:
    import gguf

    for field in read.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        kind, value = field.types[0], field.contents()
        if field.name == "general.file_type":
            value = int(gguf.LlamaFileType.MOSTLY_Q4_0)
        inner = field.types[-1] if kind is gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, value, kind, sub_type=inner)


def _add(writer: gguf.GGUFWriter, tensor: Any) -> None:
    import gguf

    kind, data = tensor.tensor_type, tensor.data
    if kind is gguf.GGMLQuantizationType.Q5_0 and tensor.name != EMBEDDINGS:
        data = q4_0_blocks(gguf.quants.dequantize(data, kind).astype(np.float32))
        kind = gguf.GGMLQuantizationType.Q4_0
    writer.add_tensor(tensor.name, data, raw_dtype=kind)
