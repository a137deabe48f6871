"""Who is heard as whom in a real LiveKit room."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import pytest
from livekit import rtc

from meetbot.core.clock import NS_PER_S
from meetbot_livekit import microphone as microphones
from support.livekit import member, microphone
from support.livekit_bot import bot_in, play, sounding
from support.rooms import RATE, loud, pitch, until

if TYPE_CHECKING:
    from meetbot_livekit.server import LiveKitServer
    from support.rooms import RecordingBot

pytestmark = pytest.mark.server

NO_MUSIC = rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO


def loud_seconds(bot: RecordingBot, name: str) -> float:
    """How much of what came from ``name`` is not silence."""
    return float(np.count_nonzero(np.abs(bot.heard(name).astype(np.int32)) > 500)) / RATE


def publication(room: rtc.Room) -> rtc.LocalTrackPublication:
    """The only thing that somebody publishes."""
    return next(iter(room.local_participant.track_publications.values()))


async def test_two_who_speak_at_once_are_heard_apart(livekit: LiveKitServer) -> None:
    async with (
        member(livekit, "anna") as anna,
        member(livekit, "boris", name="Борис") as boris,
        bot_in(livekit) as bot,
    ):
        sources = [await microphone(anna), await microphone(boris)]
        await until(lambda: len(bot.opened()) == 2)
        await asyncio.gather(play(sources[0], 440, 1.0), play(sources[1], 880, 1.0))
        await until(lambda: all(loud_seconds(bot, name) > 0.8 for name in ("Anna", "Борис")))
        await asyncio.sleep(0.1)
    for name, hertz in {"Anna": 440, "Борис": 880}.items():
        sound = loud(bot.heard(name))
        assert len(sound) / RATE == pytest.approx(1.0, abs=0.08)
        assert pitch(sound) == pytest.approx(hertz, abs=3)


async def test_sound_bears_the_time_at_which_it_was_made(livekit: LiveKitServer) -> None:
    async with member(livekit, "anna") as anna, bot_in(livekit) as bot:
        source = await microphone(anna)
        await until(lambda: len(bot.sound.get("Anna", [])) > 20)
        said_ns = bot.clock.now_ns()
        await play(source, 440, 0.4)
        await until(lambda: loud_seconds(bot, "Anna") > 0.3)
    frames = bot.sound["Anna"]
    assert {f.samples.dtype for f in frames} == {np.dtype(np.int16)}
    first = next(f for f in frames if np.abs(f.samples.astype(np.int32)).max() > 2_000)
    assert 0 <= first.pts_ns - said_ns < 0.25 * NS_PER_S
    steps = np.diff([f.pts_ns for f in frames[5:]]) / NS_PER_S
    assert np.median(steps) == pytest.approx(microphones.FRAME_MS / 1000, abs=1e-6)


async def test_a_short_mute_is_silence_and_a_long_one_costs_nothing(
    livekit: LiveKitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(microphones, "MUTED_SECONDS", 0.6)
    async with member(livekit, "anna") as anna, bot_in(livekit) as bot:
        source = await microphone(anna)
        track = publication(anna).track
        assert isinstance(track, rtc.LocalAudioTrack)
        ears = bot.room._hearing  # type: ignore[attr-defined]
        async with sounding(source, 440):
            await until(lambda: loud_seconds(bot, "Anna") > 0.2)
            track.mute()
            before = len(bot.sound["Anna"])
            await until(lambda: len(bot.sound["Anna"]) > before + 10)
            track.unmute()
            heard = loud_seconds(bot, "Anna")
            await until(lambda: loud_seconds(bot, "Anna") > heard + 0.7)
            assert ears.streams == 1
            track.mute()
            await until(lambda: ears.streams == 0)
            heard = loud_seconds(bot, "Anna")
            track.unmute()
            await until(lambda: loud_seconds(bot, "Anna") > heard + 0.2)
        assert bot.opened() == ["Anna"]
        assert bot.ended == []


async def test_a_microphone_that_is_muted_at_first_is_opened_later(
    livekit: LiveKitServer,
) -> None:
    async with member(livekit, "anna") as anna:
        source = await microphone(anna)
        track = publication(anna).track
        assert isinstance(track, rtc.LocalAudioTrack)
        track.mute()
        async with bot_in(livekit) as bot, sounding(source, 440):
            await until(lambda: bot.opened() == ["Anna"])
            assert bot.room._hearing.streams == 0  # type: ignore[attr-defined]
            track.unmute()
            await until(lambda: loud_seconds(bot, "Anna") > 0.2)


async def test_a_microphone_that_is_closed_ends_and_may_be_opened_again(
    livekit: LiveKitServer,
) -> None:
    async with member(livekit, "anna") as anna, bot_in(livekit) as bot:
        await microphone(anna)
        await until(lambda: bot.opened() == ["Anna"])
        await anna.local_participant.unpublish_track(publication(anna).sid)
        await until(lambda: bot.ended == ["Anna"])
        source = await microphone(anna)
        await until(lambda: bot.opened() == ["Anna", "Anna"])
        await play(source, 660, 0.5)
        await until(lambda: loud_seconds(bot, "Anna") > 0.4)
    assert pitch(loud(bot.heard("Anna"))) == pytest.approx(660, abs=3)


async def test_only_the_microphones_of_people_are_received(livekit: LiveKitServer) -> None:
    async with (
        member(livekit, "anna") as anna,
        member(livekit, "robot", kind="agent") as robot,
        bot_in(livekit) as bot,
    ):
        await microphone(robot)
        camera = rtc.LocalVideoTrack.create_video_track("camera", rtc.VideoSource(64, 64))
        music = rtc.LocalAudioTrack.create_audio_track("music", rtc.AudioSource(RATE, 1))
        await anna.local_participant.publish_track(
            camera, rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA)
        )
        await anna.local_participant.publish_track(music, rtc.TrackPublishOptions(source=NO_MUSIC))
        await microphone(anna)
        await until(lambda: bot.opened() == ["Anna"])
        place = bot.room._link._connection.room  # type: ignore[attr-defined]
        received = {
            track.name
            for one in place.remote_participants.values()
            for track in one.track_publications.values()
            if track.subscribed
        }
    assert received == {"microphone"}
    assert bot.opened() == ["Anna"]


async def test_who_allows_it_later_is_heard_then(livekit: LiveKitServer) -> None:
    async with member(livekit, "anna") as anna:
        me = anna.local_participant
        me.set_track_subscription_permissions(allow_all_participants=False)
        source = await microphone(anna)
        async with bot_in(livekit) as bot, sounding(source, 440):
            await until(lambda: bot.joined() == ["Anna"])
            await asyncio.sleep(0.5)
            assert bot.opened() == []
            me.set_track_subscription_permissions(allow_all_participants=True)
            await until(lambda: loud_seconds(bot, "Anna") > 0.2)


async def test_what_nobody_takes_is_dropped_and_counted(
    livekit: LiveKitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(microphones, "QUEUE_FRAMES", 5)
    async with member(livekit, "anna") as anna, bot_in(livekit) as bot:
        monkeypatch.setattr(bot, "_keep", _never)
        await microphone(anna)
        await until(lambda: bot.room.drops["audio"] > 5)


async def test_a_microphone_that_breaks_is_told_in_one_line(
    livekit: LiveKitServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object) -> int:
        raise RuntimeError("broken\n" + "k" * 40)

    monkeypatch.setattr(microphones.Arrival, "stamp", breaks)
    async with member(livekit, "a\nb") as anna, bot_in(livekit) as bot:
        await microphone(anna)
        await until(lambda: bot.opened() and "not heard any more" in caplog.text)
    (line,) = [one.message for one in caplog.records if "not heard" in one.message]
    assert line == "the microphone of a b is not heard any more: broken …"


async def _never(_: object) -> None:
    await asyncio.Event().wait()
