"""How long the program takes to begin: ``import meetbot`` and ``meetbot --help``."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from dataclasses import dataclass

from meetbot.core.errors import EngineError

__all__ = ["Startup", "measure_startup"]

RUNS = 7


@dataclass(frozen=True, slots=True)
class Startup:
    """Median seconds of a fresh process, over ``runs``; ``bare_s`` is Python doing nothing."""

    runs: int
    bare_s: float
    import_s: float
    help_s: float


async def measure_startup(runs: int = RUNS) -> Startup:
    """Time fresh processes, in turns so that a slow moment touches all of them."""
    commands = {
        "bare": ["-c", "pass"],
        "import": ["-c", "import meetbot"],
        "help": ["-m", "meetbot", "--help"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, arguments in commands.items():
            times[name].append(await _time(arguments))
    medians = {name: statistics.median(values) for name, values in times.items()}
    return Startup(runs, medians["bare"], medians["import"], medians["help"])


async def _time(arguments: list[str]) -> float:
    begin = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.DEVNULL
    )
    code = await process.wait()
    if code:
        raise EngineError(f"python {' '.join(arguments)} ended with {code}")
    return time.perf_counter() - begin
