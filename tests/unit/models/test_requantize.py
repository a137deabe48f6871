"""A language model's 5-bit weights are written as 4-bit ones, and nothing else is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gguf
import numpy as np
import pytest
from gguf import GGMLQuantizationType as Kind

from meetbot.core.errors import ModelCorrupt
from meetbot.models.requantize import q4_0_blocks, requantize_5_bit

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def weights(rows: int, columns: int) -> NDArray[np.float32]:
    return np.random.default_rng(5).normal(0, 0.05, (rows, columns)).astype(np.float32)


def model(folder: Path) -> dict[str, NDArray[np.float32]]:
    """A GGUF file as the catalogue's has them, of few weights; returns these."""
    writer = gguf.GGUFWriter(folder / "tiny-instruct-q4_k_m.gguf", "qwen2")
    writer.add_name("Tiny")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_K_M)
    writer.add_context_length(512)
    writer.add_token_list(["a", "я", "<|im_end|>"])
    writer.add_token_types([1, 1, 3])
    made = {
        "blk.0.ffn_up.weight": (weights(32, 96), Kind.Q5_0),
        "blk.0.attn_v.weight": (weights(8, 96), Kind.Q8_0),
        "token_embd.weight": (weights(3, 96), Kind.Q5_0),
        "blk.0.attn_norm.weight": (weights(1, 96)[0], Kind.F32),
    }
    for name, (values, kind) in made.items():
        writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return {name: values for name, (values, _) in made.items()}


def test_llama_cpp_s_own_reader_finds_the_weights_again() -> None:
    values = weights(16, 128)
    found = gguf.quants.dequantize(q4_0_blocks(values), Kind.Q4_0)
    assert found.shape == values.shape
    assert np.sqrt(np.mean(np.square(found - values))) < 0.1 * values.std()


def test_the_error_is_less_than_with_the_largest_weight_s_scale() -> None:
    values = weights(64, 896)
    ours = gguf.quants.dequantize(q4_0_blocks(values), Kind.Q4_0)
    plain = gguf.quants.dequantize(gguf.quants.quantize(values, Kind.Q4_0), Kind.Q4_0)
    assert np.square(ours - values).sum() < 0.97 * np.square(plain - values).sum()


def test_weights_that_are_all_nothing_stay_so() -> None:
    found = gguf.quants.dequantize(q4_0_blocks(np.zeros((2, 64), np.float32)), Kind.Q4_0)
    assert not found.any()


def test_five_bits_become_four_and_the_rest_stays(tmp_path: Path) -> None:
    made = model(tmp_path)
    requantize_5_bit(tmp_path)
    before = {
        one.name: one for one in gguf.GGUFReader(tmp_path / "tiny-instruct-q4_k_m.gguf").tensors
    }
    read = gguf.GGUFReader(tmp_path / "tiny-instruct-q4_0.gguf")
    after = {one.name: one for one in read.tensors}
    assert {name: one.tensor_type for name, one in after.items()} == {
        "blk.0.ffn_up.weight": Kind.Q4_0,
        "blk.0.attn_v.weight": Kind.Q8_0,
        "token_embd.weight": Kind.Q5_0,
        "blk.0.attn_norm.weight": Kind.F32,
    }
    for name in ("blk.0.attn_v.weight", "token_embd.weight", "blk.0.attn_norm.weight"):
        assert np.array_equal(after[name].data, before[name].data)
    values = made["blk.0.ffn_up.weight"]
    found = gguf.quants.dequantize(after["blk.0.ffn_up.weight"].data, Kind.Q4_0)
    assert np.corrcoef(found.ravel(), values.ravel())[0, 1] > 0.99


def test_what_the_file_tells_of_the_model_stays(tmp_path: Path) -> None:
    model(tmp_path)
    requantize_5_bit(tmp_path)
    fields = gguf.GGUFReader(tmp_path / "tiny-instruct-q4_0.gguf").fields
    told = {name: field.contents() for name, field in fields.items()}
    assert told["general.architecture"] == "qwen2"
    assert told["general.name"] == "Tiny"
    assert told["general.file_type"] == gguf.LlamaFileType.MOSTLY_Q4_0
    assert told["qwen2.context_length"] == 512
    assert told["tokenizer.ggml.tokens"] == ["a", "я", "<|im_end|>"]
    assert told["tokenizer.ggml.token_type"] == [1, 1, 3]


def test_the_bytes_are_the_same_every_time(tmp_path: Path) -> None:
    model(tmp_path)
    made = tmp_path / "tiny-instruct-q4_0.gguf"
    requantize_5_bit(tmp_path)
    first = made.read_bytes()
    requantize_5_bit(tmp_path)
    assert made.read_bytes() == first


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tiny-instruct-q4_k_m.gguf").write_bytes(b"a page that says: not found" * 9)
    with pytest.raises(ModelCorrupt, match="is no GGUF file"):
        requantize_5_bit(tmp_path)
