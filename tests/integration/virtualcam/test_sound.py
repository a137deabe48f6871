"""One's own microphone and the others are heard apart; the bot hears neither itself nor echo."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.config.rooms import CameraSettings
from meetbot.core.clock import MeetingClock
from meetbot_virtualcam.sound import SoundDesk
from support.pulse import level, loudest, tone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from numpy.typing import NDArray

    from meetbot.core.channels import Channel
    from meetbot.core.types import AudioFrame
    from support.pulse import PulseServer

pytestmark = pytest.mark.server

HEADSET = ("source_name=headset", "master=mouth.monitor")
MINE, THEIRS, BOTS = 440, 1_000, 2_500


def _desk(clock: MeetingClock | None = None, **settings: object) -> SoundDesk:
    plain = {"pass_microphone": False, "echo_cancellation": False} | settings
    return SoundDesk(CameraSettings.model_validate(plain), clock or MeetingClock())


async def _until(
    channel: Channel[AudioFrame] | None, fits: Callable[[NDArray[np.int16]], bool]
) -> list[AudioFrame]:
    """The frames of the first 200 ms in a row that fit."""
    assert channel is not None
    frames: list[AudioFrame] = []
    async with asyncio.timeout(10):
        async for frame in channel:
            frames = [*frames[-9:], frame]
            if len(frames) == 10 and fits(_sound(frames)):
                return frames
    raise AssertionError("it ended before")


def _sound(frames: list[AudioFrame]) -> NDArray[np.int16]:
    return np.concatenate([frame.samples for frame in frames]).astype(np.int16)


def _hears(hertz: float) -> Callable[[NDArray[np.int16]], bool]:
    return lambda sound: level(sound, hertz) > 0.2


async def _babble(desk: SoundDesk, clock: MeetingClock) -> None:
    sound = tone(BOTS, 0.04)
    at_ns = clock.now_ns()
    while True:
        desk.play(sound, at_ns)
        at_ns += 40_000_000
        await clock.sleep_until(at_ns)


@contextlib.asynccontextmanager
async def _bot_speaks(desk: SoundDesk, clock: MeetingClock) -> AsyncIterator[None]:
    """The bot hums all the time."""
    task = asyncio.create_task(_babble(desk, clock))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_me_and_the_others_are_apart_and_the_bots_voice_is_in_neither(
    pulse: PulseServer,
) -> None:
    clock = MeetingClock()
    async with _desk(clock) as desk, _bot_speaks(desk, clock):
        with (
            pulse.playing("mouth", tone(MINE, 20)),
            pulse.playing("speakers", tone(THEIRS, 20)),
            pulse.recording("meetbot_microphone") as recording,
        ):
            me, others = await asyncio.gather(
                _until(desk.me, _hears(MINE)), _until(desk.others, _hears(THEIRS))
            )
            await recording.hears(BOTS)
    for frames, absent in ((me, (THEIRS, BOTS)), (others, (MINE, BOTS))):
        assert max(level(_sound(frames), hertz) for hertz in absent) < 0.02
        assert {(frame.sample_rate, len(frame.samples)) for frame in frames} == {(48_000, 960)}


async def test_times_of_what_is_heard_are_the_meetings(pulse: PulseServer) -> None:
    clock = MeetingClock()
    async with _desk(clock, hear_others=False) as desk:
        with pulse.playing("mouth", tone(MINE, 20)):
            frames = await _until(desk.me, _hears(MINE))
        late_ns = clock.now_ns() - frames[-1].pts_ns
        steps = {after.pts_ns - frame.pts_ns for frame, after in itertools.pairwise(frames)}
        assert desk.others is None
    assert 15_000_000 < late_ns < 150_000_000
    assert all(abs(step - 20_000_000) <= 1_000 for step in steps)


async def test_the_bots_own_devices_are_not_heard_though_chosen_as_default(
    pulse: PulseServer,
) -> None:
    clock = MeetingClock()
    async with _desk(clock) as desk, _bot_speaks(desk, clock):
        pulse.control("set-default-sink", "meetbot_voice")
        pulse.control("set-default-source", "meetbot_microphone")
        with pulse.playing("mouth", tone(MINE, 20)), pulse.playing("speakers", tone(THEIRS, 20)):
            me, others = await asyncio.gather(
                _until(desk.me, _hears(MINE)), _until(desk.others, _hears(THEIRS))
            )
    assert level(_sound(me), BOTS) < 0.02
    assert level(_sound(others), BOTS) < 0.02


async def test_nothing_that_carries_the_bots_voice_is_heard_where_nothing_else_is_left(
    pulse: PulseServer, caplog: pytest.LogCaptureFixture
) -> None:
    clock = MeetingClock()
    async with _desk(clock) as desk, _bot_speaks(desk, clock):
        arguments = ("source_name=copy", "master=meetbot_microphone")
        pulse.control("load-module", "module-remap-source", *arguments)
        for sink in ("speakers", "mouth"):
            await asyncio.to_thread(pulse.unload, sink)
        await pulse.until(lambda: desk.devices.me is None and desk.devices.others is None)
    assert "your microphone is gone" in caplog.text
    assert "the loudspeakers are gone" in caplog.text


async def test_a_headset_that_is_unplugged_is_told_once_and_heard_again(
    pulse: PulseServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with _desk(hear_others=False) as desk:
        with pulse.playing("mouth", tone(MINE, 20)):
            before = await _until(desk.me, _hears(MINE))
            await asyncio.to_thread(pulse.unload, "headset")
            await pulse.until(lambda: desk.devices.me is None)
            pulse.control("load-module", "module-remap-source", *HEADSET)
            after = await _until(desk.me, _hears(MINE))
    assert after[0].pts_ns > before[-1].pts_ns
    assert caplog.text.count("your microphone is gone") == 1


async def test_a_microphone_that_is_unplugged_does_not_cost_the_voice_whatever_it_is_called(
    pulse: PulseServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The bot's own microphone has the words in its name as well, and is not taken for it."""
    field = ("source_name=field", "master=mouth.monitor")
    described = "source_properties=device.description=Field-microphone"
    pulse.control("load-module", "module-remap-source", *field, described)
    async with _desk(hear_others=False, microphone="microphone") as desk:
        assert desk.devices.me == "field"
        await asyncio.to_thread(pulse.unload, "field")
        await pulse.until(lambda: desk.devices.me is None)
        assert desk.devices.voice == "meetbot_voice"
        pulse.control("load-module", "module-remap-source", *field, described)
        await pulse.until(lambda: desk.devices.me == "field")
    assert "your microphone is gone" in caplog.text
    assert "server is gone" not in caplog.text


async def test_another_default_microphone_is_followed(pulse: PulseServer) -> None:
    pulse.control("load-module", "module-null-sink", "sink_name=desk", "norewinds=1")
    pulse.control("load-module", "module-remap-source", "source_name=webcam", "master=desk.monitor")
    async with _desk(hear_others=False) as desk:
        with pulse.playing("mouth", tone(MINE, 20)), pulse.playing("desk", tone(THEIRS, 20)):
            await _until(desk.me, _hears(MINE))
            pulse.control("set-default-source", "webcam")
            frames = await _until(desk.me, _hears(THEIRS))
    assert loudest(_sound(frames)) == pytest.approx(THEIRS, abs=6)


async def test_a_sound_server_that_restarts_is_joined_again(pulse: PulseServer) -> None:
    clock = MeetingClock()
    async with _desk(clock) as desk:
        with pulse.playing("mouth", tone(MINE, 3)):
            await _until(desk.me, _hears(MINE))
        pulse.stop()
        await asyncio.to_thread(pulse.start)
        await pulse.until(lambda: desk.devices.me == "headset")
        with (
            pulse.playing("mouth", tone(MINE, 20)),
            pulse.recording("meetbot_microphone") as recording,
        ):
            async with _bot_speaks(desk, clock):
                await _until(desk.me, _hears(MINE))
                await recording.hears(BOTS)


async def test_ones_own_voice_goes_on_to_the_meeting_if_wanted(pulse: PulseServer) -> None:
    async with _desk(pass_microphone=True, hear_others=False):
        with (
            pulse.playing("mouth", tone(MINE, 20)),
            pulse.recording("meetbot_microphone") as recording,
        ):
            await recording.hears(MINE)


async def test_ones_own_voice_stays_here_if_not_wanted(pulse: PulseServer) -> None:
    async with _desk(pass_microphone=False, hear_others=False) as desk:
        with (
            pulse.playing("mouth", tone(MINE, 20)),
            pulse.recording("meetbot_microphone") as recording,
        ):
            await _until(desk.me, _hears(MINE))
            sound = await recording.until(24_000)
    assert not sound.any()
