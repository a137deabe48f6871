"""The painter ``diffusers``: one pipeline, one picture at a time, on a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np
import torch

from meetbot.core.errors import EngineError, MeetbotError, OutOfMemory
from meetbot.core.pictures import Painting, PaintRequest
from meetbot.core.worker import ModelThread
from meetbot.engines.painter.canvas import fit
from meetbot.engines.painter.diffusers.calls import Call, plan
from meetbot.engines.painter.diffusers.devices import free_memory, out_of_memory
from meetbot.engines.painter.diffusers.loading import open_studio
from meetbot.engines.painter.diffusers.studio import gist

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from meetbot.config.painting import PainterSettings
    from meetbot.engines.painter.diffusers.studio import Studio
    from meetbot.models import ModelStore

__all__ = ["DiffusersPainter"]

T = TypeVar("T")

NICENESS = 10
WARM_UP_SIDE = 64
"""On a CPU, where a picture of the real size takes as long in advance as later."""


class _Stopped(Exception):
    """Nobody waits for this picture any more."""


class DiffusersPainter:
    """Paints with whatever pipeline ``open_studio`` found."""

    def __init__(self, studio: Studio, settings: PainterSettings) -> None:
        self._studio: Studio | None = studio
        self._settings = settings
        self._thread = ModelThread("diffusers", niceness=NICENESS)
        self.name = f"diffusers {studio.name}"
        self.device = studio.device
        self.steps = settings.steps or studio.family.steps

    @classmethod
    def load(cls, models: ModelStore, settings: PainterSettings) -> Self:
        """Open the model that the settings name, and paint once to warm up.

        Raises ``ModelError`` where it is missing, damaged, unsafe or under a licence that was not
        accepted; ``ConfigError``, ``OutOfMemory``, ``EngineError``.
        """
        torch.set_num_threads(settings.threads)
        painter = cls(_guarded(lambda: open_studio(models, settings)), settings)
        _guarded(painter._warm_up)
        return painter

    async def paint(self, request: PaintRequest) -> Painting:
        """Paint; cancelling stops after the step under way.

        The picture is painted at the model's own size where that is smaller, and then enlarged.
        Raises ``OutOfMemory``, ``EngineError``.
        """
        if self._studio is None:
            raise EngineError("this painter was closed")
        stop = threading.Event()
        try:
            return await self._thread.run(self._paint, request, stop)
        except asyncio.CancelledError:
            stop.set()
            raise

    async def close(self) -> None:
        """Give the memory back once the picture under way is done."""
        try:
            await self._thread.run(self._release)
        finally:
            self._thread.close()

    def _release(self) -> None:
        studio, self._studio = self._studio, None
        if studio is not None:
            device = studio.device
            del studio
            free_memory(device)

    def _paint(self, request: PaintRequest, stop: threading.Event) -> Painting:
        studio = self._studio
        if studio is None:
            raise EngineError("this painter was closed")
        torch.set_num_threads(self._settings.threads)

        def work() -> Painting:
            call = plan(studio, self._settings, request)
            pixels = _run(studio, call, stop)
            if pixels.shape[:2] != (request.height, request.width):
                pixels = np.asarray(fit(pixels, request.width, request.height))
            return Painting(pixels, self.name, "; ".join(call.notes))

        return _guarded(work, studio.device)

    def _warm_up(self) -> None:
        settings, studio = self._settings, self._studio
        real = settings.compile or (studio is not None and studio.device.type != "cpu")
        width, height = (settings.width, settings.height) if real else (WARM_UP_SIDE, WARM_UP_SIDE)
        request = PaintRequest("", "a house", "en", 0, width, height)
        for _ in range(3 if real else 1):
            self._paint(request, threading.Event())


def _run(studio: Studio, call: Call, stop: threading.Event) -> NDArray[np.uint8]:
    def after_step(_pipeline: Any, _step: int, _time: Any, state: dict[str, Any]) -> dict[str, Any]:
        if stop.is_set():
            raise _Stopped
        return state

    if stop.is_set():
        raise _Stopped
    call.pipeline.scheduler = studio.scheduler()
    with torch.inference_mode():
        made = call.pipeline(**call.arguments, callback_on_step_end=after_step)
        picture = torch.nan_to_num(made.images[0]).permute(1, 2, 0)
        pixels: NDArray[np.uint8] = (picture.float() * 255).round().byte().cpu().numpy()
    return np.ascontiguousarray(pixels)


def _guarded(work: Callable[[], T], device: torch.device | None = None) -> T:
    """``work()``, with what torch raises told as this project's errors."""
    try:
        return work()
    except (_Stopped, MeetbotError):
        raise
    except Exception as error:
        short = out_of_memory(error)
        message = gist(error)
    # Outside of the handler: the traceback holds the tensors that are to be freed.
    if short:
        free_memory(device or torch.device("cpu"))
        raise OutOfMemory(f"the device has not enough memory: {message}")
    raise EngineError(f"the diffusion model broke: {message}")
