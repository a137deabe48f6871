"""A tiny XTTS with seeded random weights, in the layout of the official model's folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import torch
from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import Whitespace
from TTS.config.shared_configs import BaseDatasetConfig
from TTS.tts.configs.xtts_config import XttsArgs, XttsAudioConfig, XttsConfig
from TTS.tts.layers.xtts.tokenizer import VoiceBpeTokenizer
from TTS.tts.models.xtts import Xtts

from support.pinned import pin

if TYPE_CHECKING:
    from pathlib import Path

    from meetbot.models import ModelStore

__all__ = ["NAME", "SPEAKERS", "write_model"]

NAME = "xtts-v2"
SPEAKERS = ("Ana Florence", "Damien Black")
LETTERS = "abcdefghijklmnopqrstuvwxyzабвгдеёжзийклмнопрстуфхцчшщъыьэюя.,!?'"
MARKS = ("[STOP]", "[UNK]", "[SPACE]", "[START]", "[en]", "[ru]", "[de]")
SIZE = 64


def write_model(folder: Path) -> ModelStore:
    """Write the four files where the returned store has its ``xtts-v2``, licence accepted.

    The checkpoint holds an ``XttsConfig`` object, as the official one does.
    """
    place = folder / NAME
    place.mkdir(parents=True)
    _write_vocabulary(place / "vocab.json")
    config = _config()
    (place / "config.json").write_text(json.dumps(config.to_dict()), encoding="utf-8")
    with torch.random.fork_rng():
        torch.manual_seed(11)
        network = Xtts(config)
        network.tokenizer = VoiceBpeTokenizer(place / "vocab.json")
        network.init_models()
        state = {"model": network.state_dict(), "config": config}
        speakers = {
            name: {
                "gpt_cond_latent": torch.randn(1, 32, SIZE),
                "speaker_embedding": torch.nn.functional.normalize(torch.randn(1, 512, 1), dim=1),
            }
            for name in SPEAKERS
        }
    _save_as_it_was_made(state, place / "model.pth")
    torch.save(speakers, place / "speakers_xtts.pth")
    return pin(folder, NAME)


def _save_as_it_was_made(state: dict[str, object], path: Path) -> None:
    """With the two classes under the names that they had when the official model was saved."""
    kept = XttsArgs.__module__
    XttsArgs.__module__ = XttsAudioConfig.__module__ = "TTS.tts.models.xtts"
    try:
        torch.save(state, path)
    finally:
        XttsArgs.__module__ = XttsAudioConfig.__module__ = kept


def _config() -> XttsConfig:
    arguments = XttsArgs(
        gpt_layers=2,
        gpt_n_model_channels=SIZE,
        gpt_n_heads=2,
        gpt_max_audio_tokens=60,
        gpt_max_text_tokens=120,
        gpt_num_audio_tokens=1026,
        gpt_start_audio_token=1024,
        gpt_stop_audio_token=1025,
        gpt_use_perceiver_resampler=True,
        decoder_input_dim=SIZE,
    )
    return XttsConfig(
        model_args=arguments, languages=["en", "ru", "de"], datasets=[BaseDatasetConfig()]
    )


def _write_vocabulary(path: Path) -> None:
    vocabulary = {token: number for number, token in enumerate((*MARKS, *LETTERS))}
    tokenizer = Tokenizer(BPE(vocabulary, [], unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.add_special_tokens(list(MARKS))
    tokenizer.save(str(path))
