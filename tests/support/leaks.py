"""Finds asyncio tasks that a test left running."""

from __future__ import annotations

import asyncio

__all__ = ["leaked_tasks"]

TURNS_TO_FINISH = 5


async def leaked_tasks(known: set[asyncio.Task[object]]) -> list[str]:
    """Names of the tasks, beyond ``known`` and the caller, that still run after a few turns."""
    for _ in range(TURNS_TO_FINISH):
        await asyncio.sleep(0)
    left = asyncio.all_tasks() - known - {asyncio.current_task()}
    return sorted(f"{task.get_name()}: {task.get_coro()}" for task in left if not task.done())
