"""The devices that Meetbot makes in the sound server, and takes away again."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from meetbot.config.rooms import CameraSettings
from meetbot.core.clock import MeetingClock
from meetbot.core.errors import ConfigError, RoomRefused
from meetbot_virtualcam.sound import SoundDesk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.pulse import PulseServer

pytestmark = pytest.mark.server

ANOTHER = """
import asyncio, contextlib, signal
from meetbot.config.rooms import CameraSettings
from meetbot.core.clock import MeetingClock
from meetbot_virtualcam.sound import SoundDesk

async def main():
    task = asyncio.current_task()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with SoundDesk(CameraSettings(), MeetingClock()) as desk:
        print(desk.microphone, flush=True)
        await asyncio.Event().wait()

with contextlib.suppress(asyncio.CancelledError):
    asyncio.run(main())
"""


@contextmanager
def _another_meetbot(pulse: PulseServer) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another program with a sound desk, and what its microphone is called."""
    words = [sys.executable, "-c", ANOTHER]
    process = subprocess.Popen(words, env=pulse.env, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def another(pulse: PulseServer) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another Meetbot on the same sound server."""
    with _another_meetbot(pulse) as started:
        yield started


def _desk(**settings: object) -> SoundDesk:
    return SoundDesk(CameraSettings.model_validate(settings), MeetingClock())


async def test_programs_are_shown_a_microphone_of_ours_and_it_goes_with_us(
    pulse: PulseServer,
) -> None:
    before = pulse.names("modules")
    async with _desk() as desk:
        described = pulse.control("list", "sources")
        assert "Description: Meetbot microphone\n" in described
        assert desk.microphone == "Meetbot microphone"
        assert desk.devices.voice == "meetbot_voice"
        assert pulse.names("modules") != before
    assert pulse.names("modules") == before


async def test_the_users_default_devices_stay(pulse: PulseServer) -> None:
    async with _desk():
        assert pulse.control("get-default-sink") == "speakers"
        assert pulse.control("get-default-source") == "headset"


async def test_what_a_killed_meetbot_left_is_removed_by_the_next(
    pulse: PulseServer, another: tuple[subprocess.Popen[str], str]
) -> None:
    process, label = another
    assert label == "Meetbot microphone"
    process.kill()
    process.wait()
    assert "meetbot_microphone" in pulse.names("sources")
    async with _desk() as desk:
        assert desk.microphone == "Meetbot microphone"
        assert pulse.names("sources").count("meetbot_microphone") == 1
    assert pulse.names("sinks") == ["speakers", "mouth"]


async def test_another_living_meetbot_keeps_its_microphone(
    pulse: PulseServer, another: tuple[subprocess.Popen[str], str]
) -> None:
    async with _desk() as desk:
        assert desk.microphone == "Meetbot microphone 2"
        assert desk.devices.me == "headset"
    assert "meetbot_microphone" in pulse.names("sources")
    assert "meetbot_microphone_2" not in pulse.names("sources")


async def test_a_terminated_meetbot_takes_its_devices_along(
    pulse: PulseServer, another: tuple[subprocess.Popen[str], str]
) -> None:
    process, _ = another
    process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(process.wait) == 0
    assert pulse.names("sinks") == ["speakers", "mouth"]
    assert "module-loopback" not in pulse.names("modules")


async def test_a_missing_sound_server_is_one_clear_line(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nothing")
    with pytest.raises(RoomRefused, match=r"no sound server: start PipeWire .* or PulseAudio") as e:
        async with _desk():
            pass
    assert "\n" not in str(e.value)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"microphone": "Blue Yeti"}, "room.camera.microphone: there is no microphone 'Blue Yeti'"),
        ({"speakers": "Bose"}, "room.camera.speakers: there is no speakers 'Bose'"),
        ({"microphone": "Meetbot microphone"}, "carries the bot's own voice"),
        ({"microphone": "meetbot_voice.monitor"}, "carries the bot's own voice"),
        ({"speakers": "meetbot_voice"}, "carries the bot's own voice"),
    ],
)
async def test_a_device_that_cannot_be_heard_is_refused(
    pulse: PulseServer, settings: dict[str, str], line: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        async with _desk(**settings):
            pass
    assert line in str(caught.value)
    assert pulse.names("sinks") == ["speakers", "mouth"]


async def test_a_server_that_takes_no_modules_is_one_clear_line(pulse: PulseServer) -> None:
    pulse.stop()
    pulse.start(allow_modules=False)
    with pytest.raises(RoomRefused, match="does not take module-null-sink"):
        async with _desk():
            pass
