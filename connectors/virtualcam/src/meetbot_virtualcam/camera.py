"""The bot's picture in a virtual webcam, at its own pace, for as long as it is there."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Self

import pyvirtualcam

from meetbot.core.clock import monotonic_ns
from meetbot.core.errors import ConfigError, RoomRefused
from meetbot_virtualcam import v4l2
from meetbot_virtualcam.cameras import V4L2, CameraUnusable, cameras, choose_camera, explained
from meetbot_virtualcam.formats import FORMATS, Fitting, sizes_to_try
from meetbot_virtualcam.pacing import Pace

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.config import CameraSettings
    from meetbot_virtualcam.cameras import Camera

__all__ = ["VirtualCamera"]

log = logging.getLogger(__name__)

NS_PER_S = 1_000_000_000
RETRY_SECONDS = 1.0
LOOK_NS = 1_000_000_000
WAITING = 32
STOP_SECONDS = 3.0


class VirtualCamera:
    """Shows the latest picture in a virtual camera, again and again, from a thread of its own.

    An async context manager: entering raises ``RoomRefused`` where no camera can be used, and
    ``ConfigError`` for a setting that is wrong. One that vanishes later is told once in the log
    and tried again each second.
    """

    def __init__(self, settings: CameraSettings, size: tuple[int, int]) -> None:
        self._settings = settings
        self._wanted = size
        self._lock = threading.Lock()
        self._waiting: deque[tuple[int, NDArray[np.uint8]]] = deque()
        self._pixels: NDArray[np.uint8] | None = None
        self._stopping = threading.Event()
        self._ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)
        self._told = False
        self.label = ""
        """What to choose as the camera in Zoom and its kind."""
        self.size = size
        """Width and height that the device has taken."""
        self.frames_sent = 0
        self.conversions = 0
        """How many pictures were scaled and converted; the others were sent as they were."""
        self.missed = 0
        """Deadlines at which nothing was sent, since this thread was not woken."""
        self.dropped = 0
        """Pictures that were never shown: too many waited."""
        self.losses = 0
        """How often the device vanished."""

    @property
    def is_open(self) -> bool:
        """Whether the device is there now."""
        return self._ready.done() and not self._told

    @property
    def counts(self) -> Mapping[str, int]:
        """What was not shown, by kind."""
        return {"video": self.dropped, "camera_deadlines": self.missed}

    def show(self, pixels: NDArray[np.uint8], due_ns: int) -> None:
        """Show ``pixels`` (uint8 RGB, not written to any more) from ``due_ns`` (monotonic) on.

        To be given in the order of time; from any thread; never waits.
        """
        with self._lock:
            if len(self._waiting) == WAITING:
                self._waiting.popleft()
                self.dropped += 1
            self._waiting.append((due_ns, pixels))

    async def __aenter__(self) -> Self:
        self._thread.start()
        try:
            await asyncio.wrap_future(self._ready)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._stopping.set()
        await asyncio.to_thread(self._thread.join, STOP_SECONDS)

    # ------------------------------------------------------------------ the thread

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._serve()
            except CameraUnusable as error:
                if not self._ready.done():
                    self._ready.set_exception(RoomRefused(str(error)))
                    return
                self._lost(str(error))
            except ConfigError as error:
                if not self._ready.done():
                    self._ready.set_exception(error)
                    return
                self._lost(str(error))
            except Exception as error:  # a camera's driver must not end the bot
                if not self._ready.done():
                    self._ready.set_exception(RoomRefused(f"the camera cannot be used: {error}"))
                    return
                self._lost(f"the camera failed: {error}")
            self._stopping.wait(RETRY_SECONDS)

    def _lost(self, line: str) -> None:
        if not self._told:
            log.warning("%s; the bot goes on, and tries again each second", line)
            self.losses += 1
        self._told = True

    def _serve(self) -> None:
        chosen = choose_camera(self._settings, cameras(probe=False))
        before = v4l2.stat_of(chosen.device or "") if _is_file(chosen) else None
        device, fitting = self._opened(chosen)
        try:
            self.label = chosen.label if _is_file(chosen) else device.device
            if self._told:
                log.warning("the camera %s is back", self.label)
            self._told = False
            if not self._ready.done():
                self._ready.set_result(None)
            self._send(device, fitting, chosen, before)
        finally:
            device.close()

    def _opened(self, chosen: Camera) -> tuple[Any, Fitting]:
        """The device in the best size and format that it takes. Raises ``CameraUnusable``."""
        has = None
        if _is_file(chosen) and chosen.device is not None:
            has = v4l2.held_size(chosen.device, self._wanted)
        first: Exception | None = None
        for size in sizes_to_try(self._wanted, has):
            for name in FORMATS.get(chosen.backend, ("RGB", "I420")):
                try:
                    device = pyvirtualcam.Camera(
                        *size,
                        self._settings.fps,
                        fmt=pyvirtualcam.PixelFormat[name],
                        device=chosen.device,
                        backend=chosen.backend,
                    )
                except (RuntimeError, ValueError) as error:
                    first = first or error
                    continue
                self.size = size
                if size != self._wanted:
                    log.info("%s takes %d×%d only; fitted into it", chosen.label, *size)
                return device, Fitting(size, name)
        raise explained(chosen, first or RuntimeError("no size fits"))

    def _send(
        self, device: Any, fitting: Fitting, chosen: Camera, before: os.stat_result | None
    ) -> None:
        """A frame at each deadline until told to stop. Raises ``CameraUnusable``: it is gone."""
        pace = Pace(self._settings.fps, monotonic_ns())
        half_ns = NS_PER_S // self._settings.fps // 2
        look_ns = monotonic_ns() + LOOK_NS
        done, missed = self.conversions, self.missed
        while not self._stopping.is_set():
            ahead_ns = pace.due_ns - monotonic_ns()
            if ahead_ns > 0 and self._stopping.wait(ahead_ns / NS_PER_S):
                return
            now_ns = monotonic_ns()
            frame = fitting.fit(self._picture(now_ns + half_ns))
            try:
                device.send(frame)
            except Exception as error:  # whatever a driver raises, the device is not usable
                raise CameraUnusable(f"the camera {self.label} is gone ({error})") from error
            self.frames_sent += 1
            pace.sent(monotonic_ns())
            self.conversions, self.missed = done + fitting.conversions, missed + pace.missed
            if chosen.device is not None and now_ns >= look_ns and _is_file(chosen):
                look_ns = now_ns + LOOK_NS
                if not v4l2.same_device(chosen.device, before):
                    raise CameraUnusable(f"the camera {self.label} is gone")

    def _picture(self, until_ns: int) -> NDArray[np.uint8] | None:
        """The last picture that is due at ``until_ns``."""
        with self._lock:
            while self._waiting and self._waiting[0][0] <= until_ns:
                self._pixels = self._waiting.popleft()[1]
            return self._pixels


def _is_file(camera: Camera) -> bool:
    return camera.backend == V4L2
