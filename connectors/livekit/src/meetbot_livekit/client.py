"""A participant of a LiveKit room in Python, for the demo, the benchmarks and the tests."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any, Self

from meetbot.config import LiveKitSettings, RoomSettings
from meetbot.core.channels import ChannelClosed
from meetbot.core.clock import NS_PER_S, MeetingClock, monotonic_ns
from meetbot.core.errors import RoomError, RoomLost
from meetbot.core.messages import CHANNEL
from meetbot_livekit.address import room_address
from meetbot_livekit.chat import CHAT
from meetbot_livekit.guest_microphone import GuestMicrophone
from meetbot_livekit.guest_senses import GuestSenses
from meetbot_livekit.link import ServerLink
from meetbot_livekit.tokens import TokenSource

if TYPE_CHECKING:
    from livekit import rtc

    from meetbot.core.channels import Channel
    from meetbot.core.guests import Clip, Played, ReceivedPicture, ReceivedSound

__all__ = ["LiveKitClient"]

ANSWER_SECONDS = 2.0
ATTEMPTS = 4
BETWEEN_SECONDS = 0.02


class LiveKitClient:
    """Joins the room at ``target`` (``livekit://HOST:PORT/ROOM``) with ``token``; a ``RoomGuest``.

    ``audio`` (int16 mono 48 kHz, whole or in pieces) starts to play when a bot hears this guest;
    ``play`` plays more. ``captions`` are ``(arrival in monotonic ns, message)``;
    ``finished_playing`` is set, with ``first_sample_ns`` and ``last_sample_ns``, when ``audio``
    has gone out. What is not to be received is not subscribed to, so that it costs nothing:
    ``receive_people``: the sound of others than bots. It comes back by itself when it is cut off.

    Arrival is when the SDK hands something over, after its jitter buffer and its decoder.
    """

    def __init__(
        self,
        target: str,
        token: str,
        *,
        audio: Clip | None = None,
        receive_audio: bool = True,
        receive_people: bool = True,
        receive_video: bool = True,
    ) -> None:
        settings = RoomSettings(livekit=LiveKitSettings())
        address = room_address(target, tls=None)
        tokens = TokenSource(address.room, "guest", settings.livekit, token)
        self._me = _Me()
        self._microphone = GuestMicrophone()
        self._senses = GuestSenses(
            audio=receive_audio,
            people=receive_people,
            video=receive_video,
            told_time=self._told_time,
        )
        parts = (self._me, self._senses, self._microphone)
        self._link = ServerLink(address, tokens, settings, MeetingClock(), parts)
        self._identity = tokens.identity
        self._audio = audio
        self._tasks: list[asyncio.Task[Any]] = []
        self._asked = 0
        self._times: dict[int, asyncio.Future[tuple[int, float]]] = {}
        self.captions: Channel[tuple[int, dict[str, Any]]] = self._senses.captions
        self.received_audio: Channel[ReceivedSound] = self._senses.received_audio
        self.bot_video: Channel[ReceivedPicture] = self._senses.bot_video
        self.finished_playing = asyncio.Event()
        self.first_sample_ns: int | None = None
        self.last_sample_ns: int | None = None

    @property
    def id(self) -> str:
        """This guest's identity."""
        return self._identity

    @property
    def reconnects(self) -> int:
        """How often it has joined again."""
        return self._link.reconnects

    @property
    def connected(self) -> bool:
        """Whether it is in the room now, as far as is known."""
        return self._link.connected

    @property
    def roster(self) -> dict[str, rtc.RemoteParticipant]:
        """The others who are in the room now, by identity."""
        room = self._me.room
        return dict(room.remote_participants) if room is not None else {}

    async def play(self, clip: Clip) -> Played:
        """Say ``clip`` (int16 mono 48 kHz); returns when its last sample has gone out."""
        return await self._microphone.play(clip)

    async def bot_is_here(self) -> None:
        """Wait until a bot is there and this guest's microphone is listened to."""
        await self._senses.bot_came.wait()
        await self._microphone.heard.wait()

    async def meeting_offset(self, questions: int = 8) -> float:
        """Seconds of this machine's monotonic clock at which the bot's meeting time was 0.

        By question and answer over data messages, of which the quickest counts (Cristian 1989).
        Raises ``RoomError`` when the bot does not answer.
        """
        quickest, offset = float("inf"), 0.0
        for _ in range(questions):
            asked_ns, told_ns, meeting = await self._ask()
            if told_ns - asked_ns < quickest:
                quickest = told_ns - asked_ns
                offset = (asked_ns + told_ns) / 2 / NS_PER_S - meeting
            await asyncio.sleep(BETWEEN_SECONDS)
        return offset

    async def chat(self, text: str) -> None:
        """Write ``text`` to the room, as LiveKit's clients do."""
        await self._room().local_participant.send_text(text, topic=CHAT)

    async def __aenter__(self) -> Self:
        await self._link.join()
        self._tasks = [asyncio.create_task(self._follow(), name="room")]
        if self._audio is not None:
            self._tasks.append(asyncio.create_task(self._play_first(self._audio)))
        return self

    async def __aexit__(self, *exc: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._link.leave()
        self._senses.close()

    # ------------------------------------------------------------------ inside

    def _room(self) -> rtc.Room:
        if self._me.room is None:
            raise RoomError("the guest is not connected to the room")
        return self._me.room

    async def _ask(self) -> tuple[int, int, float]:
        """When the bot was asked, when it answered, and the meeting time that it told."""
        for _ in range(ATTEMPTS):
            await self._senses.bot_came.wait()
            self._asked += 1
            number = self._asked
            answer = self._times[number] = asyncio.get_running_loop().create_future()
            to = [self._senses.bot] if self._senses.bot is not None else []
            asked_ns = monotonic_ns()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_SECONDS):
                    text = json.dumps({"type": "time", "id": number})
                    me = self._room().local_participant
                    await me.publish_data(text, topic=CHANNEL, destination_identities=to)
                    told_ns, meeting = await answer
                    return asked_ns, told_ns, meeting
            self._times.pop(number, None)
        raise RoomError("the bot does not tell its meeting's time")

    def _told_time(self, arrival_ns: int, message: dict[str, Any]) -> None:
        number, meeting = message.get("id"), message.get("meeting")
        if not isinstance(number, int) or not isinstance(meeting, int | float):
            return
        waiting = self._times.pop(number, None)
        if waiting is not None and not waiting.done():
            waiting.set_result((arrival_ns, float(meeting)))

    async def _play_first(self, audio: Clip) -> None:
        await self.bot_is_here()
        played = await self._microphone.play(audio)
        self.first_sample_ns, self.last_sample_ns = played.first_ns, played.last_ns
        self.finished_playing.set()

    async def _follow(self) -> None:
        with contextlib.suppress(ChannelClosed):
            try:
                await self._link.run()
            except RoomError as error:
                self._senses.close(error if isinstance(error, RoomLost) else RoomLost(str(error)))


class _Me:
    """A ``Part``: which connection there is."""

    def __init__(self) -> None:
        self.room: rtc.Room | None = None

    def attach(self, room: rtc.Room) -> None:
        """Nothing to listen to."""

    async def up(self, room: rtc.Room) -> None:
        """This one."""
        self.room = room

    async def down(self) -> None:
        """None."""
        self.room = None
