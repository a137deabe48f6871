"""The meeting clock counts loop time; a model's thread runs one call at a time."""

from __future__ import annotations

import asyncio
import os
import threading
import time

import pytest

from meetbot.core.clock import MeetingClock, monotonic_ns, wall_now
from meetbot.core.worker import ModelThread


@pytest.mark.virtual_time
async def test_lateness_does_not_add_up_over_absolute_deadlines() -> None:
    clock = MeetingClock()
    for step in range(1, 100):
        await asyncio.sleep(0.003)
        await clock.sleep_until(step * 40_000_000)
    assert clock.now_ns() == pytest.approx(99 * 40_000_000, abs=1000)


@pytest.mark.virtual_time
async def test_a_deadline_that_has_passed_does_not_wait() -> None:
    clock = MeetingClock()
    await asyncio.sleep(1)
    await clock.sleep_until(500_000_000)
    assert clock.now_ns() == pytest.approx(1_000_000_000, abs=1000)


def test_the_wall_clock_knows_its_time_zone_and_the_monotonic_one_goes_forward() -> None:
    assert wall_now().tzinfo is not None
    assert monotonic_ns() <= monotonic_ns()


async def test_calls_run_in_order_on_one_thread_that_is_not_the_loop() -> None:
    worker = ModelThread("one")
    order: list[int] = []

    def work(number: int) -> int:
        time.sleep(0.01 * (3 - number))
        order.append(number)
        return threading.get_ident()

    threads = await asyncio.gather(*(worker.run(work, number) for number in range(3)))
    worker.close()
    assert order == [0, 1, 2]
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()


async def test_an_error_on_the_thread_reaches_the_one_who_awaits() -> None:
    worker = ModelThread("one")
    with pytest.raises(ZeroDivisionError):
        await worker.run(lambda: 1 / 0)
    assert await worker.run(lambda: "still there") == "still there"
    worker.close()


async def test_a_call_that_is_cancelled_before_its_turn_never_runs() -> None:
    worker = ModelThread("one")
    gate = threading.Event()
    ran: list[str] = []
    first = asyncio.create_task(worker.run(gate.wait, 5))
    second = asyncio.create_task(worker.run(ran.append, "second"))
    await asyncio.sleep(0.02)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    gate.set()
    assert await first
    await worker.run(lambda: None)
    worker.close()
    assert ran == []


async def test_a_nice_thread_lets_others_go_first() -> None:
    worker = ModelThread("nice", niceness=5)
    niceness = await worker.run(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
    worker.close()
    assert niceness == 5
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) != niceness
