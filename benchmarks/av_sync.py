"""Sound and picture of the bot's face as another participant receives them, and what they cost.

    python benchmarks/av_sync.py [--minutes 30] [--json]

A bot presents flashes with beeps in a real room on loopback; a guest in the same process tells
their skew by the RTCP reports and by content, minute by minute; drift is the last minute's median
less the first one's. Then what it costs: the processor time of the thread that encodes, and that of
the whole process, in which the guest receives and decodes too.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import statistics
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

from meetbot.config import RoomSettings
from meetbot.core.clock import MeetingClock
from meetbot.core.voice import MOMENT_NS, MOMENT_SAMPLES, Moment
from meetbot_webrtc import RoomClient, SignalingHub, WebRtcRoom
from meetbot_webrtc.sync import Skew, av_skew, clapperboard, content_skew

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from meetbot.core.clock import Clock
    from meetbot_webrtc.client import ReceivedPicture, ReceivedSound

SIZE = 512
COST_SECONDS = 20


class Guest:
    """Keeps what came since it was last asked; of pictures only what shows whether they flash."""

    def __init__(self, client: RoomClient) -> None:
        self._client = client
        self.pictures: list[ReceivedPicture] = []
        self.sounds: list[ReceivedSound] = []

    async def look(self) -> None:
        async for picture in self._client.bot_video:
            if picture.track == "avatar":
                small = picture.frame.reformat(16, 16, "gray")
                self.pictures.append(dataclasses.replace(picture, frame=small))

    async def listen(self) -> None:
        async for sound in self._client.received_audio:
            self.sounds.append(sound)

    def take(self) -> tuple[Skew | None, Skew | None]:
        skews = av_skew(self.pictures, self.sounds), content_skew(self.pictures, self.sounds)
        self.pictures.clear()
        self.sounds.clear()
        return skews


async def face(clock: Clock, seconds: float) -> AsyncIterator[Moment]:
    """A still background with a mouth that moves and a voice: about what a portrait takes."""
    noise = np.random.default_rng(1)
    coarse = noise.integers(60, 200, (SIZE // 16, SIZE // 16, 3), dtype=np.uint8)
    still = np.kron(coarse, np.ones((16, 16, 1), np.uint8))
    rows, columns = np.mgrid[:SIZE, :SIZE]
    hum = np.sin(np.arange(MOMENT_SAMPLES) * 2 * np.pi * 200 / 48_000) * 8_000
    begin = clock.now_ns() + MOMENT_NS
    for number in range(round(seconds * 25)):
        height = 8 + 22 * abs(np.sin(number / 3))
        mouth = ((columns - 256) / 70) ** 2 + ((rows - 360) / height) ** 2 < 1
        pixels = still.copy()
        pixels[mouth] = (90, 30, 40)
        await clock.sleep_until(begin + number * MOMENT_NS)
        yield Moment(pixels, hum.astype(np.int16), begin + number * MOMENT_NS)


async def measure(minutes: float, *, quiet: bool) -> dict[str, object]:
    """The table of minutes, and the costs."""
    hub, clock, settings = SignalingHub(RoomSettings()), MeetingClock(), RoomSettings()
    room = WebRtcRoom(hub, "Bot (AI)", clock, settings, room="sync")
    async with room, RoomClient(hub, "sync", "Guest") as client:
        await client.bot_is_here()
        guest = Guest(client)
        tasks = [asyncio.create_task(guest.look()), asyncio.create_task(guest.listen())]
        showing = asyncio.create_task(room.present(clapperboard(clock, minutes * 60)))
        rows: list[tuple[Skew, Skew]] = []
        while not showing.done():
            await asyncio.wait([showing], timeout=60)
            told, seen = guest.take()
            if told is not None and seen is not None and told.moments > 100:
                rows.append((told, seen))
                line = f"{len(rows):3} min  {_line('reports', told)}  {_line('content', seen)}\n"
                if not quiet:
                    sys.stdout.write(line)
                    sys.stdout.flush()
        dropped = room.drops["avatar"]
        encoder = room._presence.camera._thread
        before = await encoder.run(time.thread_time)
        busy = await _cost(room.present(face(clock, COST_SECONDS)))
        encoding = await encoder.run(time.thread_time) - before
        made = await _cost(_drain(face(clock, COST_SECONDS)))
        for task in tasks:
            task.cancel()
    return {
        "minutes": len(rows),
        "reports": _summary([told for told, _ in rows]),
        "content": _summary([seen for _, seen in rows]),
        "pictures_dropped": dropped,
        "core_share_of_encoding": round(encoding / COST_SECONDS, 4),
        "core_share_with_a_guest": round(busy - made, 4),
        "encode_ms": round(room._presence.camera.delay_ns / 1e6, 2),
    }


def _line(name: str, skew: Skew) -> str:
    return f"{name}: p50 {skew.p50_ms:5.1f} p95 {skew.p95_ms:5.1f} median {skew.median_ms:+6.1f} ms"


def _summary(skews: list[Skew]) -> dict[str, float]:
    return {
        "p50_ms": round(statistics.median(skew.p50_ms for skew in skews), 1),
        "p95_ms": round(statistics.median(skew.p95_ms for skew in skews), 1),
        "worst_minute_p95_ms": round(max(skew.p95_ms for skew in skews), 1),
        "drift_ms": round(skews[-1].median_ms - skews[0].median_ms, 2),
    }


async def _drain(moments: AsyncIterator[Moment]) -> None:
    async for _ in moments:
        pass


async def _cost(work: Coroutine[object, object, None]) -> float:
    """Processor seconds of this process per second while ``work`` goes on."""
    began, processor = time.monotonic(), time.process_time()
    await work
    return (time.process_time() - processor) / (time.monotonic() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON only")
    options = parser.parse_args()
    figures = asyncio.run(measure(options.minutes, quiet=options.json))
    sys.stdout.write(json.dumps(figures, indent=None if options.json else 2) + "\n")


if __name__ == "__main__":
    main()
