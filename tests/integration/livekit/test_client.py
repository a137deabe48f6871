"""The Python guest in a real LiveKit room: with the bot's own room, and with the plain SDK."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from livekit import rtc
from livekit.api import RoomParticipantIdentity

from meetbot.config import LiveKitSettings, RoomSettings
from meetbot.core.clock import NS_PER_S, MeetingClock, monotonic_ns
from meetbot.core.errors import ConfigError, RoomLost
from meetbot.core.messages import CHANNEL
from meetbot.core.types import AudioOpened, Caption, ChatReceived, Participant
from meetbot_livekit.client import LiveKitClient
from meetbot_livekit.loudness import loudness_of
from meetbot_livekit.room import LiveKitRoom
from meetbot_livekit.server import find_server
from support.livekit import member, microphone
from support.rooms import RATE, loud, pitch, tone, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from meetbot.core.types import AudioFrame
    from meetbot_livekit.server import LiveKitServer

pytestmark = pytest.mark.server

ROOM = "team"
ANNA = Participant("anna", "Anna")


def guest(server: LiveKitServer, identity: str, **how: bool) -> LiveKitClient:
    """Somebody who wants no pictures, unless told otherwise."""
    token = server.token(identity, identity.title(), ROOM)
    return LiveKitClient(server.target(ROOM), token, **{"receive_video": False, **how})


def bot(server: LiveKitServer) -> LiveKitRoom:
    settings = RoomSettings(livekit=LiveKitSettings(key=server.key, secret=server.secret))
    return LiveKitRoom(server.target(ROOM), "Meetbot (AI)", MeetingClock(), settings)


def caption(number: int, *, final: bool = True) -> Caption:
    return Caption(f"u{number}", ANNA, None, f"words {number}", "en", 0, NS_PER_S, final)


async def take(frames: AsyncIterator[AudioFrame], count: int) -> np.ndarray:
    """The next so many samples."""
    kept: list[np.ndarray] = []
    async with asyncio.timeout(15):
        async for frame in frames:
            kept.append(np.asarray(frame.samples))
            if sum(map(len, kept)) >= count:
                break
    return np.concatenate(kept)


async def test_the_bot_hears_what_a_guest_plays_and_it_plays_as_long_as_it_is(
    livekit: LiveKitServer,
) -> None:
    async with bot(livekit) as room, guest(livekit, "anna", receive_audio=False) as anna:
        async with asyncio.timeout(15):
            await anna.bot_is_here()
            events = room.events()
            while not isinstance(event := await anext(events), AudioOpened):
                pass
        hearing = asyncio.create_task(take(event.frames, 3 * RATE))
        before_ns = monotonic_ns()
        played = await anna.play(tone(440, 1.0))
        heard = await hearing
    assert event.participant == Participant(anna.id, "Anna")
    assert before_ns <= played.first_ns
    assert (played.last_ns - played.first_ns) / NS_PER_S == pytest.approx(1.0, abs=0.3)
    assert pitch(loud(heard)) == pytest.approx(440, abs=5)
    assert len(loud(heard)) / RATE == pytest.approx(1.0, abs=0.3)


async def test_captions_the_time_and_the_chat_go_over_data_messages(
    livekit: LiveKitServer,
) -> None:
    async with bot(livekit) as room, guest(livekit, "anna") as anna:
        async with asyncio.timeout(15):
            await anna.bot_is_here()
            offset = await anna.meeting_offset()
            told = monotonic_ns() / NS_PER_S - offset
            for number in range(3):
                await room.send(caption(number))
                await room.send(caption(number))
            texts = []
            while len(texts) < 3:
                arrival_ns, message = await anna.captions.receive()
                if message["type"] == "caption":
                    texts.append(message["text"])
            assert arrival_ns <= monotonic_ns()
            await anna.chat("hello there")
            events = room.events()
            while not isinstance(event := await anext(events), ChatReceived):
                pass
    assert texts == ["words 0", "words 1", "words 2"]
    assert event.text == "hello there"
    assert event.participant.id == "anna"
    assert 0 < told < 15


async def test_a_guest_receives_only_what_it_asked_for(livekit: LiveKitServer) -> None:
    async with (
        member(livekit, "bot", ROOM, kind="agent") as speaker,
        member(livekit, "boris", ROOM) as boris,
        guest(livekit, "all") as everything,
        guest(livekit, "asker", receive_people=False) as asker,
        guest(livekit, "mute", receive_audio=False) as mute,
    ):
        sources = await microphone(speaker), await microphone(boris)
        sound = tone(500, 0.02).tobytes()

        async def speak() -> None:
            while True:
                for source in sources:
                    await source.capture_frame(rtc.AudioFrame(sound, RATE, 1, len(sound) // 2))

        speaking = asyncio.create_task(speak())
        try:
            missing = {("bot", True), ("boris", False), ("asker", False)}
            async with asyncio.timeout(15):
                while missing:
                    missing.discard(await _heard(everything))
                only = {await _heard(asker) for _ in range(50)}
        finally:
            speaking.cancel()
            await asyncio.wait({speaking})
        subscribed = [
            publication.subscribed
            for one in mute.roster.values()
            for publication in one.track_publications.values()
        ]
    assert only == {("bot", True)}
    assert subscribed.count(True) == 0
    assert len(subscribed) >= 4


async def _heard(client: LiveKitClient) -> tuple[str, bool]:
    sound = await client.received_audio.receive()
    assert sound.samples.dtype == np.int16
    assert sound.pts_ns <= sound.arrival_ns
    return sound.participant_id, sound.is_bot


async def test_pictures_come_with_their_track_their_time_and_their_loudness(
    livekit: LiveKitServer,
) -> None:
    source = rtc.VideoSource(320, 240)
    track = rtc.LocalVideoTrack.create_video_track("avatar", source)
    options = rtc.TrackPublishOptions(
        source=rtc.TrackSource.SOURCE_CAMERA, video_codec=rtc.VideoCodec.H264, simulcast=False
    )
    features = rtc.FrameMetadataFeature
    options.frame_metadata_features.extend([features.FMF_USER_TIMESTAMP, features.FMF_USER_DATA])
    told = loudness_of(tone(300, 0.04))
    async with (
        member(livekit, "bot", ROOM, kind="agent") as shown,
        guest(livekit, "anna", receive_video=True) as anna,
    ):
        await shown.local_participant.publish_track(track, options)

        async def show() -> None:
            grey = bytearray(320 * 240 * 3 // 2)
            for number in range(1, 1_000):
                grey[: 320 * 240] = bytes([60 + number % 100]) * (320 * 240)
                frame = rtc.VideoFrame(320, 240, rtc.VideoBufferType.I420, grey)
                metadata = rtc.FrameMetadata(user_timestamp=number * 40_000, user_data=told)
                source.capture_frame(frame, metadata=metadata)
                await asyncio.sleep(0.04)

        showing = asyncio.create_task(show())
        try:
            async with asyncio.timeout(15):
                pictures = [await anna.bot_video.receive() for _ in range(10)]
        finally:
            showing.cancel()
            await asyncio.wait({showing})
    assert {(one.participant_id, one.track) for one in pictures} == {("bot", "avatar")}
    assert all((one.frame.width, one.frame.height) == (320, 240) for one in pictures)
    assert all(one.frame.to_ndarray(format="gray").mean() > 40 for one in pictures)
    times = [one.captured_ns for one in pictures]
    assert None not in times
    assert all(one % 40_000_000 == 0 for one in times if one is not None)
    assert times == sorted(times)
    assert {one.loudness for one in pictures} == {told}


async def test_what_others_say_under_the_bots_name_is_not_taken(livekit: LiveKitServer) -> None:
    lie = json.dumps({"type": "caption", "id": "x", "text": "lie", "final": True})
    async with (
        member(livekit, "bot", ROOM, kind="agent") as told,
        member(livekit, "mallory", ROOM) as mallory,
        guest(livekit, "anna") as anna,
    ):
        await mallory.local_participant.publish_data(lie, topic=CHANNEL)
        for text in ("{", "[]", json.dumps({"type": "notice", "text": "truth"})):
            await told.local_participant.publish_data(text, topic=CHANNEL)
        async with asyncio.timeout(10):
            _, message = await anna.captions.receive()
    assert message["text"] == "truth"


async def test_a_guest_comes_back_to_a_server_that_was_restarted(livekit: LiveKitServer) -> None:
    async with guest(livekit, "anna", receive_audio=False) as anna:
        await livekit.stop(kill=True)
        await livekit.start()
        async with member(livekit, "boris", ROOM) as boris:
            await until(lambda: "boris" in anna.roster, 20)
            await until(lambda: "anna" in boris.remote_participants)
            await until(lambda: boris.remote_participants["anna"].track_publications)


async def test_a_guest_who_is_taken_out_is_told_so(livekit: LiveKitServer) -> None:
    async with guest(livekit, "anna") as anna, livekit.api() as api:
        await api.room.remove_participant(RoomParticipantIdentity(room=ROOM, identity="anna"))
        with pytest.raises(RoomLost):
            async with asyncio.timeout(10):
                await anna.captions.receive()


def test_a_server_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(ConfigError, match=r"scripts/install-livekit\.sh builds it"):
        find_server()
