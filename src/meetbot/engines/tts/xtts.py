"""Coqui XTTS v2 (CPML: not for commercial use): takes on a voice, in 17 languages; extra ``xtts``.

Casanova et al., "XTTS", https://arxiv.org/abs/2406.04904; the weights are coqui/XTTS-v2. Streamed
while it is made. A voice is two tensors, its latents, computed once from samples by ``clone`` and
kept as safetensors. The checkpoint is read as tensors and the four configuration classes that the
official one holds, and nothing else.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import soxr
import torch
import torchaudio
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from TTS.config.shared_configs import BaseDatasetConfig
from TTS.tts.configs.xtts_config import XttsArgs, XttsAudioConfig, XttsConfig
from TTS.tts.models.xtts import Xtts

from meetbot.core.errors import EngineError
from meetbot.core.worker import ModelThread
from meetbot.engines.tts.estimate import lengths, spread
from meetbot.engines.tts.letters import phonemes
from meetbot.engines.tts.pieces import pieces
from meetbot.engines.tts.timing import Hush, Sounded, finish

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.core.voice import Speech, Voice
    from meetbot.models import ModelStore

__all__ = ["XttsSynthesizer"]

NAME = "xtts-v2"
LATENTS = "xtts.safetensors"
REFERENCE_RATE = 22_050
SECONDS_PER_VOWEL = 0.09
"""What decides which words a stretch of the stream is taken to say."""
SAFE = [
    XttsConfig,
    BaseDatasetConfig,
    (XttsArgs, "TTS.tts.models.xtts.XttsArgs"),
    (XttsAudioConfig, "TTS.tts.models.xtts.XttsAudioConfig"),
]
"""The classes that the official checkpoint names, two of them where they were when it was made."""

Latents = tuple[torch.Tensor, torch.Tensor]


class XttsSynthesizer:
    """The network on a thread of its own."""

    def __init__(self, network: Any, *, threads: int) -> None:
        self._network = network
        self._threads = threads
        self.name = f"{NAME}-{version('coqui-tts')}"
        self._thread = ModelThread("xtts")
        self._stored = lru_cache(maxsize=8)(_read_latents)
        codes = (code.split("-")[0] for code in network.config.languages)
        self.languages = frozenset(codes)

    @classmethod
    def load(cls, models: ModelStore, settings: object) -> Self:
        """Open the catalogue's ``xtts-v2``; of the voice section it takes ``device``, ``threads``.

        Raises ``ModelError`` where the licence was not accepted or the files are not the
        catalogue's, ``EngineError`` where they or the device cannot be used.
        """
        folder = models.path(NAME).absolute()
        device = _device(str(getattr(settings, "device", "cpu")))
        try:
            network = _open(folder).to(device)
        except Exception as error:  # whatever a checkpoint, its configuration or CUDA may raise
            raise EngineError(
                f"XTTS in {folder} cannot be opened: {_gist(error)}; "
                f"check its files with: meetbot models verify {NAME}"
            ) from error
        return cls(network, threads=int(getattr(settings, "threads", 1)))

    def voices(self, language: str) -> tuple[str, ...]:
        """The studio speakers of the checkpoint, who speak every language of it."""
        if language not in self.languages or self._network.speaker_manager is None:
            return ()
        return tuple(self._network.speaker_manager.speaker_names)

    async def clone(
        self, samples: Sequence[NDArray[np.float32]], sample_rate: int, folder: Path
    ) -> None:
        """Compute the latents of a voice from float32 mono samples and keep them in ``folder``.

        Raises ``EngineError`` where the samples are too short or silent.
        """
        try:
            await self._thread.run(self._clone, samples, sample_rate, folder)
        except RuntimeError as error:
            raise EngineError(f"XTTS cannot take on this voice: {_gist(error)}") from error

    async def speak(self, text: str, *, language: str, voice: Voice) -> AsyncGenerator[Speech]:
        """``text`` in stretches of about a second. Raises ``EngineError``."""
        code = language if language in self.languages else "en"
        most = int(self._network.tokenizer.char_limits.get(code, 200))
        try:
            latents = await self._thread.run(self._latents, voice)
            for piece in pieces(text, min(most, 200)):
                if not any(c.isalnum() for c in piece):
                    continue
                stretches = self._stretches(piece, code, latents, voice.pitch)
                while (speech := await self._thread.run(next, stretches, None)) is not None:
                    yield speech
        except (RuntimeError, AssertionError, NotImplementedError) as error:
            raise EngineError(f"XTTS broke: {_gist(error)}") from error

    def _latents(self, voice: Voice) -> Latents:
        if voice.reference is not None:
            return self._stored(voice.reference)
        manager = self._network.speaker_manager
        if manager is None:
            raise EngineError("XTTS needs a voice: give the persona samples of one")
        name = voice.name if voice.name in manager.speakers else manager.speaker_names[0]
        speaker = manager.speakers[name]
        return speaker["gpt_cond_latent"], speaker["speaker_embedding"]

    def _clone(self, samples: Sequence[NDArray[np.float32]], rate: int, folder: Path) -> None:
        config = self._network.config
        torch.set_num_threads(self._threads)
        sounds = [
            torchaudio.functional.resample(torch.from_numpy(each)[None], rate, REFERENCE_RATE)
            for each in samples
        ]
        sounds = [sound[:, : REFERENCE_RATE * config.max_ref_len] for sound in sounds]
        speakers = [self._network.get_speaker_embedding(each, REFERENCE_RATE) for each in sounds]
        latent = self._network.get_gpt_cond_latents(
            torch.cat(sounds, dim=-1),
            REFERENCE_RATE,
            length=config.gpt_cond_len,
            chunk_length=config.gpt_cond_chunk_len,
        )
        tensors = {
            "gpt_cond_latent": latent.cpu().contiguous(),
            "speaker_embedding": torch.stack(speakers).mean(dim=0).cpu().contiguous(),
        }
        if not all(bool(torch.isfinite(each).all()) for each in tensors.values()):
            raise RuntimeError("its samples make no finite numbers")
        save_file(tensors, folder / LATENTS)

    def _stretches(
        self, text: str, language: str, latents: Latents, pitch: float
    ) -> Iterator[Speech]:
        """One piece of text as it is generated, one stretch behind: the last one has a rest."""
        torch.set_num_threads(self._threads)
        rate = int(self._network.args.output_sample_rate)
        resampler = soxr.ResampleStream(rate * pitch, rate, 1) if pitch != 1.0 else None
        script = _Script(text)
        waiting: NDArray[np.float32] | None = None
        first = True
        config = self._network.config
        for chunk in self._network.inference_stream(
            text,
            language,
            *latents,
            speed=1 / pitch,
            temperature=config.temperature,
            repetition_penalty=float(config.repetition_penalty),
            top_k=config.top_k,
            top_p=config.top_p,
        ):
            if waiting is not None:
                speech = script.said(waiting, rate, first=first, last=False)
                if speech is not None:
                    first = False
                    yield speech
            sound = chunk.detach().cpu().numpy().astype(np.float32)
            waiting = resampler.resample_chunk(sound) if resampler else sound
        if waiting is not None:
            if resampler:
                tail = resampler.resample_chunk(np.zeros(0, np.float32), last=True)
                waiting = np.concatenate([waiting, tail])
            speech = script.said(waiting, rate, first=first, last=True)
            if speech is not None:
                yield speech


class _Script:
    """Which words of a text each stretch of its sound says, by how long they usually take."""

    def __init__(self, text: str) -> None:
        self._left = [(word, phonemes(word)) for word in text.split()]

    def said(
        self, samples: NDArray[np.float32], rate: int, *, first: bool, last: bool
    ) -> Speech | None:
        """The next stretch; all words left belong to the last one."""
        bounds = Hush(samples, rate).bounds()
        room = (bounds[1] - bounds[0]) / SECONDS_PER_VOWEL if bounds else 0.0
        taken: list[tuple[str, str]] = []
        while self._left and (last or room > sum(lengths(self._left[0][1])) / 2):
            room -= sum(lengths(self._left[0][1]))
            taken.append(self._left.pop(0))
        words = [word for word, _ in taken]
        sounded = _laid_out([said for _, said in taken], bounds) if bounds else []
        text = " ".join(words)
        return finish(samples, rate, text, sounded, words, estimated=True, first=first, last=last)


def _laid_out(said: Sequence[str], bounds: tuple[float, float]) -> list[Sounded]:
    """The phonemes of words over the time between ``bounds``."""
    total = sum(sum(lengths(each)) for each in said)
    sounded: list[Sounded] = []
    at = bounds[0]
    for index, symbols in enumerate(said):
        end = at + (bounds[1] - bounds[0]) * sum(lengths(symbols)) / max(total, 1e-6)
        sounded += spread(symbols, at, end, index)
        at = end
    return sounded


class _ReadOnlyXtts(Xtts):  # type: ignore[misc]
    """As the library's, but for what a checkpoint may hold, and that it is never rewritten."""

    def _load_checkpoint(self, model_path: Path) -> Any:
        with torch.serialization.safe_globals(SAFE):
            return torch.load(model_path, map_location="cpu", weights_only=True)["model"]


def _open(folder: Path) -> Any:
    config = XttsConfig()
    config.load_json(str(folder / "config.json"))
    network = _ReadOnlyXtts(config)
    network.load_checkpoint(config, checkpoint_dir=str(folder), eval=True)
    return network


def _read_latents(folder: Path) -> Latents:
    try:
        tensors = load_file(folder / LATENTS)
        return tensors["gpt_cond_latent"], tensors["speaker_embedding"]
    except (OSError, KeyError, SafetensorError) as error:
        raise EngineError(
            f"the voice in {folder} cannot be read: {_gist(error)}; add the persona again"
        ) from error


def _device(wanted: str) -> str:
    cuda = torch.cuda.is_available()
    if wanted == "cuda" and not cuda:
        raise EngineError(
            "talking.voice.device is cuda, but torch sees no NVIDIA card; set it to auto or cpu"
        )
    return "cuda:0" if cuda and wanted in ("auto", "cuda") else "cpu"


def _gist(error: Exception) -> str:
    """The first sentence; torch goes on for a paragraph."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].split(". ")[0].rstrip(".")
