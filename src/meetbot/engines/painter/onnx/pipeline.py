"""Latent diffusion with ONNX networks (Rombach et al. 2022, https://arxiv.org/abs/2112.10752).

Classifier-free guidance runs the network twice a step, one text after the other: on a processor
that takes as long as both at once, and half the memory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from meetbot.core.errors import EngineError, OutOfMemory
from meetbot.engines.onnx import open_session
from meetbot.engines.painter.onnx.schedule import Walk, plan
from meetbot.engines.painter.prompts import fit_prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.engines.painter.onnx.manifest import Autoencoder, Manifest, TextEncoder

    Array = NDArray[np.float32]

__all__ = ["OnnxPipeline", "Order", "Stopped", "Stopping"]

OUT_OF_MEMORY = ("bad allocation", "bad_alloc", "Failed to allocate memory", "out of memory")
"""How ONNX Runtime says it."""


MARKS = 2
"""Tokens that begin and end every prompt."""


class Stopped(Exception):
    """The picture was not wanted any more."""


class Stopping:
    """Stops a picture from another thread, in the middle of a network too."""

    def __init__(self) -> None:
        self.options = onnxruntime.RunOptions()
        self.asked = False

    def stop(self) -> None:
        """Let what runs raise ``Stopped`` soon."""
        self.asked = True
        self.options.terminate = True


@dataclass(frozen=True, slots=True)
class Order:
    """A picture to make. ``size``: width and height in pixels, multiples of the manifest's.

    ``reference``: float32 in -1…1, shape ``(1, 3, height, width)``; None: from noise alone.
    ``strength``: 0…1, how far to go from it. ``noise``: fresh noise of a shape, at every call.
    """

    prompt: str
    negative: str
    size: tuple[int, int]
    steps: int
    guidance: float
    noise: Callable[[tuple[int, ...]], Array]
    reference: Array | None = None
    strength: float = 1.0


class OnnxPipeline:
    """The networks of an exported folder, opened. Blocking; one picture at a time."""

    def __init__(self, folder: Path, manifest: Manifest, *, tiny: bool, threads: int) -> None:
        self.manifest = manifest
        small = manifest.tiny_autoencoder if tiny else None
        self._autoencoder: Autoencoder = small or manifest.autoencoder
        names = {
            manifest.network,
            self._autoencoder.encoder,
            self._autoencoder.decoder,
            *(text.network for text in manifest.texts),
        }
        self._sessions: Mapping[str, Any] = {
            name: open_session(folder / name, threads=threads) for name in sorted(names)
        }
        self._tokenizers = {text.tokenizer: _tokenizer(folder, text) for text in manifest.texts}

    def fitted(self, prompt: str) -> str:
        """``prompt``, without its middle where the text encoder would not read it all."""
        first = self.manifest.texts[0]
        tokenizer = self._tokenizers[first.tokenizer]

        def count(words: Sequence[str]) -> list[int]:
            return [len(tokenizer.encode(word, add_special_tokens=False).ids) for word in words]

        return fit_prompt(prompt, first.length - MARKS, count)

    def paint(self, order: Order, stopping: Stopping) -> NDArray[np.uint8]:
        """The picture, uint8 RGB ``(height, width, 3)``.

        Raises ``Stopped`` soon after ``stopping.stop``, ``OutOfMemory``, ``EngineError``.
        """
        try:
            with np.errstate(invalid="ignore", over="ignore"):  # what is no number is found below
                return self._paint(order, stopping)
        except MemoryError as error:
            raise OutOfMemory(f"{self.manifest.name} needs more memory than there is") from error

    def _paint(self, order: Order, stopping: Stopping) -> NDArray[np.uint8]:
        texts = self._texts(order, stopping)
        steps = plan(self.manifest.scheduler, order.steps, self._strength(order))
        walk = Walk(steps)
        per = self.manifest.pixels_per_latent
        width, height = order.size
        shape = (1, self.manifest.latent_channels, height // per, width // per)
        latents = walk.begin(order.noise(shape), self._encoded(order, stopping))
        for index, timestep in enumerate(steps.timesteps):
            seen = walk.seen(index, latents)
            output = self._guided(seen, timestep, texts, order, stopping)
            latents = walk.step(index, latents, output, lambda: order.noise(shape))
        return self._decoded(latents, stopping)

    @staticmethod
    def _strength(order: Order) -> float:
        return 1.0 if order.reference is None else min(max(order.strength, 0.01), 1.0)

    def _texts(self, order: Order, stopping: Stopping) -> list[dict[str, Array]]:
        """What the network reads: of the prompt and, where it is guided away from, the other."""
        texts = [self._read(order.prompt, order, stopping)]
        if order.guidance > 1 and self.manifest.built_in_guidance is None:
            other = self._read(order.negative, order, stopping)
            if not order.negative and self.manifest.empty_negative_is_zeros:
                zeros = {"text", "pooled"} & other.keys()
                other |= {name: np.zeros_like(other[name]) for name in zeros}
            texts.append(other)
        return texts

    def _read(self, text: str, order: Order, stopping: Stopping) -> dict[str, Array]:
        hidden, pooled = [], None
        for encoder in self.manifest.texts:
            tokens = np.full((1, encoder.length), encoder.padding, np.int64)
            ids = self._tokenizers[encoder.tokenizer].encode(text).ids
            tokens[0, : len(ids)] = ids
            outputs = self._run(encoder.network, {"tokens": tokens}, stopping)
            hidden.append(outputs[0])
            pooled = outputs[1] if encoder.pooled else pooled
        read = {"text": np.concatenate(hidden, axis=-1)}
        if self.manifest.extended and pooled is not None:
            width, height = order.size
            sizes = np.array([[height, width, 0, 0, height, width]], np.float32)
            read |= {"pooled": pooled, "sizes": sizes}
        return read

    def _guided(
        self,
        seen: Array,
        timestep: float,
        texts: list[dict[str, Array]],
        order: Order,
        stopping: Stopping,
    ) -> Array:
        feed = {"latents": seen, "timestep": np.array([timestep], np.float32)}
        if self.manifest.built_in_guidance is not None:
            feed["guidance"] = _guidance_vector(order.guidance, self.manifest.built_in_guidance)
        outputs = [self._run(self.manifest.network, feed | text, stopping)[0] for text in texts]
        if len(outputs) == 1:
            return outputs[0]
        towards, away = outputs
        return away + np.float32(order.guidance) * (towards - away)

    def _encoded(self, order: Order, stopping: Stopping) -> Array | None:
        if order.reference is None:
            return None
        coder = self._autoencoder
        (latents,) = self._run(coder.encoder, {"pixels": order.reference}, stopping)
        return (latents - np.float32(coder.shift)) * np.float32(coder.scale)

    def _decoded(self, latents: Array, stopping: Stopping) -> NDArray[np.uint8]:
        coder = self._autoencoder
        latents = latents / np.float32(coder.scale) + np.float32(coder.shift)
        (pixels,) = self._run(coder.decoder, {"latents": latents}, stopping)
        if not np.isfinite(pixels).all():
            raise EngineError(f"{self.manifest.name} made no picture but numbers beyond all")
        scaled = np.clip(pixels[0] / 2 + 0.5, 0, 1) * 255
        return np.ascontiguousarray(np.round(scaled).astype(np.uint8).transpose(1, 2, 0))

    def _run(self, name: str, feed: Mapping[str, Any], stopping: Stopping) -> list[Array]:
        if stopping.asked:
            raise Stopped
        try:
            outputs: list[Array] = self._sessions[name].run(None, dict(feed), stopping.options)
        except MemoryError:
            raise
        except Exception as error:
            if stopping.asked:
                raise Stopped from None
            if any(words in str(error) for words in OUT_OF_MEMORY):
                raise OutOfMemory(
                    f"{self.manifest.name} needs more memory than there is for {name}; "
                    "set painting.painter.width and height lower"
                ) from error
            raise EngineError(f"{name} of {self.manifest.name} failed: {error}") from error
        return outputs


def _tokenizer(folder: Path, text: TextEncoder) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_file(str(folder / text.tokenizer))
    except Exception as error:  # the library raises Exception itself
        raise EngineError(f"{folder / text.tokenizer} is not a tokenizer: {error}") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(text.length)
    return tokenizer


def _guidance_vector(guidance: float, length: int) -> Array:
    """Sines and cosines of it, as consistency models are told it (Luo et al. 2023, appendix)."""
    half = length // 2
    rates = np.exp(-math.log(10_000) / (half - 1) * np.arange(half))
    angles = (guidance - 1) * 1000 * rates
    vector = np.concatenate([np.sin(angles), np.cos(angles), np.zeros(length % 2)])
    return vector[np.newaxis].astype(np.float32)
