"""How much processor time and memory a process takes."""

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
    """Samples one process (None: this one) while ``run`` is awaited, or at each ``sample``.

    The processes that it has started count as well.
    """

    def __init__(self, pid: int | None = None) -> None:
        self._pid = pid
        self._process: psutil.Process | None = None
        self._began = self._last = 0
        self._cpu_began = self._cpu_last = 0.0
        self._cpu: dict[int, float] = {}
        self._rss = self._peak = 0

    def sample(self) -> None:
        """Take one sample; the first begins the measurement. Reads files of the kernel's.

        Raises ``psutil.NoSuchProcess`` when the process has ended.
        """
        process = self._process or psutil.Process(self._pid)
        self._rss = self._look_at(process)
        for child in process.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                self._rss += self._look_at(child)
        self._last, self._cpu_last = monotonic_ns(), sum(self._cpu.values())
        self._peak = max(self._peak, self._rss)
        if self._process is None:
            self._process = process
            self._began, self._cpu_began = self._last, self._cpu_last

    def _look_at(self, process: psutil.Process) -> int:
        """Note the processor time of one process; its memory, in bytes."""
        times = process.cpu_times()
        self._cpu[process.pid] = times.user + times.system
        memory: int = process.memory_info().rss
        return memory

    async def run(self, interval_seconds: float = 0.5) -> None:
        """Sample until cancelled, or until the process ends."""
        with contextlib.suppress(psutil.NoSuchProcess):
            while True:
                await asyncio.to_thread(self.sample)
                await asyncio.sleep(interval_seconds)

    def use(self) -> ProcessUse:
        """What was used between the first sample and the last."""
        seconds = (self._last - self._began) / NS_PER_S
        cpu = self._cpu_last - self._cpu_began
        cores = cpu / seconds if seconds > 0 else 0.0
        return ProcessUse(seconds, self._peak / BYTES_PER_MB, self._rss / BYTES_PER_MB, cores)
