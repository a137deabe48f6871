"""A LiveKit server that is killed and restarted while two people speak, and the bot listens.

    python benchmarks/livekit_restarts.py --data DIR [--restarts 10] [--minutes 10] [--json]

``back_s``: of each restart, the seconds from when the server's port answers until the bot listens
to both microphones again (the guests come back by the same means, and count in). ``heard_s``: until
the first caption of something said after that. ``lost``: sentences that were said from beginning to
end while the bot was connected, up to half a second before the kill, of which more than half of the
words are in no caption; ``misheard``: the same, but half of the letters are there.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from meetbot_livekit.connection import RESUME_SECONDS

if TYPE_CHECKING:
    from livekit_guests import Line

ROOM = "restarts"
NS_PER_S = 1_000_000_000
MARGIN_SECONDS = 0.5
DOWN_SECONDS = RESUME_SECONDS + 1.0
"""So long that nobody has their old connection any more, and it is known who is back."""
BACK_SECONDS = 60.0
LAST_SECONDS = 30.0


def now() -> float:
    """Monotonic seconds."""
    return monotonic_ns() / NS_PER_S


async def restarted(venue: Any, people: list[Person], say: Any) -> tuple[float, float]:
    """Kill the server and start it again: when it was killed, and seconds until all are back."""
    killed = now()
    await venue.server.stop(kill=True)
    await asyncio.sleep(DOWN_SECONDS)
    await venue.server.start()
    answering = now()
    async with asyncio.timeout(BACK_SECONDS):
        await asyncio.gather(*(one.client.bot_is_here() for one in people))
    back = now() - answering
    say(f"killed, started again; back after {back:.2f} s")
    return killed, back


async def measure(options: argparse.Namespace, folder: Path, say: Any) -> dict[str, Any]:
    """The whole meeting."""
    recordings = [one for one in load_recordings(options.data) if one.seconds < 6]
    given = ("--set", "room.grace_seconds=30", *LISTENING_ONLY)
    async with contextlib.AsyncExitStack() as stack:
        venue: Any = await stack.enter_async_context(open_venue("livekit", folder, ROOM, given))
        people = [
            person(venue.server, ROOM, name, recordings, seed)
            for seed, name in enumerate(("Anna", "Boris"))
        ]
        watcher = Watcher(person(venue.server, ROOM, "Viewer", [], 9).client)
        for client in (*(one.client for one in people), watcher.client):
            await stack.enter_async_context(client)
        await asyncio.gather(*(one.client.bot_is_here() for one in people))
        offset = await people[0].client.meeting_offset()
        tasks = [asyncio.create_task(one.speak()) for one in people]
        tasks.append(asyncio.create_task(watcher.run()))
        begin, up_since = now(), now()
        windows, backs, heard = [], [], []
        for number in range(options.restarts):
            await asyncio.sleep(
                max(1.0, begin + (number + 1) * options.minutes * 60 / options.restarts - now() - 8)
            )
            killed, back = await restarted(venue, people, say)
            windows.append((up_since, killed - MARGIN_SECONDS))
            backs.append(back)
            up_since = now()
            heard.append((up_since - back, up_since))
        await asyncio.sleep(8)
        for task in tasks[:-1]:
            task.cancel()
        windows.append((up_since, now()))
        await watcher.until_quiet(3.0, LAST_SECONDS)
        tasks[-1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        said = [line for one in people for line in one.said]
        inside = [
            line for line in said if any(a <= line.begin and line.end <= b for a, b in windows)
        ]
        return figures(inside, len(said), watcher, offset, backs, heard)


def figures(
    inside: list[Line],
    said: int,
    watcher: Watcher,
    offset: float,
    backs: list[float],
    heard: list[tuple[float, float]],
) -> dict[str, Any]:
    """What is told at the end."""
    first = []
    for answering, up in heard:
        later = [ns / NS_PER_S for ns, m in watcher.arrived if m["end"] + offset > up]
        first.append(round(min(later) - answering, 2) if later else None)
    names: dict[str, set[str]] = {}
    for message in watcher.finals.values():
        names.setdefault(message["participant_name"], set()).add(message["participant"])
    return {
        "restarts": len(backs),
        "back_s": [round(back, 2) for back in backs],
        "back_worst_s": round(max(backs, default=0.0), 2),
        "heard_s": first,
        "said": said,
        "said_while_connected": len(inside),
        **lost_of(inside, watcher.finals, offset),
        "captions": len(watcher.finals),
        "identities_of_each_name": max((len(ids) for ids in names.values()), default=0),
    }


def main() -> None:
    """Measure, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    parser.add_argument("--restarts", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    def say(text: str) -> None:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()

    with tempfile.TemporaryDirectory() as folder:
        result = asyncio.run(measure(options, Path(folder), say))
    lines = [f"{key}: {value}" for key, value in result.items()]
    text = json.dumps(result, ensure_ascii=False, indent=2) if options.json else "\n".join(lines)
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
