"""A virtual camera in memory: a backend of pyvirtualcam that takes what its ``Bench`` lets it."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyvirtualcam.util import decode_fourcc

from meetbot.core.clock import monotonic_ns

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Bench"]


@dataclass(slots=True)
class Bench:
    """What the camera takes, and what it was sent. ``failure``: raised on opening and sending."""

    sizes: set[tuple[int, int]] | None = None
    formats: set[str] | None = None
    failure: str | None = None
    opened: list[tuple[int, int, str, float]] = field(default_factory=list)
    tries: int = 0
    times: list[int] = field(default_factory=list)
    frames: list[NDArray[np.uint8]] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    closed: int = 0
    grown: threading.Condition = field(default_factory=threading.Condition)

    def backend(self) -> type:
        """A class to register with pyvirtualcam."""
        bench = self

        class MemoryCamera:
            def __init__(
                self, *, width: int, height: int, fps: float, fourcc: int, device: str | None
            ) -> None:
                form = decode_fourcc(fourcc)
                self._device = device or "Memory"
                with bench.grown:
                    bench.tries += 1
                    bench.grown.notify_all()
                if bench.failure is not None:
                    raise RuntimeError(bench.failure)
                if bench.sizes is not None and (width, height) not in bench.sizes:
                    raise RuntimeError("this size is not taken")
                if bench.formats is not None and form not in bench.formats:
                    raise ValueError("Unsupported image format.")
                with bench.grown:
                    bench.opened.append((width, height, form, fps))
                    bench.grown.notify_all()

            def send(self, frame: NDArray[np.uint8]) -> None:
                if bench.failure is not None:
                    raise RuntimeError(bench.failure)
                with bench.grown:
                    bench.times.append(monotonic_ns())
                    bench.frames.append(frame)
                    bench.threads.add(threading.get_ident())
                    bench.grown.notify_all()

            def close(self) -> None:
                bench.closed += 1

            def device(self) -> str:
                return self._device

            def native_fourcc(self) -> None:
                return None

        return MemoryCamera

    async def until(self, told: Callable[[], Any]) -> None:
        """Return as soon as ``told()`` is true; it is asked whenever something has happened."""
        assert await asyncio.to_thread(self._wait, told)

    def _wait(self, told: Callable[[], Any]) -> bool:
        with self.grown:
            return self.grown.wait_for(lambda: bool(told()), timeout=20.0)
