"""The loop monitor tells a loop that computes from one that waits; the sampler counts cores."""

from __future__ import annotations

import asyncio
import select
import time

import pytest

from meetbot.observe import LoopMonitor, ProcessSampler


def _compute(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        sum(range(200))


async def test_a_callback_that_computes_is_named_with_its_processor_time() -> None:
    async def greedy() -> None:
        _compute(0.06)

    with LoopMonitor(limit_ms=20) as monitor:
        await asyncio.create_task(greedy(), name="the-greedy-one")
        await asyncio.sleep(0.01)
    report = monitor.report()
    assert report.slow_by_cpu == 1
    assert report.longest_cpu_ms >= 60
    worst = max(report.worst, key=lambda stall: stall.cpu_ms)
    assert "the-greedy-one" in worst.callback
    assert "greedy" in worst.callback


async def test_a_callback_that_waits_is_slow_but_not_by_the_processor() -> None:
    def waits() -> None:
        select.select([], [], [], 0.06)

    with LoopMonitor(limit_ms=20) as monitor:
        asyncio.get_running_loop().call_soon(waits)
        await asyncio.sleep(0.01)
    report = monitor.report()
    assert report.slow >= 1
    assert report.longest_ms >= 60
    assert any("waits" in stall.callback and stall.cpu_ms < 20 for stall in report.worst)


async def test_a_quiet_loop_has_no_processor_hog() -> None:
    with LoopMonitor(limit_ms=20) as monitor:
        for _ in range(101):
            await asyncio.sleep(0)
    report = monitor.report()
    assert report.callbacks >= 100
    assert report.slow_by_cpu == 0


async def test_monitoring_ends_with_the_block_even_after_an_error() -> None:
    before = asyncio.Handle._run
    with pytest.raises(RuntimeError, match="inside"), LoopMonitor():
        raise RuntimeError("inside")
    assert asyncio.Handle._run is before


def test_the_sampler_counts_processor_and_memory() -> None:
    sampler = ProcessSampler()
    sampler.sample()
    held = bytearray(80_000_000)
    held[::4096] = b"x" * len(held[::4096])
    sampler.sample()
    del held
    _compute(0.3)
    sampler.sample()
    use = sampler.use()
    assert use.seconds > 0.25
    assert 0.1 < use.cpu_cores_mean < 4
    assert use.peak_rss_mb > 80
    assert use.peak_rss_mb >= use.rss_mb


async def test_the_sampler_runs_beside_other_work() -> None:
    sampler = ProcessSampler()
    running = asyncio.create_task(sampler.run(0.01))
    await asyncio.sleep(0.05)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert sampler.use().peak_rss_mb > 1
