"""Memory over a long meeting in a real room, in real time."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

import numpy as np

from meetbot.bench.recordings import load_recordings
from meetbot.bench.soak import PAUSE_SECONDS, Soak
from meetbot.core.clock import NS_PER_S, monotonic_ns
from meetbot.demo.guest import client_of
from meetbot.demo.venue import open_venue
from meetbot.observe.process import ProcessSampler
from meetbot.transcribe.media import read_sound

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.core.guests import RoomGuest
    from meetbot.demo.venue import RoomKind

__all__ = ["measure_soak_in_room"]

RATE = 48_000
MINUTE = 60.0
LAST_CAPTIONS_SECONDS = 10.0


async def measure_soak_in_room(
    kind: RoomKind,
    folder: Path,
    options: Sequence[str],
    data: Path,
    minutes: int,
    progress: Callable[[int], None] = lambda _: None,
) -> Soak:
    """One participant speaks all the time in a room of ``kind``; the bot's memory is watched.

    It is that of the bot's process with those that it started. The recordings are of ``data``.
    """
    clips = [await asyncio.to_thread(_clip, data / one.name) for one in load_recordings(data)]
    began_ns = monotonic_ns()
    async with open_venue(kind, folder, "soak", options) as venue:
        guest = client_of(venue.guest("Talker", shared_microphone=True))
        finals: set[str] = set()
        async with guest:
            await guest.bot_is_here()
            counting = asyncio.create_task(_count(guest, finals))
            talking = asyncio.create_task(guest.play(_talk(clips, minutes)))
            rss = []
            sampler = ProcessSampler(venue.pid)
            for minute in range(1, minutes + 1):
                await asyncio.sleep(MINUTE)
                await asyncio.to_thread(sampler.sample)
                rss.append(sampler.use().rss_mb)
                progress(minute)
            await talking
            await asyncio.sleep(LAST_CAPTIONS_SECONDS)
            counting.cancel()
            await asyncio.wait({counting})
    return Soak(
        minutes=minutes,
        utterances=len(finals),
        rss_mb=tuple(round(value, 1) for value in rss),
        growth_mb=round(rss[-1] - rss[min(4, len(rss) - 1)], 1),
        peak_mb=round(max(rss), 1),
        wall_s=round((monotonic_ns() - began_ns) / NS_PER_S, 1),
    )


async def _count(guest: RoomGuest, finals: set[str]) -> None:
    async for _, message in guest.captions:
        if message["type"] == "caption" and message["final"]:
            finals.add(message["id"])


async def _talk(
    clips: Sequence[NDArray[np.int16]], minutes: int
) -> AsyncGenerator[NDArray[np.int16]]:
    """Recordings one after the other, each with a pause, until so many minutes are full."""
    silence = np.zeros(round(PAUSE_SECONDS * RATE), np.int16)
    left = round(minutes * MINUTE * RATE)
    for clip in itertools.cycle(clips):
        yield clip
        yield silence
        left -= len(clip) + len(silence)
        if left <= 0:
            return


def _clip(path: Path) -> NDArray[np.int16]:
    return (np.clip(read_sound(path, RATE), -1, 1) * 32767).astype(np.int16)
