"""Eight people in a LiveKit room, two of whom speak at any time, and the bot that listens.

    python benchmarks/livekit_crowd.py --data DIR [--minutes 10] [--people 8] [--json]

``lost``: sentences of which more than half of the words are in no caption of who said them;
``misheard``: the same, but half of the letters are there.
``growth_mb_per_minute``: the slope of the bot's memory after the second minute; ``drops``: what the
bot threw away of the sound.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from livekit_guests import (
    LISTENING_ONLY,
    Person,
    Watcher,
    lost_of,
    person,
)
from meetbot.bench.recordings import load_recordings
from meetbot.core.clock import monotonic_ns
from meetbot.demo.venue import open_venue

ROOM = "crowd"
NS_PER_S = 1_000_000_000
SETTLED_SECONDS = 120.0
SAMPLE_SECONDS = 2.0
LAST_SECONDS = 60.0
BYTES_PER_MB = 1_000_000
NAMES = ("Anna", "Boris", "Clara", "Dmitri", "Elena", "Fyodor", "Galina", "Henry")


async def take_turns(waiting: asyncio.Queue[Person]) -> None:
    """One at a time of those who wait; two of these at once make two speakers at any time."""
    while True:
        one = await waiting.get()
        await one.say_one()
        waiting.put_nowait(one)


async def sample(pid: int, samples: list[tuple[float, float, float]]) -> None:
    """Note time, memory in MB and processor seconds of the bot, until cancelled."""
    process = psutil.Process(pid)
    while True:
        used = process.cpu_times()
        rss = process.memory_info().rss / BYTES_PER_MB
        samples.append((monotonic_ns() / NS_PER_S, rss, used.user + used.system))
        await asyncio.sleep(SAMPLE_SECONDS)


async def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """The whole meeting."""
    recordings = [one for one in load_recordings(options.data) if one.seconds < 6]
    figures_file = folder / "figures.json"
    given = ("--set", f"observe.figures_file={figures_file}", *LISTENING_ONLY)
    async with contextlib.AsyncExitStack() as stack:
        venue: Any = await stack.enter_async_context(open_venue("livekit", folder, ROOM, given))
        people = [
            person(venue.server, ROOM, name, recordings, seed)
            for seed, name in enumerate(NAMES[: options.people])
        ]
        watcher = Watcher(person(venue.server, ROOM, "Viewer", [], 9).client)
        for client in (*(one.client for one in people), watcher.client):
            await stack.enter_async_context(client)
        await asyncio.gather(*(one.client.bot_is_here() for one in people))
        offset = await people[0].client.meeting_offset()
        waiting: asyncio.Queue[Person] = asyncio.Queue()
        for one in people:
            waiting.put_nowait(one)
        samples: list[tuple[float, float, float]] = []
        begin = monotonic_ns() / NS_PER_S
        speaking = [asyncio.create_task(take_turns(waiting)) for _ in range(2)]
        others = [
            asyncio.create_task(watcher.run()),
            asyncio.create_task(sample(venue.pid, samples)),
        ]
        await asyncio.sleep(options.minutes * 60)
        for task in speaking:
            task.cancel()
        await watcher.until_quiet(4.0, LAST_SECONDS)
        for task in others:
            task.cancel()
        await asyncio.gather(*speaking, *others, return_exceptions=True)
        said = [line for one in people for line in one.said]
        result: dict[str, Any] = {
            "people": len(people),
            "minutes": options.minutes,
            "said": len(said),
            "captions": len(watcher.finals),
            **lost_of(said, watcher.finals, offset),
            **cost(samples, begin),
        }
    if figures_file.is_file():
        told = json.loads(figures_file.read_text("utf-8"))
        result["drops"], result["loop"] = told.get("drops"), told.get("loop")
    return result


def cost(samples: list[tuple[float, float, float]], begin: float) -> dict[str, Any]:
    """Memory over time, and processor time, of the bot."""
    times, rss, cpu = (np.array(column) for column in zip(*samples, strict=True))
    late = times - begin > min(SETTLED_SECONDS, (times[-1] - begin) / 2)
    slope = np.polyfit(times[late] / 60, rss[late], 1)[0] if late.sum() > 1 else 0.0
    minutes = range(int((times[-1] - begin) // 60) + 1)
    each = [float(rss[np.argmin(np.abs(times - begin - 60 * minute))]) for minute in minutes]
    return {
        "rss_mb_by_minute": [round(one, 1) for one in each],
        "rss_mb_peak": round(float(rss.max()), 1),
        "growth_mb_per_minute": round(float(slope), 2),
        "cpu_cores": round(float((cpu[-1] - cpu[0]) / (times[-1] - times[0])), 2),
    }


def main() -> None:
    """Measure, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--people", type=int, choices=range(2, len(NAMES) + 1), default=8)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = asyncio.run(measure(options, Path(folder)))
    lines = [f"{key}: {value}" for key, value in result.items()]
    text = json.dumps(result, ensure_ascii=False, indent=2) if options.json else "\n".join(lines)
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
