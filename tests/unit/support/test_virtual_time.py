"""The virtual loop itself, since half the suite stands on it."""

from __future__ import annotations

import asyncio
import time

import pytest

from meetbot.core.clock import MeetingClock
from meetbot.core.worker import ModelThread

pytestmark = pytest.mark.virtual_time


async def test_an_hour_of_sleep_passes_at_once() -> None:
    began = time.perf_counter()
    before = asyncio.get_running_loop().time()
    await asyncio.sleep(3600)
    assert asyncio.get_running_loop().time() - before == pytest.approx(3600)
    assert time.perf_counter() - began < 1


async def test_timers_fire_in_order_at_their_own_times() -> None:
    clock = MeetingClock()
    seen: list[tuple[str, int]] = []

    async def note(name: str, after: float) -> None:
        await asyncio.sleep(after)
        seen.append((name, round(clock.now_ns() / 1e6)))

    await asyncio.gather(note("late", 2.0), note("early", 0.5), note("middle", 1.25))
    assert seen == [("early", 500), ("middle", 1250), ("late", 2000)]


async def test_time_stands_still_while_a_thread_works() -> None:
    thread = ModelThread("test")
    clock = MeetingClock()
    try:
        alarm = asyncio.create_task(asyncio.sleep(0.01))
        assert await thread.run(lambda: time.sleep(0.1) or "done") == "done"
        assert clock.now_ns() < 10_000_000
        await alarm
    finally:
        thread.close()


async def test_a_timeout_on_something_that_never_comes_ends() -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), 100)
