"""The bot and Python guests over real WebRTC on loopback."""

from __future__ import annotations

import asyncio
import json

import numpy as np
import pytest

from meetbot.config import RoomSettings, Settings
from meetbot.core.channels import Channel
from meetbot.core.clock import MeetingClock, monotonic_ns
from meetbot.core.errors import RoomError, RoomLost, RoomRefused
from meetbot.core.types import (
    AudioOpened,
    BotState,
    Caption,
    Notice,
    Participant,
    ParticipantJoined,
    Speaker,
)
from meetbot.web import RoomServer
from meetbot_webrtc import RoomClient, SignalingHub, WebRtcRoom
from support.rooms import RATE, RecordingBot, loud, pitch, tone, until

pytestmark = pytest.mark.server

SECOND = 1_000_000_000
SECRET = "a secret of the server"


def caption(number: int, *, final: bool = True, text: str = "Добрый день") -> Caption:
    """A caption that someone said."""
    return Caption(
        utterance_id=f"u{number}",
        participant=Participant("p-1", "Anna"),
        speaker=Speaker("s1", "Анна", "#7cc4ff"),
        text=text,
        language="ru",
        start_ns=number * SECOND,
        end_ns=(number + 1) * SECOND,
        final=final,
    )


async def test_hears_each_participant_on_their_own(server: RoomServer, bot: RecordingBot) -> None:
    guests = {"Anna": 440.0, "Борис": 880.0, "Chloé": 1320.0}
    clients = [RoomClient(server.url, "r", name, receive_video=False) for name in guests]
    async with clients[0], clients[1], clients[2]:
        for client in clients:
            await client.bot_is_here()
        await asyncio.gather(
            *(c.play(tone(f, 1.5)) for c, f in zip(clients, guests.values(), strict=True))
        )
        await until(lambda: all(len(bot.heard(name)) > 1.6 * RATE for name in guests))
    for name, hertz in guests.items():
        sound = loud(bot.heard(name))
        assert len(sound) / RATE == pytest.approx(1.5, abs=0.06)
        assert pitch(sound) == pytest.approx(hertz, abs=5)


async def test_time_stamps_never_go_back_and_a_silence_keeps_its_length(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as client:
        await client.bot_is_here()
        first = await client.play(tone(500, 0.5))
        await asyncio.sleep(2.0)
        second = await client.play(tone(500, 0.5))
        await until(lambda: len(loud(bot.heard("Anna"))) > 0.9 * RATE)
        await asyncio.sleep(0.3)
    frames = bot.sound["Anna"]
    starts = [f.pts_ns for f in frames]
    assert starts == sorted(set(starts))
    speech = [f.pts_ns for f in frames if np.abs(f.samples.astype(int)).max() > 3_000]
    gaps = np.diff(speech)
    pause = (second.first_ns - first.last_ns) / SECOND
    assert gaps.max() / SECOND == pytest.approx(pause, abs=0.08)


async def test_the_end_of_speech_is_followed_by_silence_at_once(
    server: RoomServer, bot: RecordingBot
) -> None:
    """A turn ends after 0.2 to 0.8 s of silence: it must come, and in time, though none is sent."""
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as client:
        await client.bot_is_here()
        await client.play(tone(500, 0.5))
        await asyncio.sleep(0.9)
        behind_ns = bot.clock.now_ns() - bot.sound["Anna"][-1].pts_ns
    assert behind_ns < 0.3 * SECOND


async def test_the_roster_comes_first_and_names_are_made_safe(
    server: RoomServer, bot: RecordingBot
) -> None:
    evil = "\u202eAnna\x07\n<b>" + "x" * 90
    async with (
        RoomClient(server.url, "r", evil, receive_video=False, shared_microphone=True) as client,
    ):
        await client.bot_is_here()
        joined = bot.events[0]
        assert isinstance(joined, ParticipantJoined)
        assert joined.participant.name.startswith("Anna <b>xxx")
        assert len(joined.participant.name) == 64
        assert joined.participant.shared_microphone
        assert [peer.name for peer in client.roster.values()] == ["Tester (AI)"]
        assert [peer.is_bot for peer in client.roster.values()] == [True]


async def test_captions_reach_everyone_and_latecomers(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna:
        await anna.bot_is_here()
        await bot.room.send(caption(1, final=False, text="Добрый"))
        await asyncio.sleep(0.1)
        sent_ns = monotonic_ns()
        await bot.room.send(caption(1))
        await bot.room.send(Notice(BotState.DEGRADED, "Hearing was restarted."))
        got = [await asyncio.wait_for(anna.captions.receive(), 3) for _ in range(3)]
        assert [message["type"] for _, message in got] == ["caption", "caption", "notice"]
        arrival_ns, final = got[1]
        assert final == {
            "type": "caption",
            "id": "u1",
            "participant": "p-1",
            "participant_name": "Anna",
            "speaker": "Анна",
            "colour": "#7cc4ff",
            "text": "Добрый день",
            "language": "ru",
            "start": 1.0,
            "end": 2.0,
            "final": True,
        }
        assert 0 < arrival_ns - sent_ns < 0.3 * SECOND
        async with RoomClient(server.url, "r", "Late", receive_video=False) as late:
            _, message = await asyncio.wait_for(late.captions.receive(), 5)
            assert message["id"] == "u1"
            assert message["final"]


async def test_participants_hear_each_other(server: RoomServer) -> None:
    anna = RoomClient(server.url, "r", "Anna", receive_video=False)
    boris = RoomClient(server.url, "r", "Boris", receive_video=False)
    async with anna, boris:
        await until(lambda: boris.id in anna.connected and anna.id in boris.connected)
        await anna.play(tone(700, 1.0))
        await asyncio.sleep(0.3)
        boris.received_audio.close()
        chunks = [chunk async for chunk in boris.received_audio]
    assert {chunk.participant_name for chunk in chunks} == {"Anna"}
    assert pitch(loud(np.concatenate([c.samples for c in chunks]))) == pytest.approx(700, abs=5)
    assert all(0 < chunk.arrival_ns - chunk.pts_ns < SECOND for chunk in chunks[5:])


async def test_everyone_sees_the_bot_from_one_encoder_and_latecomers_within_a_second(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with RoomClient(server.url, "r", "Anna") as anna:
        await asyncio.wait_for(anna.bot_video.receive(), 5)
        await asyncio.sleep(0.7)
        async with RoomClient(server.url, "r", "Late") as late:
            await late.bot_is_here()
            began = monotonic_ns()
            picture = await asyncio.wait_for(late.bot_video.receive(), 5)
            assert picture.arrival_ns - began < 1.0 * SECOND
            assert (picture.frame.width, picture.frame.height) == (640, 360)
            grey = picture.frame.to_ndarray(format="rgb24")[180, 320]
            assert 40 < grey.min() <= grey.max() < 230
            assert bot.room.encoders == {"stage": ("h264",)}


async def test_a_client_that_wants_no_picture_gets_none_and_costs_none(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with (
        RoomClient(server.url, "r", "Anna", receive_video=False) as anna,
        RoomClient(server.url, "r", "Boris") as boris,
    ):
        await asyncio.wait_for(boris.bot_video.receive(), 5)
        await anna.bot_is_here()
        await asyncio.sleep(4)
        assert len(anna.bot_video) == 0
        assert bot.room.drops["video"] == 0


async def test_a_picture_that_was_lost_is_followed_by_a_key_frame_soon(
    server: RoomServer,
) -> None:
    """A key frame comes every 2 s; one that is asked for comes within half a second."""
    async with RoomClient(server.url, "r", "Anna") as anna:
        keys: list[int] = []
        async with asyncio.timeout(8):
            async for picture in anna.bot_video:
                if picture.frame.key_frame:
                    keys.append(picture.arrival_ns)
                if len(keys) == 2:
                    break
            await asyncio.sleep(0.6)
            asked = monotonic_ns()
            await anna.ask_for_key_frame()
            async for picture in anna.bot_video:
                if picture.frame.key_frame and picture.arrival_ns > asked:
                    break
        assert picture.arrival_ns - asked < 0.6 * SECOND


async def test_leaving_is_told_at_once(server: RoomServer, bot: RecordingBot) -> None:
    async with RoomClient(server.url, "r", "Stays", receive_video=False) as stays:
        async with RoomClient(server.url, "r", "Anna", receive_video=False):
            await until(lambda: "Anna" in bot.opened())
        await until(lambda: bot.left() == {"Anna": "left"}, 1.0)
        await until(lambda: bot.ended == ["Anna"], 1.0)
        assert [peer.name for peer in stays.roster.values()] == ["Tester (AI)"]


async def test_one_who_vanishes_is_kept_for_the_grace_and_their_sound_ends(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with RoomClient(server.url, "r", "Stays", receive_video=False):
        async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna:
            await anna.bot_is_here()
            await anna.play(tone(500, 0.5))
            await anna.vanish()
            vanished = monotonic_ns()
        await until(lambda: "Anna" in bot.left(), 8)
        waited = (monotonic_ns() - vanished) / SECOND
        assert bot.left() == {"Anna": "lost"}
        assert 1.4 < waited < 2.5
        assert "Anna" in bot.ended
        assert len(loud(bot.heard("Anna"))) / RATE == pytest.approx(0.5, abs=0.06)


async def test_a_cut_of_the_signalling_alone_is_bridged(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna:
        await anna.bot_is_here()
        identity = anna.id
        playing = asyncio.create_task(anna.play(tone(500, 2.0)))
        await asyncio.sleep(0.5)
        await anna.cut()
        await playing
        await asyncio.sleep(0.2)
        assert anna.id == identity
        assert bot.left() == {}
        assert bot.opened() == ["Anna"]
        assert len(loud(bot.heard("Anna"))) / RATE == pytest.approx(2.0, abs=0.06)


async def test_one_who_comes_back_speaks_on_as_the_same_participant(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna:
        await anna.bot_is_here()
        await anna.play(tone(500, 0.3))
        await anna.reconnect()
        await until(lambda: len(anna.connected) == 1)
        await anna.play(tone(900, 0.5))
        await until(lambda: bot.opened() == ["Anna", "Anna"])
        await asyncio.sleep(0.2)
    ids = {e.participant.id for e in bot.events if isinstance(e, AudioOpened)}
    assert len(ids) == 1
    assert bot.joined() == ["Anna"]
    assert pitch(loud(bot.heard("Anna"))[-RATE // 4 :]) == pytest.approx(900, abs=10)


async def test_one_who_comes_back_too_late_is_someone_new_and_is_heard(
    settings: Settings, bot: RecordingBot
) -> None:
    settings = settings.model_copy(update={"room": RoomSettings(grace_seconds=0)})
    async with (
        RoomServer(settings, bot_factory=bot) as server,
        RoomClient(server.url, "r", "Stays", receive_video=False),
        RoomClient(server.url, "r", "Anna", receive_video=False) as anna,
    ):
        await anna.bot_is_here()
        before = anna.id
        await anna.cut()
        await until(lambda: anna.id != before)
        await until(lambda: len(anna.connected) == 2)
        await anna.play(tone(500, 0.3))
        await until(lambda: len(loud(bot.heard("Anna"))) > 0.2 * RATE)
        assert bot.left() == {"Anna": "lost"}
        assert bot.joined().count("Anna") == 2


async def test_two_bots_are_both_listed_and_do_not_hear_each_other(
    server: RoomServer, bot: RecordingBot
) -> None:
    other = RecordingBot()
    clock = MeetingClock()
    room = WebRtcRoom(server.hub, "Second (AI)", clock, RoomSettings(), room="r")
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna:
        running = asyncio.create_task(other("r", room, clock))
        await until(lambda: len(anna.connected) == 2)
        await anna.play(tone(500, 0.4))
        await until(lambda: bot.opened() == ["Anna"] and other.opened() == ["Anna"])
        listed = {p.name: p.is_bot for p in anna.roster.values()}
        assert listed == {"Tester (AI)": True, "Second (AI)": True}
        assert bot.joined() == ["Anna", "Second (AI)"]
        await bot.room.send(caption(1))
        await other.room.send(caption(2))
        got = {(await asyncio.wait_for(anna.captions.receive(), 3))[1]["id"] for _ in range(2)}
        assert got == {"u1", "u2"}
        room.finish()
        await running


async def test_a_consumer_that_takes_nothing_delays_nobody(server: RoomServer) -> None:
    """Sound that is not read is dropped, oldest first, and counted."""
    clock = MeetingClock()
    lazy = WebRtcRoom(
        server.hub, "Lazy (AI)", clock, RoomSettings(), room="r", audio_queue_seconds=0.4
    )
    async with lazy, RoomClient(server.url, "r", "Anna", receive_video=False) as anna:
        await until(lambda: len(anna.connected) == 2)
        await anna.play(tone(500, 1.5))
        opened = [e async for e in _ready(lazy) if isinstance(e, AudioOpened)]
        assert lazy.drops["audio"] > 40
        assert isinstance(opened[0].frames, Channel)
        assert len(opened[0].frames) == 20


async def _ready(room: WebRtcRoom):  # type: ignore[no-untyped-def]
    room.finish()
    async for event in room.events():
        yield event


async def test_a_bot_joins_from_elsewhere_with_the_servers_secret(settings: Settings) -> None:
    async with RoomServer(settings, bot_secret=SECRET) as server:
        address = f"webrtc://127.0.0.1:{server.port}/r"
        clock = MeetingClock()
        remote = RecordingBot()
        room = WebRtcRoom(address, "Remote (AI)", clock, settings.room, bot_secret=SECRET)
        running = asyncio.create_task(remote("r", room, clock))
        async with RoomClient(address, None, "Anna", receive_video=False) as anna:
            await anna.bot_is_here()
            await anna.play(tone(500, 0.4))
            await until(lambda: remote.opened() == ["Anna"])
        room.finish()
        await running
        false = WebRtcRoom(address, "False", clock, settings.room, bot_secret=SECRET[::-1])
        with pytest.raises(RoomRefused, match="bot secret"):
            async with false:
                pass


async def test_a_full_room_says_so(settings: Settings) -> None:
    small = settings.model_copy(update={"room": RoomSettings(max_participants=1)})
    async with RoomServer(small) as server, RoomClient(server.url, "r", "Anna"):
        with pytest.raises(RoomRefused, match=r"full: 1 participants.*LiveKit"):
            async with RoomClient(server.url, "r", "Boris"):
                pass


async def test_a_server_that_is_not_there_is_a_clear_error(settings: Settings) -> None:
    async with RoomServer(settings) as server:
        url = server.url
    with pytest.raises(RoomLost, match="nothing answers at ws://"):
        async with RoomClient(url, "r", "Anna"):
            pass


async def test_the_rooms_end_ends_the_events_with_room_lost(settings: Settings) -> None:
    hub = SignalingHub(RoomSettings())
    async with WebRtcRoom(hub, "Bot (AI)", MeetingClock(), RoomSettings(), room="r") as room:
        hub.close()
        with pytest.raises(RoomLost, match="closing"):
            async for _ in room.events():
                pass


async def test_an_unknown_track_is_refused(settings: Settings) -> None:
    hub = SignalingHub(RoomSettings())
    bot = RecordingBot()
    async with WebRtcRoom(hub, "Bot (AI)", MeetingClock(), RoomSettings(), room="r") as room:
        with pytest.raises(RoomError, match="no video track 'faces'"):
            await room.publish("faces", bot._frames(MeetingClock()))


async def test_an_empty_room_loses_its_bot_and_gets_one_again(
    server: RoomServer, bot: RecordingBot
) -> None:
    assert server.bots is not None
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna:
        await anna.bot_is_here()
    await until(lambda: server.bots is not None and not server.bots.rooms)
    async with RoomClient(server.url, "r", "Boris", receive_video=False) as boris:
        await boris.bot_is_here()
    assert bot.joined() == ["Anna", "Boris"]


async def test_captions_are_json_lines_that_any_client_can_read(
    server: RoomServer, bot: RecordingBot
) -> None:
    async with RoomClient(server.url, "r", "Anna", receive_video=False) as anna:
        await anna.bot_is_here()
        await bot.room.send(caption(1, text='"}<script>\n'))
        _, message = await asyncio.wait_for(anna.captions.receive(), 3)
        assert message["text"] == '"}<script>\n'
        assert json.loads(json.dumps(message)) == message
