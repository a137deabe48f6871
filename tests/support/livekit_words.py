"""The bot's words on connections of a test's own, and people whom they reach."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from livekit import api, rtc

from meetbot.core.clock import MeetingClock
from meetbot.core.messages import CHANNEL
from meetbot_livekit.chat import CHAT
from meetbot_livekit.transcripts import TRANSCRIPTION
from meetbot_livekit.words import Words

if TYPE_CHECKING:
    from meetbot.core.types import RoomMessage
    from meetbot_livekit.server import LiveKitServer

__all__ = ["MEMBER", "Guest", "Writer", "microphone"]

MEMBER = api.VideoGrants(room_join=True, room="team", can_update_own_metadata=True)


async def microphone(room: rtc.Room) -> str:
    """Open one; its sid."""
    track = rtc.LocalAudioTrack.create_audio_track("microphone", rtc.AudioSource(48_000, 1))
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    return (await room.local_participant.publish_track(track, options)).sid


@dataclass
class Guest:
    """Someone in the room, and all that reached them."""

    identity: str
    room: rtc.Room = field(default_factory=rtc.Room)
    packets: list[tuple[str, str, rtc.TranscriptionSegment]] = field(default_factory=list)
    opened: list[list[tuple[str, str, str, dict[str, str]]]] = field(default_factory=list)
    data: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    microphone: str = ""
    _reading: set[asyncio.Task[None]] = field(default_factory=set)

    async def join(self, url: str, token: str, options: rtc.RoomOptions | None = None) -> None:
        """Come in, with a microphone: the server tells of listeners only every 3 seconds."""
        self.room.on("transcription_received", self._transcribed)
        self.room.on("data_received", self._received)
        self.room.on("participant_attributes_changed", self._changed)
        for topic in (TRANSCRIPTION, CHAT):
            self.room.register_text_stream_handler(topic, self._opened)
        await self.room.connect(url, token, options or rtc.RoomOptions())
        self.microphone = await microphone(self.room)

    def on(self, topic: str) -> list[dict[str, Any]]:
        """The JSON that came on a topic."""
        return [value for name, value in self.data if name == topic]

    def captions(self) -> list[str]:
        """Final texts, as JSON tells them."""
        return [v["text"] for v in self.on(CHANNEL) if v["type"] == "caption" and v["final"]]

    @property
    def streams(self) -> list[tuple[str, str, str, dict[str, str]]]:
        """Topic, identity, text and attributes of each text stream, in the order they began."""
        return [one for place in self.opened for one in place]

    def texts(self, topic: str) -> list[str]:
        """The text streams of a topic."""
        return [text for name, _, text, _ in self.streams if name == topic]

    def tracks_of_the_bot(self) -> list[str]:
        """Their sids."""
        bot = self.room.remote_participants.get("meetbot")
        return list(bot.track_publications) if bot is not None else []

    async def leave(self) -> None:
        """Go."""
        await self.room.disconnect()
        await asyncio.gather(*self._reading, return_exceptions=True)

    def _transcribed(self, segments: list[Any], who: Any, track: Any) -> None:
        for segment in segments:
            self.packets.append((who.identity, track.sid if track else "", segment))

    def _received(self, packet: rtc.DataPacket) -> None:
        self.data.append((packet.topic or "", json.loads(packet.data)))

    def _changed(self, changed: dict[str, str], _: object) -> None:
        if "lk.agent.state" in changed:
            self.states.append(changed["lk.agent.state"])

    def _opened(self, reader: rtc.TextStreamReader, identity: str) -> None:
        place: list[tuple[str, str, str, dict[str, str]]] = []
        self.opened.append(place)

        async def read() -> None:
            text = await reader.read_all()
            info = reader.info
            place.append((info.topic, identity, text, dict(info.attributes or {})))

        self._reading.add(asyncio.create_task(read()))


@dataclass
class Writer:
    """The bot's words, and a connection for them."""

    server: LiveKitServer
    written: list[tuple[str, str]] = field(default_factory=list)
    room: rtc.Room | None = None

    def __post_init__(self) -> None:
        self.words = Words(
            MeetingClock(), "Meetbot (AI)", lambda who, text: self.written.append((who, text))
        )

    async def up(
        self,
        kind: api.AccessToken.ParticipantKind = "agent",
        options: rtc.RoomOptions | None = None,
        *,
        speaks: bool = True,
    ) -> rtc.Room:
        """A new connection."""
        room = rtc.Room()
        self.words.attach(room)
        token = self.server.token("meetbot", "Meetbot (AI)", "team", grants=MEMBER, kind=kind)
        await room.connect(self.server.url, token, options or rtc.RoomOptions())
        await self.words.up(room)
        self.room = room
        if speaks:
            await microphone(room)
        return room

    async def down(self) -> None:
        """It is gone."""
        if self.room is not None:
            await self.words.down()
            await self.room.disconnect()
            self.room = None

    async def tell(self, *messages: RoomMessage) -> None:
        """Send and hand over."""
        for message in messages:
            self.words.send(message)
        await self.words.drain(5)
