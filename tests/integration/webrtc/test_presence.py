"""The bot's camera and microphone over real WebRTC on loopback."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.core.clock import monotonic_ns
from meetbot_webrtc import RoomClient
from meetbot_webrtc.sync import av_skew, clapperboard, content_skew, flashes
from support.rooms import RATE, RecordingBot, loud, moments, pitch, tone, until

if TYPE_CHECKING:
    from meetbot.web import RoomServer
    from meetbot_webrtc.client import ReceivedPicture, ReceivedSound

pytestmark = pytest.mark.server

SECOND = 1_000_000_000


class Watcher:
    """Keeps what a client receives of the bot."""

    def __init__(self, client: RoomClient) -> None:
        self.pictures: list[ReceivedPicture] = []
        self.sounds: list[ReceivedSound] = []
        self._client = client

    async def __aenter__(self) -> Watcher:
        self._tasks = [asyncio.create_task(self._look()), asyncio.create_task(self._listen())]
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._client.bot_video.close()
        self._client.received_audio.close()
        await asyncio.gather(*self._tasks)

    def seen(self, track: str) -> list[ReceivedPicture]:
        return [picture for picture in self.pictures if picture.track == track]

    async def _look(self) -> None:
        async for picture in self._client.bot_video:
            self.pictures.append(picture)

    async def _listen(self) -> None:
        async for sound in self._client.received_audio:
            self.sounds.append(sound)


async def test_sound_and_picture_come_together_and_the_reports_tell_the_truth(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with RoomClient(server.url, "r", "Anna") as anna, Watcher(anna) as watcher:
        await anna.bot_is_here()
        await bot.room.present(clapperboard(bot.clock, 20))
        await asyncio.sleep(0.2)
    pictures = watcher.seen("avatar")
    told = av_skew(pictures, watcher.sounds)
    seen = content_skew(pictures, watcher.sounds)
    begun = set(flashes(pictures))
    same = av_skew([p for p in pictures if p.arrival_ns in begun], watcher.sounds)
    assert told is not None
    assert seen is not None
    assert same is not None
    assert told.moments > 400
    assert seen.moments >= 18
    assert told.p95_ms <= 40
    assert seen.p95_ms <= 40
    assert same.median_ms == pytest.approx(seen.median_ms, abs=3)
    assert abs(told.drift_ms) < 10


async def test_everyone_hears_and_sees_the_bot_at_25_a_second(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with (
        RoomClient(server.url, "r", "Anna") as anna,
        RoomClient(server.url, "r", "Boris") as boris,
        Watcher(anna) as one,
        Watcher(boris) as other,
    ):
        await anna.bot_is_here()
        await boris.bot_is_here()
        await bot.room.present(moments(bot.clock, tone(700, 3), 75))
        await asyncio.sleep(0.2)
    for watcher in (one, other):
        assert 60 <= len(watcher.seen("avatar")) <= 75
        assert {p.frame.width for p in watcher.seen("avatar")} == {512}
        assert {p.frame.width for p in watcher.seen("stage")} == {640}
        spoken = [sound for sound in watcher.sounds if sound.is_bot]
        assert {sound.participant_name for sound in spoken} == {"Tester (AI)"}
        heard = loud(np.concatenate([sound.samples for sound in spoken]))
        assert len(heard) / RATE == pytest.approx(3.0, abs=0.06)
        assert pitch(heard) == pytest.approx(700, abs=5)
    assert bot.room.encoders == {"stage": ("h264",), "avatar": ("h264",)}


async def test_a_latecomer_sees_the_face_within_a_second(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with RoomClient(server.url, "r", "Anna") as anna:
        await anna.bot_is_here()
        presenting = asyncio.create_task(bot.room.present(moments(bot.clock, None, 300)))
        await asyncio.sleep(0.9)
        async with RoomClient(server.url, "r", "Late") as late, Watcher(late) as watcher:
            await late.bot_is_here()
            began = monotonic_ns()
            await until(lambda: bool(watcher.seen("avatar")), 3)
            first = watcher.seen("avatar")[0]
            assert first.frame.key_frame
            assert first.arrival_ns - began < SECOND
        presenting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await presenting


async def test_in_silence_hardly_a_packet_goes_and_speech_is_whole_after_it(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with (
        RoomClient(server.url, "r", "Anna", receive_video=False) as anna,
        Watcher(anna) as watcher,
    ):
        await anna.bot_is_here()
        await bot.room.present(moments(bot.clock, None, 75))
        packets = [s for s in watcher.sounds if s.captured_ns is not None]
        assert len(packets) < 20
        watcher.sounds.clear()
        await bot.room.present(moments(bot.clock, tone(900, 1), 25))
        await asyncio.sleep(0.3)
        heard = loud(np.concatenate([s.samples for s in watcher.sounds]))
        assert len(heard) / RATE == pytest.approx(1.0, abs=0.05)


async def test_one_who_wants_no_sound_hears_no_bot(server: RoomServer, bot: RecordingBot) -> None:
    deaf = RoomClient(server.url, "r", "Deaf", receive_audio=False, receive_video=False)
    async with deaf, RoomClient(server.url, "r", "Anna", receive_video=False) as anna:
        await deaf.bot_is_here()
        await anna.bot_is_here()
        async with Watcher(deaf) as nothing, Watcher(anna) as something:
            await bot.room.present(moments(bot.clock, tone(500, 1), 25))
            await asyncio.sleep(0.2)
    assert nothing.sounds == []
    assert something.sounds


async def test_the_bot_speaks_and_hears_at_the_same_time(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with (
        RoomClient(server.url, "r", "Anna", receive_video=False) as anna,
        Watcher(anna) as watcher,
    ):
        await anna.bot_is_here()
        speaking = bot.room.present(moments(bot.clock, tone(500, 2), 50))
        await asyncio.gather(speaking, anna.play(tone(1100, 1.5)))
        await until(lambda: len(loud(bot.heard("Anna"))) > 1.4 * RATE)
    assert pitch(loud(bot.heard("Anna"))) == pytest.approx(1100, abs=5)
    heard = loud(np.concatenate([s.samples for s in watcher.sounds]))
    assert pitch(heard) == pytest.approx(500, abs=5)
