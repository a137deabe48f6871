"""A thread for one sound device, which follows when another takes the device's place."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from meetbot_virtualcam.sound_ports import Player, Recorder, SoundGone

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DeviceThread"]

log = logging.getLogger(__name__)

RETRY_SECONDS = 0.2
CLOSE_SECONDS = 2.0
NICENESS = -10

Stream = TypeVar("Stream", bound="Recorder | Player")


class DeviceThread(ABC, Generic[Stream]):
    """Uses the device that it is told to, and waits while there is none.

    ``open_device`` is called on the thread. What is done with the device is ``_work``, which
    returns once ``_goes_on`` is no longer true; it may raise ``SoundGone`` at any time.
    """

    def __init__(self, name: str, open_device: Callable[[str], Stream]) -> None:
        self._name = name
        self._open_device = open_device
        self._turn = threading.Condition()
        self._device: str | None = None
        self._stream: Stream | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def use(self, device: str | None) -> None:
        """From now on ``device``; None: nothing."""
        with self._turn:
            if device != self._device:
                self._device = device
                self._wake()

    def close(self) -> None:
        """End; waits until the device is let go."""
        with self._turn:
            self._stopping = True
            self._wake()
        if self._thread.ident is not None:
            self._thread.join(timeout=CLOSE_SECONDS)

    # ------------------------------------------------------------------ the thread

    @abstractmethod
    def _work(self, stream: Stream, device: str) -> None:
        """What is done with the device, for as long as ``_goes_on(device)``."""

    def _goes_on(self, device: str) -> bool:
        return self._device == device and not self._stopping

    def _sleep(self, seconds: float) -> None:
        """Until then, or until this thread is to end."""
        with self._turn:
            self._turn.wait_for(lambda: self._stopping, timeout=seconds)

    def _wake(self) -> None:
        if self._stream is not None:
            self._stream.stop()
        self._turn.notify_all()

    def _run(self) -> None:
        _hurry()
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._stopping or self._device is not None)
                if self._stopping:
                    return
                device = self._device or ""
            try:
                self._use(device)
            except SoundGone as error:
                log.debug("%s: %s", self._name, error)
                with self._turn:
                    if self._goes_on(device):
                        self._turn.wait(RETRY_SECONDS)

    def _use(self, device: str) -> None:
        stream = self._open_device(device)
        try:
            with self._turn:
                if not self._goes_on(device):
                    return
                self._stream = stream
            self._work(stream, device)
        finally:
            with self._turn:
                self._stream = None
            stream.close()


def _hurry() -> None:
    """Let this thread go before others, where the system allows it (Linux, with the right to)."""
    if hasattr(os, "setpriority"):
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
