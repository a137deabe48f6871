"""The speechbrain engine on seeded weights in SpeechBrain's own layout.

The official weights are on a model hub only; what these tests prove is the whole path from the
folder to the print, not how well voices are told apart.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from speechbrain.lobes.features import Fbank
from speechbrain.processing.features import InputNormalization

from meetbot.config import PeopleSettings
from meetbot.core.errors import ConfigError, EngineError, InputError, ModelCorrupt
from meetbot.core.types import SAMPLE_RATE
from meetbot.engines.registry import load_engine
from meetbot.engines.speaker.ge2e import Ge2eSpeakerEncoder
from meetbot.engines.speaker.speechbrain import EcapaSpeakerEncoder
from meetbot.people import PeopleDirectory
from meetbot.people.calibration import load_scorer
from meetbot.store import Store
from support.ecapa import MELS, NAME, seeded_network, write_model
from support.pinned import pin

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.models import ModelStore

pytestmark = pytest.mark.torch

CLOSE = {"rtol": 0, "atol": 1e-5}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: socket.socket, address: object) -> None:
        pytest.fail(f"a connection to {address} was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def models(tmp_path: Path) -> ModelStore:
    """A store in a folder whose name YAML and shells do not like."""
    return write_model(tmp_path / "модели: #1 {a} 'b'")


@pytest.fixture
def encoder(models: ModelStore) -> EcapaSpeakerEncoder:
    return EcapaSpeakerEncoder.load(models, PeopleSettings(encoder="speechbrain", threads=2))


def sound(seconds: float, seed: int = 1) -> NDArray[np.float32]:
    """Noise whose loudness changes, as speech does."""
    random = np.random.default_rng(seed)
    count = round(seconds * SAMPLE_RATE)
    swell = 0.1 + np.abs(np.sin(np.arange(count) / SAMPLE_RATE * random.uniform(3, 9)))
    return (0.1 * swell * random.standard_normal(count)).astype(np.float32)


def reference(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """The print by SpeechBrain's parts, put together by hand."""
    with torch.no_grad():
        features = Fbank(n_mels=MELS)(torch.from_numpy(audio)[None])
        normalised = InputNormalization(norm_type="sentence", std_norm=False)(
            features, torch.ones(1)
        )
        raw = seeded_network()(normalised)[0, 0].numpy()
    return raw / np.linalg.norm(raw)


async def test_a_print_by_seeded_weights_is_what_speechbrains_parts_make(
    encoder: EcapaSpeakerEncoder,
) -> None:
    for seconds in (0.4, 1.6, 3.7):
        made = await encoder.embed(sound(seconds))
        assert made.shape == (192,)
        assert made.dtype == np.float32
        np.testing.assert_allclose(made, reference(sound(seconds)), **CLOSE)
        assert np.linalg.norm(made) == pytest.approx(1, abs=1e-5)
    other = await encoder.embed(sound(1.6, seed=2))
    assert np.abs(other - reference(sound(1.6))).max() > 100 * CLOSE["atol"]


async def test_long_sound_is_the_mean_of_its_slices(encoder: EcapaSpeakerEncoder) -> None:
    whole = sound(47)
    slices = [whole[: 20 * SAMPLE_RATE], whole[20 * SAMPLE_RATE : 40 * SAMPLE_RATE]]
    mean = np.mean([reference(part) for part in (*slices, whole[-20 * SAMPLE_RATE :])], axis=0)
    np.testing.assert_allclose(await encoder.embed(whole), mean / np.linalg.norm(mean), **CLOSE)


async def test_a_batch_of_any_lengths_gives_what_each_gives_alone_and_again(
    encoder: EcapaSpeakerEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = [sound(s, seed) for seed, s in enumerate((1.6, 0.8, 1.6, 2.0, 1.6, 0.8))]
    together = await encoder.embed_windows(windows)
    assert together.shape == (6, 192)
    for row, window in zip(together, windows, strict=True):
        np.testing.assert_allclose(row, reference(window), **CLOSE)
    np.testing.assert_array_equal(together, await encoder.embed_windows(windows))
    monkeypatch.setattr("meetbot.engines.speaker.speechbrain.BATCH", 2 * SAMPLE_RATE)
    np.testing.assert_allclose(together, await encoder.embed_windows(windows), **CLOSE)


async def test_silence_has_a_print_of_numbers(encoder: EcapaSpeakerEncoder) -> None:
    assert np.isfinite(await encoder.embed(np.zeros(2 * SAMPLE_RATE, np.float32))).all()


async def test_sound_too_short_or_broken_is_an_input_error(encoder: EcapaSpeakerEncoder) -> None:
    with pytest.raises(InputError, match="too short"):
        await encoder.embed(sound(0.3))
    broken = sound(1)
    broken[7] = np.nan
    with pytest.raises(InputError, match="no numbers"):
        await encoder.embed(broken)


def test_loading_leaves_nothing_behind(
    models: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = {path: path.lstat().st_mtime_ns for path in tmp_path.rglob("*")}
    load_engine("speaker", "speechbrain", models, PeopleSettings())
    assert {path: path.lstat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_checkpoint_cut_short_is_not_loaded(models: ModelStore) -> None:
    checkpoint = models.folder / NAME / "embedding_model.ckpt"
    checkpoint.write_bytes(checkpoint.read_bytes()[:20_000])
    with pytest.raises(ModelCorrupt, match=r"embedding_model\.ckpt.*meetbot models pull"):
        EcapaSpeakerEncoder.load(models, PeopleSettings())


@pytest.mark.parametrize("name", ["embedding_model.ckpt", "hyperparams.yaml", "classifier.ckpt"])
def test_a_file_that_was_pinned_when_cut_is_an_engine_error(models: ModelStore, name: str) -> None:
    path = models.folder / NAME / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    with pytest.raises(EngineError, match=r"cannot be opened: .*; check its files") as caught:
        EcapaSpeakerEncoder.load(pin(models.folder, NAME), PeopleSettings())
    assert "\n" not in str(caught.value)


def test_weights_that_lack_a_layer_are_refused_and_not_filled_up_at_random(
    models: ModelStore,
) -> None:
    path = models.folder / NAME / "embedding_model.ckpt"
    weights = torch.load(path, weights_only=True)
    del weights["fc.conv.weight"]
    torch.save(weights, path)
    with pytest.raises(EngineError, match="cannot be opened"):
        EcapaSpeakerEncoder.load(pin(models.folder, NAME), PeopleSettings())


class Runs:
    """What a pickle can do that is no tensor."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return exec, (f"open({str(self.marker)!r}, 'w').close()",)


def test_a_checkpoint_with_code_in_it_is_refused_and_runs_nothing(
    models: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    marker = tmp_path / "ran"
    torch.save(Runs(marker), models.folder / NAME / "mean_var_norm_emb.ckpt")
    with pytest.raises(EngineError, match="cannot be opened"):
        EcapaSpeakerEncoder.load(pin(models.folder, NAME), PeopleSettings())
    assert not marker.exists()


def test_cuda_without_a_card_says_what_to_set(
    models: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(EngineError, match=r"people\.device is cuda.*auto or cpu"):
        EcapaSpeakerEncoder.load(models, PeopleSettings(device="cuda"))
    EcapaSpeakerEncoder.load(models, PeopleSettings(device="auto"))


async def test_prints_are_never_compared_with_those_of_another_model(
    encoder: EcapaSpeakerEncoder, tmp_path: Path
) -> None:
    ecapa, ge2e = encoder.model_id, Ge2eSpeakerEncoder.model_id
    prints = await encoder.embed_windows([sound(1.6)])
    async with await Store.open(tmp_path / "store") as store:
        directory = PeopleDirectory(store)
        anna = await directory.create("Anna", ecapa, prints, seconds=1.6)
        boris = await directory.create("Boris", ge2e, np.ones((1, 256), np.float32), seconds=1.6)
        (by_ecapa,) = await directory.voices(ecapa)
        (by_ge2e,) = await directory.voices(ge2e)
    assert by_ecapa.speaker.person_id == anna.person_id
    assert by_ecapa.prints.shape == (1, 192)
    assert by_ge2e.speaker.person_id == boris.person_id


def test_without_a_calibration_it_is_said_how_to_make_one() -> None:
    with pytest.raises(
        ConfigError, match=rf"{EcapaSpeakerEncoder.model_id}.*benchmarks/calibrate_speakers\.py"
    ):
        load_scorer(EcapaSpeakerEncoder.model_id)
