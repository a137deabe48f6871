"""What a Python guest takes in: the sound of others, the bot's pictures, and its words."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from livekit import rtc

from meetbot.core.channels import Channel, ChannelClosed, Overflow
from meetbot.core.clock import monotonic_ns
from meetbot.core.guests import ReceivedPicture, ReceivedSound
from meetbot.core.messages import CHANNEL, from_json
from meetbot_livekit.arrival import Arrival
from meetbot_livekit.chat import CHAT
from meetbot_livekit.loudness import told_loudness
from meetbot_livekit.roster import as_participant

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from livekit.rtc.room import EventTypes

__all__ = ["GuestSenses"]

log = logging.getLogger(__name__)

RATE = 48_000
FRAME_MS = 20
SDK_FRAMES = 50
SDK_PICTURES = 4
CAPTIONS = 10_000
SOUND_CHUNKS = 1_500
PICTURES = 120
KNOWN = 10_000
MAX_MESSAGE = 65_536
TRACKS = {
    rtc.TrackSource.SOURCE_CAMERA: "avatar",
    rtc.TrackSource.SOURCE_SCREENSHARE: "pictures",
}
"""What a bot's video is where its name does not tell."""
NAMES = frozenset({"avatar", "pictures", "stage"})


class GuestSenses:
    """A ``Part``: subscribes to what is wanted and to nothing else.

    ``people``: also the sound of those who are no bots. A message that is told again, as after a
    reconnect, is passed on once. ``told_time(arrival_ns, answer)``: an answer to a question.
    """

    def __init__(
        self,
        *,
        audio: bool,
        people: bool,
        video: bool,
        told_time: Callable[[int, dict[str, Any]], None],
    ) -> None:
        self.captions: Channel[tuple[int, dict[str, Any]]] = Channel(CAPTIONS, Overflow.DROP_OLDEST)
        self.received_audio: Channel[ReceivedSound] = Channel(SOUND_CHUNKS, Overflow.DROP_OLDEST)
        self.bot_video: Channel[ReceivedPicture] = Channel(PICTURES, Overflow.DROP_OLDEST)
        self.bot_came = asyncio.Event()
        self._audio, self._people, self._video = audio, people, video
        self._told_time = told_time
        self._known: OrderedDict[object, None] = OrderedDict()
        self._room: rtc.Room | None = None
        self._readers: dict[str, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._handlers: dict[EventTypes, Callable[..., None]] = {
            "participant_connected": self._came,
            "participant_active": self._came,
            "participant_attributes_changed": lambda _, who: self._came(who),
            "track_published": self._want,
            "track_subscribed": self._subscribed,
            "track_unsubscribed": lambda _, publication, __: self._stop(publication.sid),
            "data_received": self._data,
            "reconnected": self._compare,
        }

    @property
    def bot(self) -> str | None:
        """The identity of the bot that is there; None: none is."""
        present = self._room.remote_participants if self._room is not None else {}
        return next((identity for identity, one in present.items() if _is_bot(one)), None)

    def close(self, error: Exception | None = None) -> None:
        """Nothing more comes."""
        for channel in (self.captions, self.received_audio, self.bot_video):
            channel.close(error)

    # ------------------------------------------------------------------ Part

    def attach(self, room: rtc.Room) -> None:
        """Listen to who is there and what they write."""
        self._room = room
        room.register_text_stream_handler(CHAT, self._read_chat)
        for event, handler in self._handlers.items():
            room.on(event, handler)

    async def up(self, room: rtc.Room) -> None:
        """Take what is there."""
        self._compare()

    async def down(self) -> None:
        """Everything that was received over this connection ends."""
        room, self._room = self._room, None
        if room is not None:
            room.unregister_text_stream_handler(CHAT)
            for event, handler in self._handlers.items():
                room.off(event, handler)
        self.bot_came.clear()
        for sid in list(self._readers):
            self._stop(sid)
        await asyncio.gather(*self._ending, return_exceptions=True)

    # ------------------------------------------------------------------ inside

    def _compare(self) -> None:
        for one in list(self._room.remote_participants.values()) if self._room is not None else []:
            self._came(one)

    def _came(self, who: rtc.Participant) -> None:
        if not isinstance(who, rtc.RemoteParticipant):
            return
        if _is_bot(who) and who.state == rtc.ParticipantState.PARTICIPANT_STATE_ACTIVE:
            self.bot_came.set()
        for publication in list(who.track_publications.values()):
            self._want(publication, who)

    def _want(self, publication: rtc.RemoteTrackPublication, who: rtc.RemoteParticipant) -> None:
        bot = _is_bot(who)
        if publication.kind == rtc.TrackKind.KIND_VIDEO:
            wanted = self._video and bot
        else:
            microphone = publication.source == rtc.TrackSource.SOURCE_MICROPHONE
            wanted = microphone and self._audio and (self._people or bot)
        if not wanted or publication.sid in self._readers:
            return
        if not publication.subscribed:
            publication.set_subscribed(True)
        elif publication.track is not None:
            self._subscribed(publication.track, publication, who)

    def _subscribed(
        self,
        track: rtc.Track,
        publication: rtc.RemoteTrackPublication,
        who: rtc.RemoteParticipant,
    ) -> None:
        self._stop(publication.sid)
        reading: Coroutine[Any, Any, None]
        if isinstance(track, rtc.RemoteAudioTrack):
            reading = self._hear(track, who)
        elif isinstance(track, rtc.RemoteVideoTrack):
            reading = self._watch(track, publication, who)
        else:
            return
        self._readers[publication.sid] = asyncio.create_task(reading, name=publication.sid)

    def _stop(self, sid: str) -> None:
        task = self._readers.pop(sid, None)
        if task is not None:
            task.cancel()
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def _hear(self, track: rtc.RemoteAudioTrack, who: rtc.RemoteParticipant) -> None:
        participant, arrival = as_participant(who), Arrival()
        stream = rtc.AudioStream(
            track, capacity=SDK_FRAMES, sample_rate=RATE, num_channels=1, frame_size_ms=FRAME_MS
        )
        try:
            async for event in stream:
                now_ns = monotonic_ns()
                samples = np.frombuffer(event.frame.data, np.int16)
                pts_ns = arrival.stamp(now_ns, len(samples), RATE)
                sound = ReceivedSound(
                    participant.id, participant.name, samples, pts_ns, now_ns, participant.is_bot
                )
                self.received_audio.offer(sound)
        except ChannelClosed:
            log.debug("the room is being left")
        finally:
            await stream.aclose()

    async def _watch(
        self,
        track: rtc.RemoteVideoTrack,
        publication: rtc.RemoteTrackPublication,
        who: rtc.RemoteParticipant,
    ) -> None:
        name = publication.name
        if name not in NAMES:
            name = TRACKS.get(publication.source, "stage")
        i420 = rtc.VideoBufferType.I420
        stream = rtc.VideoStream(track, capacity=SDK_PICTURES, format=i420)
        try:
            async for event in stream:
                self.bot_video.offer(_picture(event, name, who.identity))
        except ChannelClosed:
            log.debug("the room is being left")
        finally:
            await stream.aclose()

    def _data(self, packet: rtc.DataPacket) -> None:
        arrival_ns, who = monotonic_ns(), packet.participant
        if packet.topic != CHANNEL or who is None or not _is_bot(who):
            return
        message = from_json(packet.data[:MAX_MESSAGE])
        if message.get("type") == "time":
            self._told_time(arrival_ns, message)
        elif message:
            with contextlib.suppress(ChannelClosed):
                self._pass_on(arrival_ns, message, packet.data)

    def _pass_on(self, arrival_ns: int, message: dict[str, Any], whole: bytes) -> None:
        name = message.get("id")
        if name is not None:
            known = ("chat", name) if message.get("type") == "chat" else (name, whole)
            if known in self._known:
                return
            self._known[known] = None
            if len(self._known) > KNOWN:
                self._known.popitem(last=False)
        self.captions.offer((arrival_ns, message))

    def _read_chat(self, reader: rtc.TextStreamReader, identity: str) -> None:
        task = asyncio.create_task(self._take_chat(reader, identity), name="chat")
        self._readers[f"chat-{reader.info.stream_id}"] = task
        task.add_done_callback(lambda _: self._readers.pop(f"chat-{reader.info.stream_id}", None))

    async def _take_chat(self, reader: rtc.TextStreamReader, identity: str) -> None:
        text = await reader.read_all()
        who = self._room.remote_participants.get(identity) if self._room is not None else None
        message = {
            "type": "chat",
            "id": reader.info.stream_id,
            "participant": identity,
            "participant_name": as_participant(who).name if who is not None else None,
            "text": text[:MAX_MESSAGE],
        }
        with contextlib.suppress(ChannelClosed):
            self._pass_on(monotonic_ns(), message, b"")


def _is_bot(who: rtc.RemoteParticipant) -> bool:
    return as_participant(who).is_bot


def _picture(event: rtc.VideoFrameEvent, track: str, identity: str) -> ReceivedPicture:
    """A picture as the SDK hands it over now, with what its sender told with it."""
    arrival_ns, frame, told = monotonic_ns(), event.frame, event.metadata
    rows = np.frombuffer(frame.data, np.uint8).reshape(frame.height * 3 // 2, frame.width)
    captured_ns = loudness = None
    if told is not None and told.HasField("user_timestamp"):
        captured_ns = told.user_timestamp * 1_000
    if told is not None and told.HasField("user_data"):
        loudness = told_loudness(told.user_data)
    shown = av.VideoFrame.from_ndarray(rows, format="yuv420p")
    return ReceivedPicture(identity, shown, arrival_ns, track, captured_ns, loudness)
