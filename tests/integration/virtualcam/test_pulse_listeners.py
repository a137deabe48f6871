"""A meeting program goes on recording the virtual microphone whatever is plugged in and out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from meetbot.config.rooms import CameraSettings
from meetbot.core.clock import MeetingClock
from meetbot_virtualcam.sound import SoundDesk

if TYPE_CHECKING:
    from support.pulse import PulseServer

pytestmark = pytest.mark.server

BOTS = "meetbot_microphone"
HEADSET = ("module-remap-source", "source_name=headset", "master=mouth.monitor")


def _heard(pulse: PulseServer) -> list[str]:
    """What ``parec``, the meeting program, records: the name of a source."""
    names = {
        line.split("\t")[0]: line.split("\t")[1]
        for line in pulse.control("list", "short", "sources").splitlines()
    }
    found, source = [], ""
    for line in pulse.control("list", "source-outputs").splitlines():
        name, _, value = line.strip().partition(": ")
        source = value if name == "Source" else source
        if line.strip() == 'media.name = "parec"':
            found.append(names.get(source, ""))
    return found


def _default(pulse: PulseServer) -> str:
    return pulse.control("get-default-source")


async def test_a_program_stays_with_the_bots_microphone_when_the_headset_is_back(
    pulse: PulseServer,
) -> None:
    async with SoundDesk(CameraSettings(), MeetingClock()) as desk:
        with pulse.recording(BOTS) as recording:
            await recording.until(24_000)
            for _ in range(2):
                await asyncio.to_thread(pulse.unload, "headset")
                await pulse.until(lambda: desk.devices.me is None)
                assert await asyncio.to_thread(_default, pulse) == BOTS
                await asyncio.to_thread(pulse.control, "load-module", *HEADSET)
                await pulse.until(lambda: desk.devices.me == "headset")
                await pulse.until(lambda: _heard(pulse) == [BOTS])


async def test_a_program_that_follows_the_default_goes_back_to_the_headset(
    pulse: PulseServer,
) -> None:
    async with SoundDesk(CameraSettings(), MeetingClock()) as desk:
        with pulse.recording("headset") as recording:
            await recording.until(24_000)
            await asyncio.to_thread(pulse.unload, "headset")
            await pulse.until(lambda: desk.devices.me is None and _heard(pulse) == [BOTS])
            await asyncio.to_thread(pulse.control, "load-module", *HEADSET)
            await pulse.until(lambda: desk.devices.me == "headset")
            await recording.until(len(recording.sound) + 24_000)
            assert await asyncio.to_thread(_heard, pulse) == ["headset"]
