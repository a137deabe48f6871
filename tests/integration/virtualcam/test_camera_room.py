"""The virtual camera as a room: picture and voice in step, who is heard, what is shown."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

import numpy as np
import pytest
import pyvirtualcam

from meetbot.config import CameraSettings
from meetbot.core.channels import Channel, Overflow
from meetbot.core.clock import MeetingClock
from meetbot.core.errors import RoomError, RoomRefused
from meetbot.core.ports import Room
from meetbot.core.types import (
    Activity,
    ActivityChanged,
    AudioFrame,
    AudioOpened,
    ParticipantJoined,
    VideoFrame,
)
from meetbot.core.voice import Moment
from meetbot_virtualcam import CameraConnector
from meetbot_virtualcam.room import CameraRoom
from meetbot_virtualcam.sound_ports import Heard
from support.cameras import Bench

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from meetbot.core.clock import Clock

MS = 1_000_000
MOMENT_NS = 40 * MS
DELAY_NS = 120 * MS
SIZE = (320, 180)


class _Desk:
    """A sound desk whose voice is heard ``DELAY_NS`` after its time."""

    microphone = "Meetbot microphone"
    devices = Heard("sink", "headset", "speakers.monitor")
    voice_delay_ns = DELAY_NS

    def __init__(self, settings: CameraSettings, _: Clock) -> None:
        frames = lambda wanted: Channel(4, Overflow.DROP_OLDEST) if wanted else None  # noqa: E731
        self.me: Channel[AudioFrame] | None = frames(settings.hear_me)
        self.others: Channel[AudioFrame] | None = frames(settings.hear_others)
        self.played: list[tuple[int, int]] = []
        self.is_open = False
        self.drops = {"audio": 3, "voice": 0}

    def play(self, samples: np.ndarray, pts_ns: int) -> None:
        self.played.append((pts_ns, int(samples[0])))

    async def __aenter__(self) -> Self:
        self.is_open = True
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.is_open = False


class _NoDesk(_Desk):
    async def __aenter__(self) -> Self:
        raise RoomRefused("there is no sound server")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The only camera of this machine."""
    bench = Bench()
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {"memory": bench.backend()})
    return bench


def _room(
    tracks: tuple[str, ...] = ("avatar", "pictures", "stage"),
    desk: type[_Desk] = _Desk,
    **settings: object,
) -> CameraRoom:
    chosen = CameraSettings().model_copy(update=settings)
    return CameraRoom(MeetingClock(), chosen, size=SIZE, tracks=tracks, desk=desk)


def _grey(level: int) -> np.ndarray:
    return np.full((180, 320, 3), level, np.uint8)


async def _moments(clock: Clock, count: int, flash: int) -> AsyncIterator[Moment]:
    """Dark and quiet; moment ``flash`` and those after it are bright and loud."""
    first_ns = clock.now_ns() + MOMENT_NS
    dark, bright = _grey(20), _grey(220)
    for n in range(count):
        pts_ns = first_ns + n * MOMENT_NS
        await clock.sleep_until(pts_ns - 20 * MS)
        samples = np.full(1920, 9_000, np.int16) if n >= flash else None
        yield Moment(bright if n >= flash else dark, samples, pts_ns)


async def test_lips_are_seen_when_the_voice_is_heard(bench: Bench) -> None:
    room = _room()
    async with room:
        desk = room._desk
        assert isinstance(desk, _Desk)
        await room.present(_moments(room._clock, 12, flash=5))
        await bench.until(lambda: bench.frames and bench.frames[-1][0] == 220)
    pts_ns, level = desk.played[0]
    assert level == 9_000
    seen_ns = next(t for t, f in zip(bench.times, bench.frames, strict=True) if f[0] == 220)
    heard_ns = room._origin_ns + pts_ns + DELAY_NS
    assert abs(seen_ns - heard_ns) <= 40 * MS
    assert len(desk.played) == 7


async def test_me_and_the_others_are_there_from_the_beginning_until_the_end(
    bench: Bench,
) -> None:
    room = _room(my_name="Vera", others_name="The call")
    async with room:
        events = room.events()
        told = [await anext(events) for _ in range(4)]
        joined = [one for one in told if isinstance(one, ParticipantJoined)]
        opened = [one for one in told if isinstance(one, AudioOpened)]
        who = [(p.name, p.shared_microphone) for p in (one.participant for one in joined)]
        assert who == [("Vera", False), ("The call", True)]
        assert [one.participant.id for one in opened] == ["me", "others"]
        next_one = asyncio.ensure_future(anext(events, None))
        await bench.until(lambda: len(bench.frames) > 3)
        assert not next_one.done()
        room.finish()
        assert await next_one is None


async def test_who_is_not_to_be_heard_is_not_there(bench: Bench) -> None:
    async with _room(hear_others=False) as room:
        room.finish()
        told = [event async for event in room.events()]
    assert {event.participant.id for event in told if isinstance(event, AudioOpened)} == {"me"}


async def test_without_voice_and_ears_no_sound_device_is_touched(bench: Bench) -> None:
    silent = {"hear_me": False, "hear_others": False}
    async with _room(("stage",), _NoDesk, **silent) as room:
        assert room._desk is None
        assert not room.capabilities.voice


async def test_without_a_sound_server_nothing_is_joined_and_the_camera_is_let_go(
    bench: Bench,
) -> None:
    with pytest.raises(RoomRefused, match="no sound server"):
        async with _room(desk=_NoDesk):
            raise AssertionError("it joined")
    assert bench.closed == 1


async def test_captions_are_the_picture_where_the_bot_does_not_talk(bench: Bench) -> None:
    async def frames() -> AsyncIterator[VideoFrame]:
        yield VideoFrame(_grey(130), room._clock.now_ns())

    room = _room(("stage",))
    async with room:
        await room.publish("stage", frames())
        await bench.until(lambda: bench.frames and bench.frames[-1][0] == 130)
        with pytest.raises(RoomError, match="no video track 'pictures'; it shows: stage"):
            await room.publish("pictures", frames())


async def test_what_is_sent_is_kept_and_told_to_who_runs_it(bench: Bench) -> None:
    told: list[object] = []
    room = _room()
    room.on_message = told.append
    room.on_open = lambda opened: told.append(opened.in_use())
    async with room:
        assert isinstance(room, Room)
        message = ActivityChanged(Activity.THINKING, 5)
        await room.send(message)
        assert (list(room.messages), room.capabilities.captions) == ([message], False)
        assert room.drops["audio"] == 3
    assert told == [
        {
            "camera": "Memory",
            "microphone": "Meetbot microphone",
            "me": "headset",
            "others": "speakers.monitor",
        },
        message,
    ]


async def test_the_connector_makes_it_of_an_address(bench: Bench) -> None:
    from meetbot.config import RoomSettings

    room = CameraConnector().room(
        "camera://Second%20one",
        "Meetbot (AI)",
        MeetingClock(),
        RoomSettings(),
        tracks=("avatar", "stage"),
        size=(640, 360),
    )
    assert isinstance(room, CameraRoom)
    assert room._settings.device == "Second one"
    assert (room.camera.size, room.capabilities.video_tracks) == ((640, 360), 1)
