"""The painter over an exported folder."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

import numpy as np

from meetbot.core.errors import ConfigError
from meetbot.core.pictures import Painting
from meetbot.core.worker import ModelThread
from meetbot.engines.painter.canvas import fit, paint_size
from meetbot.engines.painter.onnx.folder import find_export
from meetbot.engines.painter.onnx.pipeline import OnnxPipeline, Order, Stopped, Stopping

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.config import PainterSettings
    from meetbot.core.pictures import PaintRequest
    from meetbot.models import ModelStore

__all__ = ["OnnxPainter"]

NICENESS = 10


class OnnxPainter:
    """One exported model on a thread of its own, on the processor."""

    def __init__(self, pipeline: OnnxPipeline, settings: PainterSettings) -> None:
        manifest = pipeline.manifest
        self._pipeline = pipeline
        self.steps = settings.steps or manifest.steps
        self._guidance = manifest.guidance if settings.guidance is None else settings.guidance
        self._thread = ModelThread("onnx-painter", niceness=NICENESS)
        self.name = f"onnx {manifest.name} {manifest.dtype}"

    @classmethod
    def load(cls, models: ModelStore, settings: PainterSettings) -> Self:
        """Open the export that ``settings.model`` names, a folder or ``auto``. Blocks for seconds.

        Raises ``ModelError`` where it is not there, not whole, or its licence was not accepted,
        ``ConfigError`` for settings that it cannot follow.
        """
        if settings.device not in {"auto", "cpu"}:
            raise ConfigError(
                f"painting.painter.device is {settings.device}, but the engine onnx paints on the "
                'processor; set it to "cpu", or the engine to "diffusers"'
            )
        if settings.controlnet is not None:
            raise ConfigError(
                "painting.painter.controlnet needs the engine diffusers; onnx has no ControlNet"
            )
        folder, manifest = find_export(models, settings.model)
        pipeline = OnnxPipeline(folder, manifest, tiny=settings.tiny_vae, threads=settings.threads)
        return cls(pipeline, settings)

    async def paint(self, request: PaintRequest) -> Painting:
        """Paint; cancelling stops at once. Raises ``OutOfMemory``, ``EngineError``."""
        stopping = Stopping()
        try:
            return await self._thread.run(self._paint, request, stopping)
        except asyncio.CancelledError:
            stopping.stop()
            raise

    async def close(self) -> None:
        """Give the memory back, once what is being painted has ended."""
        self._thread.close()
        del self._pipeline

    def _paint(self, request: PaintRequest, stopping: Stopping) -> Painting:
        if stopping.asked:
            raise Stopped
        manifest = self._pipeline.manifest
        wanted = request.width, request.height
        size = manifest.size or paint_size(*wanted, manifest.side, manifest.multiple)
        prompt, negative, notes = self._words(request)
        if len(request.references) > 1:
            notes.append(f"after {request.references[0].name} only")
        rng = np.random.default_rng(request.seed % 2**63)
        order = Order(
            prompt=prompt,
            negative=negative,
            size=size,
            steps=self.steps,
            guidance=self._guidance,
            noise=lambda shape: rng.standard_normal(shape, np.float32),
            reference=_reference(request, size),
            strength=request.strength,
        )
        pixels = self._pipeline.paint(order, stopping)
        if size != wanted:
            pixels = np.asarray(fit(pixels, *wanted))
        return Painting(pixels, self.name, "; ".join(notes))

    def _words(self, request: PaintRequest) -> tuple[str, str, list[str]]:
        """The two prompts, and what they do without."""
        notes = []
        prompt = self._pipeline.fitted(request.prompt)
        if prompt != request.prompt:
            notes.append("the middle of a long prompt left out")
        if not request.negative:
            return prompt, "", notes
        if not self._pipeline.manifest.negative or self._guidance <= 1:
            return prompt, "", [*notes, "without the negative prompt"]
        return prompt, self._pipeline.fitted(request.negative), notes


def _reference(request: PaintRequest, size: tuple[int, int]) -> NDArray[np.float32] | None:
    if not request.references:
        return None
    scaled = np.asarray(fit(request.references[0].pixels, *size), np.float32) / 127.5 - 1
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[np.newaxis])
