"""A virtual cable found by its name carries the voice, with the devices of macOS and Windows.

The library that reaches those is the same on Linux, so null sinks stand for the cable.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support.pulse import tone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

    from support.pulse import PulseServer

pytestmark = pytest.mark.server

TALKS_BY_CABLE = """
import asyncio, sys
from meetbot.config.rooms import CameraSettings
from meetbot.core.clock import MeetingClock
from meetbot_virtualcam import cables, sound
from support.pulse import level, tone
import numpy as np

sound.sound_system = cables.CableKeeper

async def main():
    clock = MeetingClock()
    settings = CameraSettings(echo_cancellation=False)
    async with sound.SoundDesk(settings, clock) as desk:
        print(desk.microphone, desk.devices.me, desk.devices.others, sep="|", flush=True)
        at_ns = clock.now_ns()
        heard = []
        while len(heard) < 10 or level(np.concatenate(heard[-10:]), 440) < 0.2:
            desk.play(tone(1000, 0.04), at_ns)
            at_ns += 40_000_000
            await clock.sleep_until(at_ns)
            while len(desk.me):
                heard.append((await desk.me.receive()).samples)
        print("heard", flush=True)
        for _ in range(200):
            desk.play(tone(1000, 0.04), at_ns)
            at_ns += 40_000_000
            await clock.sleep_until(at_ns)

asyncio.run(main())
"""


def _cable(pulse: PulseServer, label: str) -> None:
    described = "device.description='{}'".format
    pulse.control(
        "load-module",
        "module-null-sink",
        "sink_name=cable",
        "norewinds=1",
        f'sink_properties="{described(f"{label} Input")}"',
    )
    pulse.control(
        "load-module",
        "module-remap-source",
        "source_name=cable_out",
        "master=cable.monitor",
        f'source_properties="{described(f"{label} Output")}"',
    )


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """The command of a program that talks by a cable."""
    program = tmp_path / "talks.py"
    program.write_text(TALKS_BY_CABLE)
    return [sys.executable, "-W", "ignore", str(program)]


@pytest.fixture
def talking(pulse: PulseServer, words: list[str]) -> Iterator[IO[str]]:
    """What that program prints while it runs, with a cable there."""
    _cable(pulse, "CABLE")
    env = pulse.env | {"PYTHONPATH": "tests"}
    process = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield process.stdout
    process.kill()
    process.communicate()


async def test_the_voice_and_ones_own_go_into_the_cable(
    pulse: PulseServer, talking: IO[str]
) -> None:
    with pulse.playing("mouth", tone(440, 30)), pulse.recording("cable_out") as recording:
        devices = await asyncio.to_thread(talking.readline)
        assert devices.strip() == "CABLE Output|headset|speakers.monitor"
        assert (await asyncio.to_thread(talking.readline)).strip() == "heard"
        await recording.hears(1_000)
        await recording.hears(440)


def test_a_machine_without_a_cable_is_told_what_to_install(
    pulse: PulseServer, words: list[str]
) -> None:
    env = pulse.env | {"PYTHONPATH": "tests"}
    done = subprocess.run(words, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "RoomRefused: there is no virtual cable for the bot's voice: install" in done.stderr
