"""The xtts engine on a tiny model with seeded weights, in the layout of the official one.

The official weights are on a model hub only; what these tests prove is the whole path from the
folder and a voice's samples to streamed sound, not what it sounds like.
"""

from __future__ import annotations

import pickle
import shutil
import socket
from contextlib import aclosing
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from meetbot.config.talking import VoiceSettings
from meetbot.core.errors import EngineError, ModelLicence
from meetbot.core.voice import Voice
from meetbot.engines.registry import load_engine
from meetbot.models import ModelStore
from support.pinned import pin
from support.speaking import check_times, say, sound_of
from support.voices import tone
from support.xtts import NAME, SPEAKERS, write_model

if TYPE_CHECKING:
    from pathlib import Path

    from meetbot.engines.tts.xtts import XttsSynthesizer

pytestmark = pytest.mark.torch

TEXT = "We can begin now."


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: socket.socket, address: object) -> None:
        pytest.fail(f"a connection to {address} was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def accepted(models: ModelStore) -> ModelStore:
    return ModelStore(
        models.folder,
        hub=False,
        accept_licences=["CPML-1.0"],
        catalogue=models.catalogue,
        clients=(),
    )


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    return write_model(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def voice(models: ModelStore) -> XttsSynthesizer:
    engine: XttsSynthesizer = load_engine("tts", "xtts", accepted(models), VoiceSettings(threads=2))
    return engine


async def test_sound_is_streamed_with_estimated_times(voice: XttsSynthesizer) -> None:
    stretches = await say(voice, TEXT)
    assert len(stretches) > 1
    assert {speech.sample_rate for speech in stretches} == {24_000}
    assert all(speech.estimated for speech in stretches)
    said = [word.text for speech in stretches for word in speech.words]
    assert said == ["We", "can", "begin", "now."]
    for speech in stretches:
        assert float(np.abs(speech.samples).max()) < 1.0
        if speech.words:
            check_times(speech)
    assert 0.5 < len(sound_of(stretches)) / 24_000 < 4


async def test_the_first_stretch_comes_before_the_whole_is_made(voice: XttsSynthesizer) -> None:
    async with aclosing(voice.speak(TEXT, language="en", voice=Voice())) as stretches:
        async for speech in stretches:
            assert len(speech.samples) / speech.sample_rate < 1.2
            break
    assert await say(voice, "Again.")


@pytest.mark.parametrize("pitch", [0.8, 1.25])
async def test_another_pitch_says_the_same_words(voice: XttsSynthesizer, pitch: float) -> None:
    stretches = await say(voice, TEXT, voice=Voice(pitch=pitch))
    said = [word.text for speech in stretches for word in speech.words]
    assert said == ["We", "can", "begin", "now."]
    assert {speech.sample_rate for speech in stretches} == {24_000}


async def test_a_voice_is_taken_on_once_and_kept_as_plain_tensors(
    voice: XttsSynthesizer, tmp_path: Path
) -> None:
    samples = [tone(150, 4.0), tone(180, 3.0)]
    await voice.clone(samples, 16_000, tmp_path)
    tensors = load_file(tmp_path / "xtts.safetensors")
    assert tensors["speaker_embedding"].shape == (1, 512, 1)
    assert tensors["gpt_cond_latent"].shape == (1, 32, 64)
    assert float(tensors["speaker_embedding"].norm()) == pytest.approx(1.0, abs=0.05)
    assert await say(voice, TEXT, voice=Voice(reference=tmp_path))


async def test_latents_are_those_of_the_reference_implementation(
    voice: XttsSynthesizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = tone(150, 5.0)
    network = voice._network
    monkeypatch.setattr("TTS.tts.models.xtts.load_audio", lambda *_: torch.from_numpy(sound)[None])
    latent, embedding = network.get_conditioning_latents(
        "sample.wav",
        max_ref_length=network.config.max_ref_len,
        gpt_cond_len=network.config.gpt_cond_len,
        gpt_cond_chunk_len=network.config.gpt_cond_chunk_len,
    )
    await voice.clone([sound], 22_050, tmp_path)
    tensors = load_file(tmp_path / "xtts.safetensors")
    assert torch.allclose(tensors["gpt_cond_latent"], latent.cpu(), atol=1e-5)
    assert torch.allclose(tensors["speaker_embedding"], embedding.cpu(), atol=1e-5)


@pytest.mark.parametrize("language", ["ru", "de", "xx"])
async def test_other_languages(voice: XttsSynthesizer, language: str) -> None:
    assert await say(voice, "Да, da.", language)


def test_its_voices_are_those_of_the_checkpoint(voice: XttsSynthesizer) -> None:
    assert voice.languages == {"en", "ru", "de"}
    assert voice.voices("ru") == SPEAKERS
    assert voice.voices("fr") == ()


@pytest.mark.parametrize("text", ["", "…", "😀"])
async def test_what_it_cannot_say_makes_no_sound(voice: XttsSynthesizer, text: str) -> None:
    assert await say(voice, text) == []


async def test_samples_that_are_too_short_are_an_error(
    voice: XttsSynthesizer, tmp_path: Path
) -> None:
    with pytest.raises(EngineError, match="cannot take on this voice"):
        await voice.clone([tone(150, 0.1)], 16_000, tmp_path)
    with pytest.raises(EngineError, match="cannot be read"):
        await say(voice, TEXT, voice=Voice(reference=tmp_path))


async def test_a_damaged_voice_is_named(voice: XttsSynthesizer, tmp_path: Path) -> None:
    (tmp_path / "xtts.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{broken}")
    with pytest.raises(EngineError, match=r"cannot be read.*add the persona again"):
        await say(voice, TEXT, voice=Voice(reference=tmp_path))


def test_the_licence_must_be_accepted(models: ModelStore) -> None:
    with pytest.raises(ModelLicence, match=r"CPML-1\.0"):
        load_engine("tts", "xtts", models, VoiceSettings())


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("run",)


def test_a_checkpoint_that_names_code_is_refused_and_none_is_rewritten(
    models: ModelStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (models.folder / NAME / "model.pth").read_bytes()
    load_engine("tts", "xtts", accepted(models), VoiceSettings())
    assert (models.folder / NAME / "model.pth").read_bytes() == before
    shutil.copytree(models.folder / NAME, tmp_path / NAME)
    torch.save({"model": Evil()}, tmp_path / NAME / "model.pth", pickle_module=pickle)
    evil = pin(tmp_path, NAME)
    with pytest.raises(EngineError, match=r"XTTS in .* cannot be opened"):
        load_engine("tts", "xtts", accepted(evil), VoiceSettings())
    assert "run" not in capsys.readouterr().out


def test_weights_of_another_size_are_refused(models: ModelStore, tmp_path: Path) -> None:
    shutil.copytree(models.folder / NAME, tmp_path / NAME)
    torch.save({"model": {"mel_stats": torch.ones(80)}}, tmp_path / NAME / "model.pth")
    with pytest.raises(EngineError, match="meetbot models verify xtts-v2"):
        load_engine("tts", "xtts", accepted(pin(tmp_path, NAME)), VoiceSettings())
