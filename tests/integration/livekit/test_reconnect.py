"""The bot in a LiveKit room whose server, or the way to it, goes and comes back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import TYPE_CHECKING

import pytest

from meetbot.core.clock import NS_PER_S, MeetingClock, monotonic_ns
from meetbot.core.errors import RoomLost
from meetbot.core.types import Caption, Participant
from meetbot.store import Store
from meetbot_livekit.client import LiveKitClient
from meetbot_livekit.room import LiveKitRoom
from support.livekit import member, microphone
from support.livekit_bot import bot_in, livekit_settings, sounding
from support.rooms import RecordingBot, loud, moments, pitch, tone, until
from unit.hearing.fakes import LoudnessActivity
from unit.session.fakes import Scene

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from meetbot_livekit.server import LiveKitServer

pytestmark = pytest.mark.server

BACK_SECONDS = 5.0
ANNA = Participant("anna", "Anna")
LATER = "Said while it was away."


class Wire:
    """The way from the bot to the server's signalling port, which can be cut."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self._to = port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def mend(self) -> None:
        """Let everything through, at the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Break what is open, and let nothing through."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None
        await until(lambda: not self._open)

    async def _serve(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, there = await asyncio.open_connection("127.0.0.1", self._to)
        ways = [asyncio.create_task(_pump(near, there)), asyncio.create_task(_pump(far, back))]
        self._open |= {back, there}
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for one, way in zip((there, back), ways, strict=True):
            way.cancel()
            one.transport.abort()
        await asyncio.wait(ways)
        self._open -= {back, there}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()


@contextlib.asynccontextmanager
async def wire_to(server: LiveKitServer) -> AsyncIterator[Wire]:
    """A whole one."""
    wire = Wire(server.port)
    await wire.mend()
    try:
        yield wire
    finally:
        await wire.cut()


@contextlib.asynccontextmanager
async def showing_bot(
    server: LiveKitServer, port: int | None = None
) -> AsyncIterator[RecordingBot]:
    """A bot that hears, shows a picture and says a tone all the time."""
    clock, bot = MeetingClock(), RecordingBot()
    target = f"livekit://127.0.0.1:{port or server.port}/team"
    room = LiveKitRoom(target, "Meetbot (AI)", clock, livekit_settings(server), tracks=("stage",))
    meeting = asyncio.create_task(bot("Meetbot (AI)", room, clock))  # type: ignore[arg-type]
    talking = asyncio.create_task(room.present(moments(clock, tone(660, 60), 1_500)))
    try:
        yield bot
    finally:
        talking.cancel()
        await asyncio.wait({talking})
        room.finish()
        await meeting


def guest(server: LiveKitServer) -> LiveKitClient:
    """Anna, who sees and hears the bot, and comes back by herself."""
    return LiveKitClient(server.target("team"), server.token("anna", "Anna", "team"))


async def sees_and_hears(anna: LiveKitClient) -> None:
    """Wait for the bot's picture, and for its voice's own pitch, from now on."""
    now_ns = monotonic_ns()
    while True:
        sound = await anna.received_audio.receive()
        said = sound.arrival_ns > now_ns and len(loud(sound.samples)) > 0.8 * len(sound.samples)
        if said and pitch(sound.samples) == pytest.approx(660, abs=60):
            break
    while True:
        picture = await anna.bot_video.receive()
        if picture.arrival_ns > now_ns and picture.frame.width == 640:
            break


async def is_heard(bot: RecordingBot, anna: LiveKitClient, hertz: int) -> None:
    """Anna says something, and the bot hears it, as high as it is."""
    before = len(loud(bot.heard("Anna")))
    await anna.play(tone(hertz, 0.5))
    await until(lambda: len(loud(bot.heard("Anna"))) > before)
    last = bot.sound["Anna"][-20:]
    assert last[-1].pts_ns > last[0].pts_ns


async def finals_of(anna: LiveKitClient, last: str) -> list[str]:
    """The captions that came, up to one that says ``last``."""
    texts: list[str] = []
    while last not in texts:
        _, message = await anna.captions.receive()
        if message["type"] == "caption" and message["final"]:
            texts.append(message["text"])
    return texts


def caption(number: int, text: str) -> Caption:
    """A final one."""
    return Caption(f"u{number}", ANNA, None, text, "en", 0, NS_PER_S, final=True)


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "stopped"])
async def test_everything_goes_on_after_the_server_was_restarted(
    livekit: LiveKitServer, kill: bool
) -> None:
    async with asyncio.timeout(40), showing_bot(livekit) as bot, guest(livekit) as anna:
        await anna.bot_is_here()
        await sees_and_hears(anna)
        await is_heard(bot, anna, 440)
        await bot.room.send(caption(1, "Said before."))
        assert await finals_of(anna, "Said before.") == ["Said before."]
        if not kill:  # told once, it waits for everyone to leave
            os.kill(livekit.pid, signal.SIGTERM)
            await asyncio.sleep(0.2)
        await livekit.stop(kill=kill)
        await until(lambda: not bot.room._link.connected)  # type: ignore[attr-defined]
        await bot.room.send(caption(2, LATER))
        await asyncio.sleep(1.0)
        await livekit.start()
        async with asyncio.timeout(BACK_SECONDS):
            await anna.bot_is_here()
            await sees_and_hears(anna)
            assert await finals_of(anna, LATER) == [LATER]
        await is_heard(bot, anna, 880)
        assert bot.joined() == ["Anna"]
        assert bot.left() == {}
        assert bot.opened() == ["Anna", "Anna"]


@pytest.mark.parametrize("seconds", [0.3, 3.0])
async def test_everything_goes_on_after_the_way_to_the_server_was_cut(
    livekit: LiveKitServer, seconds: float
) -> None:
    async with (
        asyncio.timeout(40),
        wire_to(livekit) as wire,
        showing_bot(livekit, wire.port) as bot,
        guest(livekit) as anna,
    ):
        await anna.bot_is_here()
        await sees_and_hears(anna)
        await is_heard(bot, anna, 440)
        await wire.cut()
        await asyncio.sleep(seconds)
        await bot.room.send(caption(1, LATER))
        await wire.mend()
        async with asyncio.timeout(BACK_SECONDS):
            await until(lambda: bot.room._link.connected)  # type: ignore[attr-defined]
            assert await finals_of(anna, LATER) == [LATER]
            await anna.bot_is_here()
            await sees_and_hears(anna)
        await is_heard(bot, anna, 880)
        assert bot.joined() == ["Anna"]
        assert bot.left() == {}


async def test_a_server_that_is_gone_for_good_is_told_in_one_line(livekit: LiveKitServer) -> None:
    async def meet() -> None:
        async with bot_in(livekit, livekit=_impatient(livekit)) as bot:
            await livekit.stop(kill=True)
            await until(lambda: bot.room._events.closed)  # type: ignore[attr-defined]

    with pytest.raises(RoomLost) as lost:
        await meet()
    line = str(lost.value)
    assert "did not come back within 1 s" in line
    assert "nothing listens there; start the server" in line
    assert livekit.secret not in line


async def test_a_session_whose_server_is_gone_for_good_ends_with_everything_kept(
    livekit: LiveKitServer, tmp_path: Path
) -> None:
    async with await Store.open(tmp_path) as store:
        scene = Scene(store, tmp_path, voice_activity=LoudnessActivity())
        settings = livekit_settings(livekit, livekit=_impatient(livekit))
        clock = scene.session._clock
        target = livekit.target("team")
        scene.session._room = LiveKitRoom(target, "Meetbot (AI)", clock, settings)
        running = asyncio.create_task(scene.session.run())
        async with member(livekit, "anna") as anna:
            source = await microphone(anna)
            async with sounding(source, 440):
                await until(lambda: any(one.streams for one in _hearing(scene)))
                await asyncio.sleep(1.5)
                await livekit.stop(kill=True)
        with pytest.raises(RoomLost, match="did not come back within 1 s"):
            async with asyncio.timeout(10):
                await running
        (utterance,) = await scene.stored()
        assert utterance.end_ns - utterance.start_ns > NS_PER_S
        (meeting,) = await store.meetings()
        assert meeting.ended_at is not None


def _impatient(server: LiveKitServer) -> dict[str, object]:
    return {"key": server.key, "secret": server.secret, "give_up_seconds": 1.0}


def _hearing(scene: Scene) -> list[object]:
    return [scene.session._room._hearing]  # type: ignore[attr-defined]
