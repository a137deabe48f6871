"""A model for the painter onnx out of a few nodes: what torch would have exported, without torch.

The text is a number, what the network adds to its latents is made of all of its inputs, and a
picture is its latents, each of them a tile of 8 × 8 pixels.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from tokenizers.processors import TemplateProcessing

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MANIFEST", "write_export"]

WORDS = ("<pad>", "<begin>", "<end>", "<unknown>", "a", "red", "house", "cat", "sea")
LENGTH = 8
WIDTH = 4
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64

MANIFEST: dict[str, Any] = {
    "format": 1,
    "name": "few-nodes",
    "family": "sd15",
    "dtype": "float32",
    "size": None,
    "multiple": 16,
    "side": 128,
    "steps": 3,
    "guidance": 4.0,
    "negative": True,
    "latent_channels": 4,
    "pixels_per_latent": 8,
    "texts": [
        {
            "network": "text_encoder.onnx",
            "tokenizer": "tokenizer.json",
            "length": LENGTH,
            "padding": 0,
        }
    ],
    "network": "unet.onnx",
    "scheduler": {
        "class_name": "EulerDiscreteScheduler",
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "timestep_spacing": "trailing",
    },
    "autoencoder": {
        "encoder": "vae_encoder.onnx",
        "decoder": "vae_decoder.onnx",
        "scale": 0.5,
    },
    "agreement": {},
    "made_with": {},
}


def write_export(folder: Path, *, licence: str | None = "mit", **changes: Any) -> Path:
    """Write the model into ``folder``; ``changes``: what is other in its manifest."""
    folder.mkdir(parents=True)
    _write_tokenizer(folder / "tokenizer.json")
    _write_text_encoder(folder / "text_encoder.onnx")
    _write_network(folder / "unet.onnx")
    _write_decoder(folder / "vae_decoder.onnx")
    _write_encoder(folder / "vae_encoder.onnx")
    (folder / "manifest.json").write_text(json.dumps(MANIFEST | changes), encoding="utf-8")
    if licence is not None:
        (folder / "README.md").write_text(f"---\nlicense: {licence}\n---\n", encoding="utf-8")
    return folder


def _write_tokenizer(path: Path) -> None:
    numbers = {word: number for number, word in enumerate(WORDS)}
    tokenizer = Tokenizer(WordLevel(numbers, unk_token="<unknown>"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.post_processor = TemplateProcessing(
        single="<begin> $A <end>", special_tokens=[("<begin>", 1), ("<end>", 2)]
    )
    tokenizer.save(str(path))


def _write(
    path: Path,
    nodes: list[onnx.NodeProto],
    inputs: dict[str, tuple[int, list[int | str]]],
    output: tuple[str, int],
    constants: dict[str, Any],
) -> None:
    graph = helper.make_graph(
        nodes,
        path.stem,
        [helper.make_tensor_value_info(name, *kind) for name, kind in inputs.items()],
        [helper.make_tensor_value_info(output[0], FLOAT, [None] * output[1])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def _write_text_encoder(path: Path) -> None:
    """Each token's row of a table, (1, LENGTH, WIDTH), and their mean's place in the sentence."""
    rng = np.random.default_rng(1)
    table = rng.standard_normal((len(WORDS), WIDTH)).astype(np.float32)
    place = rng.standard_normal((1, LENGTH, WIDTH)).astype(np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "tokens"], ["rows"]),
        helper.make_node("Mul", ["rows", "place"], ["hidden"]),
    ]
    constants = {"table": table, "place": place}
    _write(path, nodes, {"tokens": (INT64, [1, LENGTH])}, ("hidden", 3), constants)


def _write_network(path: Path) -> None:
    """0.9 · latents + the text's mean + the timestep in thousands."""
    nodes = [
        helper.make_node("Mul", ["latents", "most"], ["kept"]),
        helper.make_node("ReduceMean", ["text"], ["meaning"], keepdims=0),
        helper.make_node("Mul", ["timestep", "thousandth"], ["time"]),
        helper.make_node("Add", ["meaning", "time"], ["told"]),
        helper.make_node("Add", ["kept", "told"], ["output"]),
    ]
    inputs: dict[str, tuple[int, list[int | str]]] = {
        "latents": (FLOAT, [1, 4, "high", "wide"]),
        "timestep": (FLOAT, [1]),
        "text": (FLOAT, [1, LENGTH, WIDTH]),
    }
    constants = {"most": np.float32([0.9]), "thousandth": np.float32([0.001])}
    _write(path, nodes, inputs, ("output", 4), constants)


def _write_decoder(path: Path) -> None:
    mix = np.zeros((3, 4, 1, 1), np.float32)
    mix[[0, 1, 2], [0, 1, 2]] = 0.5
    nodes = [
        helper.make_node("Conv", ["latents", "mix"], ["colours"]),
        helper.make_node("Resize", ["colours", "", "scales"], ["pixels"], mode="nearest"),
    ]
    inputs: dict[str, tuple[int, list[int | str]]] = {"latents": (FLOAT, [1, 4, "high", "wide"])}
    constants = {"mix": mix, "scales": np.float32([1, 1, 8, 8])}
    _write(path, nodes, inputs, ("pixels", 4), constants)


def _write_encoder(path: Path) -> None:
    mix = np.zeros((4, 3, 1, 1), np.float32)
    mix[[0, 1, 2], [0, 1, 2]] = 2
    nodes = [
        helper.make_node("AveragePool", ["pixels"], ["tiles"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Conv", ["tiles", "mix"], ["latents"]),
    ]
    inputs: dict[str, tuple[int, list[int | str]]] = {"pixels": (FLOAT, [1, 3, "high", "wide"])}
    _write(path, nodes, inputs, ("latents", 4), {"mix": mix})
