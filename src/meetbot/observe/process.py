"""How much processor time and memory this process and its children take."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

import psutil

from meetbot.core.clock import monotonic_ns

__all__ = ["ProcessSampler", "ProcessUse"]

BYTES_PER_MB = 1_000_000
NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class ProcessUse:
    """``peak_rss_mb``: of the samples, in 10⁶ bytes; ``cpu_cores_mean``: cores busy on average."""

    seconds: float
    peak_rss_mb: float
    rss_mb: float
    cpu_cores_mean: float


class ProcessSampler:
    """Samples one process while ``run`` is awaited, or whenever ``sample`` is called."""

    def __init__(self, pid: int | None = None) -> None:
        self._process = psutil.Process(pid)
        self._began = monotonic_ns()
        self._cpu_before = self._cpu_seconds()
        self._rss = self._peak = self._process.memory_info().rss

    def sample(self) -> None:
        """Take one sample. Reads a file of the kernel's: some 20 µs."""
        self._rss = self._process.memory_info().rss
        self._peak = max(self._peak, self._rss)

    async def run(self, interval_seconds: float = 0.5) -> None:
        """Sample until cancelled, or until the process ends."""
        with contextlib.suppress(psutil.NoSuchProcess):
            while True:
                await asyncio.to_thread(self.sample)
                await asyncio.sleep(interval_seconds)

    def use(self) -> ProcessUse:
        """What was used since this sampler was made."""
        seconds = (monotonic_ns() - self._began) / NS_PER_S
        cpu = self._cpu_seconds() - self._cpu_before
        return ProcessUse(
            seconds,
            self._peak / BYTES_PER_MB,
            self._rss / BYTES_PER_MB,
            cpu / seconds if seconds > 0 else 0.0,
        )

    def _cpu_seconds(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)
