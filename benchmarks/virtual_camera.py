"""The pace of the virtual camera, and how far its lips and its voice are apart.

``PYTHONPATH=tests python benchmarks/virtual_camera.py [--seconds 60]`` shows a flash and plays a
beep once a second: 1280×720 into a camera in memory, which notes when each picture came, and sound
into a PulseAudio of its own, from whose virtual microphone a second program records.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyvirtualcam

from meetbot.config.rooms import CameraSettings
from meetbot.core.clock import MeetingClock, monotonic_ns
from meetbot.core.voice import MOMENT_NS, MOMENT_SAMPLES, Moment
from meetbot.demo.report import percentile
from meetbot_virtualcam.room import CameraRoom
from support.pulse import running_pulse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from numpy.typing import NDArray

    from support.pulse import Recording

RATE = 48_000
SIZE = (1280, 720)
MOMENTS_PER_FLASH = 25
FLASH_MOMENTS = 2
SETTLE_SECONDS = 3
MICROPHONE = "meetbot_microphone"


@dataclass(slots=True)
class Seen:
    """What the camera was sent: when, and how bright its first pixels were."""

    times: list[int] = field(default_factory=list)
    brightness: list[int] = field(default_factory=list)

    def backend(self) -> type:
        """A class to register with pyvirtualcam."""
        seen = self

        class Notes:
            def __init__(self, **_: Any) -> None: ...

            def send(self, frame: NDArray[np.uint8]) -> None:
                seen.times.append(monotonic_ns())
                seen.brightness.append(int(frame.reshape(-1)[:64].mean()))

            def close(self) -> None: ...

            def device(self) -> str:
                return "Notes"

            def native_fourcc(self) -> None:
                return None

        return Notes

    def flashes(self) -> list[int]:
        """When each flash was first shown."""
        bright = np.array(self.brightness) > 128
        return [self.times[i] for i in np.flatnonzero(bright[1:] & ~bright[:-1]) + 1]


async def moments(clock: MeetingClock, seconds: float) -> AsyncIterator[Moment]:
    """Dark and silent, but for a flash with its beep once a second."""
    dark, bright = (np.full((SIZE[1], SIZE[0], 3), level, np.uint8) for level in (16, 235))
    wave = np.sin(2 * np.pi * 1000 * np.arange(MOMENT_SAMPLES) / RATE)
    beep = (wave * 12_000).astype(np.int16)
    first_ns = clock.now_ns() + MOMENT_NS
    for number in range(round(seconds * 25)):
        pts_ns = first_ns + number * MOMENT_NS
        await clock.sleep_until(pts_ns)
        loud = number % MOMENTS_PER_FLASH < FLASH_MOMENTS
        yield Moment(bright if loud else dark, beep if loud else None, pts_ns)


def beeps(recording: Recording) -> list[int]:
    """When each beep was recorded: its first loud sample, as it came to the second program."""
    loud = np.flatnonzero(np.abs(recording.sound.astype(np.int32)) > 3_000)
    if not len(loud):
        return []
    firsts = [loud[0], *(after for before, after in pairwise(loud) if after - before > RATE // 4)]
    return [recording.arrived_ns(int(first)) for first in firsts]


async def measure(seconds: float) -> dict[str, Any]:
    """All figures of one run."""
    seen = Seen()
    pyvirtualcam.camera.BACKENDS.clear()
    pyvirtualcam.register_backend("notes", seen.backend())
    clock = MeetingClock()
    settings = CameraSettings(hear_me=False, hear_others=False, pass_microphone=False)
    room = CameraRoom(clock, settings, size=SIZE, tracks=("avatar",))
    with running_pulse() as pulse:
        os.environ["PULSE_SERVER"] = pulse.address
        async with room:
            with pulse.recording(MICROPHONE) as recording:
                began, used = time.perf_counter(), time.process_time()
                await room.present(moments(clock, seconds))
                spent = (time.process_time() - used) / (time.perf_counter() - began)
    skews = []
    heard = beeps(recording)
    for shown_ns in seen.flashes():
        near = min(heard, key=lambda at_ns: abs(at_ns - shown_ns), default=None)
        if near is not None and abs(near - shown_ns) < 500_000_000:
            skews.append((shown_ns - near) / 1e6)
    return figures(seen.times, skews, spent)


def figures(times: list[int], skews: list[float], cores: float) -> dict[str, Any]:
    """Frames a second and their spacing after the first seconds; lips against voice."""
    times = [at_ns for at_ns in times if at_ns > times[0] + SETTLE_SECONDS * 1_000_000_000]
    gaps = sorted((after - before) / 1e6 for before, after in pairwise(times))
    apart = sorted(abs(skew) for skew in skews[SETTLE_SECONDS:])
    return {
        "fps": round(len(gaps) / (times[-1] - times[0]) * 1e9, 3),
        "gap_ms": {"p50": round(percentile(gaps, 50), 2), "p99": round(percentile(gaps, 99), 2)},
        "longest_gap_ms": round(gaps[-1], 2),
        "flashes": len(apart),
        "lips_to_voice_ms": {"p50": percentile(apart, 50), "p95": percentile(apart, 95)},
        "lips_after_voice_median_ms": round(float(np.median(skews)), 2),
        "cores": round(cores, 3),
    }


def main() -> None:
    """Measure, and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    print(json.dumps(asyncio.run(measure(parser.parse_args().seconds)), indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
