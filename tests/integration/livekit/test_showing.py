"""What the bot shows and says in a real LiveKit room, as others there receive it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import pytest
import pytest_asyncio
from livekit import api, rtc
from livekit.rtc import SimulateScenarioKind

from meetbot.config import LiveKitSettings
from meetbot.core.clock import NS_PER_S, MeetingClock, monotonic_ns
from meetbot.core.errors import RoomError
from meetbot.core.voice import MOMENT_NS, MOMENT_SAMPLES, Moment
from meetbot_livekit import publishing
from meetbot_livekit.server import running_livekit
from meetbot_livekit.showing import Showing
from support.livekit_showing import (
    DARK,
    TRACKS,
    WHITE,
    connected,
    guest_in,
    showing_to,
    still,
)
from support.rooms import tone, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot_livekit.server import LiveKitServer

pytestmark = pytest.mark.server

CAMERA = rtc.TrackSource.SOURCE_CAMERA
SCREEN = rtc.TrackSource.SOURCE_SCREENSHARE
MICROPHONE = rtc.TrackSource.SOURCE_MICROPHONE
GAP_NS = 300_000_000
LATE_NS = 250_000_000
"""On the way, on a busy machine; unhurried it is 70 ms."""
APART_MS = 160
"""Where receivers buffer sound on a busy machine; unhurried it is 15 ms."""
BEEP = tone(1_000, 0.2).reshape(5, -1)


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[LiveKitServer]:
    """A server of the test's own."""
    async with running_livekit(tmp_path) as running:
        yield running


def silent(_: int) -> None:
    """Nothing is said."""


def rises(times: list[int], apart_ns: int = NS_PER_S // 2) -> list[int]:
    """The first of each run of ``times``."""
    return [at for before, at in zip([-NS_PER_S, *times], times, strict=False)
            if at - before > apart_ns]  # fmt: skip


async def codec_of(track: rtc.Track) -> list[str]:
    """What really arrives."""
    stats = await track.get_stats()
    return [one.codec.codec.mime_type for one in stats if one.WhichOneof("stats") == "codec"]


async def bytes_of(track: rtc.Track) -> int:
    """How much came of it so far."""
    stats = await track.get_stats()
    came = [one.inbound_rtp.inbound.bytes_received for one in stats if one.HasField("inbound_rtp")]
    return sum(came)


async def test_camera_screen_share_and_voice_arrive_each_as_what_they_are(
    server: LiveKitServer,
) -> None:
    screen = np.full((720, 1280, 3), 120, np.uint8)

    def flash(number: int) -> NDArray[np.uint8]:
        return WHITE if number % 25 < 5 else DARK

    def beep(number: int) -> NDArray[np.int16] | None:
        return BEEP[number % 25] if number % 25 < 5 else None

    async with (
        guest_in(server) as guest,
        showing_to(beep, pixels=flash, screen=screen) as showing,
        connected(server, showing),
    ):
        await until(lambda: guest.saw(CAMERA) and guest.saw(SCREEN) and guest.sounds)
        for pictures in guest.pictures.values():
            pictures.clear()
        guest.loud.clear()
        await until(lambda: guest.saw(CAMERA, 100))
        publications = {source: one for source, (_, one) in guest.tracks.items()}
        camera, share = publications[CAMERA], publications[SCREEN]
        assert set(publications) == {CAMERA, SCREEN, MICROPHONE}
        assert (camera.width, camera.height, camera.simulcasted) == (512, 512, False)
        assert (share.width, share.height, share.simulcasted) == (1280, 720, False)
        for source in (CAMERA, SCREEN):
            assert await codec_of(guest.tracks[source][0]) == ["video/H264"]
        seen = guest.pictures[CAMERA]
        seconds = (seen[-1][0] - seen[0][0]) / NS_PER_S
        assert len(seen) / seconds >= 18
        assert len(guest.pictures[SCREEN]) / seconds >= 10, "a still screen share freezes"
        flashes = rises([at for at, light in seen if light > 150])[1:]
        beeps = rises(guest.loud)
        assert len(flashes) >= 2
        skews = [min((at - beep for beep in beeps), key=abs) / 1e6 for at in flashes]
        assert max(map(abs, skews)) <= APART_MS, skews


async def test_as_speech_ends_nothing_of_it_sounds_on_and_it_begins_again_at_once(
    server: LiveKitServer,
) -> None:
    hum = tone(300, 1.0).reshape(25, -1)
    begins: list[int] = []
    ends: list[int] = []

    def sound(number: int) -> NDArray[np.int16] | None:
        place = number % 40
        if place in {0, 25}:
            (ends if place else begins).append(monotonic_ns())
        return hum[place] if place < 25 else None

    async with (
        guest_in(server) as guest,
        showing_to(sound) as showing,
        connected(server, showing),
    ):
        await until(lambda: len(rises(guest.loud, GAP_NS)) >= 4)
    heard = rises(guest.loud, GAP_NS)[1:-1]
    assert len(heard) == 2
    for begun in heard:
        told = max(at for at in begins if at < begun)
        assert begun - told < LATE_NS
        ended = min(at for at in ends if at > told)
        run = [at for at in guest.loud if begun <= at < ended + GAP_NS]
        assert run[-1] - ended < LATE_NS
        assert 85 <= len(run) <= 110


async def test_no_more_is_sent_than_the_settings_allow(server: LiveKitServer) -> None:
    coarse = np.random.default_rng(1).integers(0, 255, (8, 32, 32, 3), dtype=np.uint8)
    noise = np.kron(coarse, np.ones((1, 8, 8, 1), np.uint8))
    settings = LiveKitSettings(codec="vp8", camera_bitrate=300_000)
    async with (
        guest_in(server) as guest,
        showing_to(silent, settings, pixels=lambda number: noise[number % 8]) as showing,
        connected(server, showing),
    ):
        await until(lambda: guest.saw(CAMERA, 15))
        track = guest.tracks[CAMERA][0]
        before, began = await bytes_of(track), monotonic_ns()
        count = len(guest.pictures[CAMERA])
        await until(lambda: guest.saw(CAMERA, count + 40), 20)
        rate = (await bytes_of(track) - before) * 8 * NS_PER_S / (monotonic_ns() - began)
        assert await codec_of(track) == ["video/VP8"]
    assert 30_000 < rate < 450_000


async def test_a_new_connection_gets_all_of_it_again(server: LiveKitServer) -> None:
    async with guest_in(server) as guest, showing_to(lambda _: BEEP[0]) as showing:
        for _ in range(2):
            guest.forget()
            async with connected(server, showing):
                await until(lambda: guest.saw(CAMERA, 10) and guest.saw(SCREEN, 5) and guest.loud)
                light = [light for _, light in guest.pictures[CAMERA]]
                assert max(light) - min(light) > 50
            await until(lambda: not guest.room.remote_participants)
        assert showing.drops["voice"] == 0


async def test_a_connection_that_the_sdk_mends_has_each_track_once(server: LiveKitServer) -> None:
    async with (
        guest_in(server) as guest,
        showing_to(lambda _: BEEP[0]) as showing,
        connected(server, showing) as room,
    ):
        await until(lambda: guest.saw(CAMERA) and guest.saw(SCREEN) and guest.loud)
        before = {one.sid for _, one in guest.tracks.values()}
        guest.forget()
        await room.simulate_scenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT)
        await until(lambda: guest.saw(CAMERA, 25) and guest.saw(SCREEN, 5) and guest.loud)
        bot = guest.room.remote_participants["bot"]
        sources = sorted(one.source for one in bot.track_publications.values())
        assert sources == sorted([CAMERA, SCREEN, MICROPHONE])
        assert before.isdisjoint(bot.track_publications)


async def test_what_is_not_permitted_is_told_once_and_comes_when_it_is(
    server: LiveKitServer, caplog: pytest.LogCaptureFixture
) -> None:
    only_voice = api.VideoGrants(room_join=True, room="team", can_publish_sources=["microphone"])
    async with (
        guest_in(server) as guest,
        showing_to(lambda _: BEEP[0]) as showing,
        connected(server, showing, only_voice),
        server.api() as control,
    ):
        await until(lambda: guest.loud and "screen share" in caplog.text)
        assert set(guest.tracks) == {MICROPHONE}
        told = [one.message for one in caplog.records if "does not take" in one.message]
        assert len(told) == 2
        assert any("camera: its token or a moderator" in one for one in told)
        for allowed in (True, False, True):
            guest.forget()
            permission = api.ParticipantPermission(can_publish=allowed, can_subscribe=True)
            request = api.UpdateParticipantRequest(
                room="team", identity="bot", permission=permission
            )
            await control.room.update_participant(request)
            bot = guest.room.remote_participants["bot"]
            if allowed:
                await until(lambda: guest.saw(CAMERA, 5) and guest.saw(SCREEN, 5))
            else:
                await until(lambda: not bot.track_publications)  # noqa: B023


async def test_a_track_that_cannot_be_made_is_told_and_made_again(
    server: LiveKitServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "RETRY_SECONDS", 0.1)
    make, broken = rtc.LocalAudioTrack.create_audio_track, [RuntimeError("no\nhandle")]

    def sometimes(name: str, source: rtc.AudioSource) -> rtc.LocalAudioTrack:
        if broken:
            raise broken.pop()
        return make(name, source)

    monkeypatch.setattr(rtc.LocalAudioTrack, "create_audio_track", sometimes)
    async with (
        guest_in(server) as guest,
        showing_to(lambda _: BEEP[0]) as showing,
        connected(server, showing),
    ):
        await until(lambda: guest.loud)
    told = [one.message for one in caplog.records if one.name == publishing.log.name]
    assert told == ["the room does not take the bot's microphone: no handle"]


async def test_what_a_moderator_mutes_stays_muted_until_it_is_unmuted(tmp_path: Path) -> None:
    settings = {"room": {"enable_remote_unmute": True}}
    async with (
        running_livekit(tmp_path, settings) as server,
        guest_in(server) as guest,
        showing_to(lambda _: BEEP[0]) as showing,
        server.api() as control,
    ):

        async def mute(*, muted: bool) -> None:
            sid = guest.tracks[MICROPHONE][1].sid
            request = api.MuteRoomTrackRequest(
                room="team", identity="bot", track_sid=sid, muted=muted
            )
            await control.room.mute_published_track(request)
            await until(lambda: guest.tracks[MICROPHONE][1].muted is muted)

        async with connected(server, showing) as room:
            mine = room.local_participant
            await until(lambda: guest.loud and len(mine.track_publications) == 3)
            await mute(muted=True)
            await until(lambda: any(one.muted for one in mine.track_publications.values()))
        await until(lambda: not guest.room.remote_participants)
        guest.forget()
        async with connected(server, showing):
            await until(lambda: guest.saw(CAMERA, 25) and MICROPHONE in guest.tracks)
            assert guest.tracks[MICROPHONE][1].muted
            assert not guest.loud
            await mute(muted=False)
            await until(lambda: guest.loud)


async def test_without_a_room_all_that_comes_is_taken_at_its_pace() -> None:
    numbers: list[int] = []

    def count(number: int) -> NDArray[np.int16]:
        numbers.append(number)
        return np.asarray(BEEP[0], np.int16)

    async with showing_to(count) as showing:
        await until(lambda: len(numbers) >= 20)
        assert showing.drops == {"avatar": 0, "pictures": 0, "voice": 0}


async def test_a_video_of_another_name_is_refused() -> None:
    clock = MeetingClock()
    showing = Showing(TRACKS, LiveKitSettings(), clock)
    try:
        for name in ("stage", "avatar"):
            with pytest.raises(RoomError, match=f"no video track '{name}'.*: pictures"):
                await showing.publish(name, still(clock, DARK))
    finally:
        await showing.close()


async def test_sound_that_comes_too_fast_is_left_out_and_counted() -> None:
    clock = MeetingClock()
    showing = Showing(("stage",), LiveKitSettings(), clock)

    async def all_at_once() -> AsyncIterator[Moment]:
        for number in range(25):
            await asyncio.sleep(0)
            yield Moment(DARK, np.full(MOMENT_SAMPLES, 9, np.int16), number * MOMENT_NS)

    try:
        await showing.present(all_at_once())
        assert showing.drops["voice"] > 0
    finally:
        await showing.close()
