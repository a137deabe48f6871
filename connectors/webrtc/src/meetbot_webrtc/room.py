"""The bot's place in a WebRTC room: hears each on their own, shows its picture, writes captions."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from meetbot.core.channels import Channel, ChannelClosed, Overflow
from meetbot.core.errors import RoomError, RoomLost
from meetbot.core.messages import CHANNEL
from meetbot.core.types import (
    AudioFrame,
    AudioOpened,
    ChatReceived,
    Participant,
    ParticipantJoined,
    ParticipantLeft,
    RoomCapabilities,
)
from meetbot_webrtc.captions import CaptionBoard
from meetbot_webrtc.desk import Desk
from meetbot_webrtc.link import open_link
from meetbot_webrtc.mesh import Mesh
from meetbot_webrtc.messages import Hello
from meetbot_webrtc.opus_in import OpusReceiver
from meetbot_webrtc.opus_out import LOOKAHEAD_NS
from meetbot_webrtc.presence import AVATAR, Presence
from meetbot_webrtc.rtp_time import SenderClock
from meetbot_webrtc.signalling import Signalling
from meetbot_webrtc.video import VideoBroadcast, codec_preferences

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable

    import numpy as np
    from aiortc import RTCDataChannel
    from aiortc.rtcrtptransceiver import RTCRtpTransceiver
    from numpy.typing import NDArray

    from meetbot.config import RoomSettings
    from meetbot.core.clock import Clock
    from meetbot.core.types import RoomEvent, RoomMessage, VideoFrame
    from meetbot.core.voice import Moment
    from meetbot_webrtc.hub import SignalingHub
    from meetbot_webrtc.messages import PeerInfo, Welcome
    from meetbot_webrtc.packets import AudioPackets, PacketTrack, VideoPackets
    from meetbot_webrtc.peer import PeerLink

__all__ = ["WebRtcRoom"]

log = logging.getLogger(__name__)

RATE = 48_000
NS_PER_S = 1_000_000_000
FRAMES_PER_SECOND = 50
EVENTS = 1024
LAST_MESSAGES_SECONDS = 1.0


@dataclass(slots=True)
class Media:
    """What the bot has going on one link."""

    receiver: OpusReceiver | None = None
    sound: Channel[AudioFrame] | None = None
    channel: RTCDataChannel | None = None
    voice: tuple[AudioPackets, RTCRtpTransceiver] | None = None
    pictures: list[tuple[VideoBroadcast, VideoPackets, RTCRtpTransceiver]] = field(
        default_factory=list
    )


class WebRtcRoom:
    """Implements ``core.ports.Room`` for one room of a hub.

    ``target``: a ``SignalingHub`` of this process, ``webrtc://HOST[:PORT]/ROOM``, or a server's
    http(s) address together with ``room``. ``token`` admits to the room, ``bot_secret`` lets a bot
    from outside count as one. ``tracks``: the names that ``publish`` takes; the bot's camera
    (``avatar``) and its microphone, which ``present`` fills, come on top of them.
    """

    def __init__(
        self,
        target: str | SignalingHub,
        name: str,
        clock: Clock,
        settings: RoomSettings,
        *,
        room: str | None = None,
        token: str | None = None,
        bot_secret: str | None = None,
        tls: ssl.SSLContext | None = None,
        tracks: tuple[str, ...] = ("stage",),
        audio_queue_seconds: float = 5.0,
    ) -> None:
        self._clock = clock
        self._queue_frames = max(1, round(audio_queue_seconds * FRAMES_PER_SECOND))
        hello = Hello(name=name, token=token, bot_secret=bot_secret or "")
        self._signalling = Signalling(
            lambda: open_link(target, room, tls),
            hello,
            lambda: self._mesh.connected_peers(),  # noqa: PLW0108 (the mesh is made next)
        )
        self._mesh = Mesh(self._signalling, self)
        self._events: Channel[RoomEvent] = Channel(EVENTS, Overflow.WAIT)
        self._board = CaptionBoard()
        self._videos = {
            track: VideoBroadcast(track, settings.video_codec, settings.video_bitrate)
            for track in sorted(tracks, reverse=True)  # the stage before the pictures
            if track != AVATAR
        }
        self._presence = Presence(settings.video_codec)
        self._shown = {**self._videos, AVATAR: self._presence.camera}
        self._sender_clock = SenderClock(clock.now_ns)
        self._media: dict[PeerLink, Media] = {}
        self._announced: dict[str, Participant] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._follower: asyncio.Task[None] | None = None
        self._audio_dropped = 0
        self.welcome: Welcome

    # ------------------------------------------------------------------ Room

    @property
    def capabilities(self) -> RoomCapabilities:
        """Everyone's own sound, the tracks named at the start, captions, a voice and a face."""
        return RoomCapabilities(video_tracks=len(self._shown))

    @property
    def drops(self) -> dict[str, int]:
        """What was thrown away so far, by kind: sound not taken in time, pictures not sent."""
        sound = sum(m.sound.dropped for m in self._media.values() if m.sound is not None)
        return {
            "audio": self._audio_dropped + sound,
            "video": sum(video.dropped for video in self._videos.values()),
            "avatar": self._presence.dropped,
        }

    @property
    def encoders(self) -> dict[str, tuple[str, ...]]:
        """Track → the codecs that its picture was encoded in so far."""
        return {name: video.codecs for name, video in self._shown.items() if video.codecs}

    async def events(self) -> AsyncIterator[RoomEvent]:
        """Who comes, goes and opens a microphone. Raises ``RoomLost``."""
        async for event in self._events:
            yield event

    async def send(self, message: RoomMessage) -> None:
        """Write ``message`` to everyone. A peer that takes nothing is dropped, not waited for."""
        self._board.send(message)

    async def publish(self, track: str, frames: AsyncIterator[VideoFrame]) -> None:
        """Show ``frames`` as ``track`` until they end. Raises ``RoomError`` for another name."""
        if track not in self._videos:
            names = ", ".join(self._videos)
            raise RoomError(f"the room has no video track {track!r}; it was joined with: {names}")
        await self._videos[track].run(frames)

    async def present(self, moments: AsyncIterator[Moment]) -> None:
        """Be the bot's camera and microphone until ``moments`` end; one call at a time."""
        await self._presence.run(moments)

    def finish(self) -> None:
        """End ``events``, so that the one who runs the bot leaves in good order."""
        self._events.close()

    async def __aenter__(self) -> Self:
        self.welcome = await self._signalling.join()
        self._mesh.begin(self.welcome)
        self._follower = asyncio.create_task(self._follow(), name="room")
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._board.drain(LAST_MESSAGES_SECONDS)
        if self._follower is not None:
            self._follower.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._follower
        await self._signalling.leave()
        await self._mesh.close()
        await asyncio.gather(*self._closing, return_exceptions=True)
        for video in self._videos.values():
            video.close()
        self._presence.close()
        self._events.close()

    async def _follow(self) -> None:
        try:
            await self._mesh.run()
        except RoomError as error:
            self._events.close(error if isinstance(error, RoomLost) else RoomLost(str(error)))

    # ------------------------------------------------------------------ MeshMember

    def peer_joined(self, peer: PeerInfo) -> None:
        """Someone is in the roster; WHEP viewers only look on."""
        if peer.kind == "whep":
            return
        self._announced[peer.id] = _participant(peer)
        self._tell(ParticipantJoined(self._announced[peer.id], self._clock.now_ns()))

    def peer_changed(self, peer: PeerInfo) -> None:
        """A shared microphone was declared, or taken back: they come in anew under the same id."""
        participant = _participant(peer)
        if self._announced.get(peer.id) not in {None, participant}:
            self._announced[peer.id] = participant
            self._tell(ParticipantJoined(participant, self._clock.now_ns()))
            for link, media in self._media.items():
                if link.peer.id == peer.id:
                    self._stop_sound(media)

    def peer_left(self, peer: PeerInfo, reason: str) -> None:
        """Gone for good."""
        participant = self._announced.pop(peer.id, None)
        if participant is not None:
            self._tell(ParticipantLeft(participant, self._clock.now_ns(), reason))

    def build(self, link: PeerLink) -> None:
        """Receive sound; send the pictures and a channel of words."""
        media = self._media[link] = Media()
        if link.offer is None:
            self._offer(link, media)
        else:
            self._answer(link, media)

    def link_up(self, link: PeerLink) -> None:
        """Pictures and the voice can go."""
        media = self._media[link]
        if media.voice is not None and _sends(media.voice[1]):
            self._presence.voice.listen(media.voice[0])
        for video, track, transceiver in media.pictures:
            if not _sends(transceiver):
                continue
            name = transceiver._codecs[0].name.lower()
            video.watch(track, "vp8" if name == "vp8" else "h264")
            _on_key_request(transceiver, video.request_key)

    def link_down(self, link: PeerLink) -> None:
        """The media has ended, whether or not the participant is still there."""
        media = self._media.pop(link, None)
        if media is None:
            return
        if media.receiver is not None:
            media.receiver.close()
        self._stop_sound(media)
        for video, track, _ in media.pictures:
            video.release(track)
        if media.voice is not None:
            self._presence.voice.release(media.voice[0])
        if media.channel is not None:
            task = asyncio.create_task(self._board.close(media.channel))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    # ------------------------------------------------------------------ inside

    def _offer(self, link: PeerLink, media: Media) -> None:
        """Sections in this order: the voice and what is heard, the videos, ``avatar``, words."""
        microphone = link.connection.addTransceiver("audio", "sendrecv")
        self._listen(link, media, microphone)
        self._speak(media, microphone)
        for video in self._shown.values():
            transceiver = link.connection.addTransceiver("video", "sendonly")
            transceiver.setCodecPreferences(codec_preferences(video.preferred))
            self._show(media, transceiver, video)
        media.channel = link.connection.createDataChannel(CHANNEL)
        Desk(media.channel, self._clock, lambda text, id_: self._wrote(link.peer.id, text, id_))
        self._board.open(media.channel, lambda: self._mesh.drop(link.peer.id))

    def _answer(self, link: PeerLink, media: Media) -> None:
        """A WHIP client sends sound; a WHEP viewer watches one track and hears the voice."""
        wanted = link.offer.track if link.offer is not None else None
        video = self._shown.get(wanted or "")
        whep = link.peer.kind == "whep"
        if whep and video is None:
            names = ", ".join(self._shown)
            raise RoomError(f"there is no video track {wanted!r}; there is: {names}")
        for transceiver in link.connection.getTransceivers():
            if transceiver.kind == "audio" and link.peer.kind == "whip":
                self._listen(link, media, transceiver)
            elif transceiver.kind == "audio" and whep and media.voice is None:
                transceiver.direction = "sendonly"
                _prefer(transceiver, "opus")
                self._speak(media, transceiver)
            elif transceiver.kind == "video" and whep and video is not None:
                transceiver.direction = "sendonly"
                _prefer(transceiver, video.preferred)
                self._show(media, transceiver, video)
                video = None
            else:
                transceiver.direction = "inactive"

    def _speak(self, media: Media, transceiver: RTCRtpTransceiver) -> None:
        track = self._presence.voice.track()
        media.voice = (track, transceiver)
        self._send(transceiver, track, AVATAR, LOOKAHEAD_NS)

    def _show(self, media: Media, transceiver: RTCRtpTransceiver, video: VideoBroadcast) -> None:
        track = video.track()
        media.pictures.append((video, track, transceiver))
        self._send(transceiver, track, video.name)

    def _send(
        self,
        transceiver: RTCRtpTransceiver,
        track: PacketTrack,
        stream: str,
        lookahead_ns: int = 0,
    ) -> None:
        """``stream``: receivers keep the tracks of one stream in time with each other."""
        transceiver.sender.replaceTrack(track)
        transceiver.sender._stream_id = stream
        self._sender_clock.govern(transceiver.sender, track, lookahead_ns)

    def _wrote(self, peer_id: str, text: str, message_id: str) -> None:
        """Somebody wrote to the room: the bot is told, and tells everyone."""
        writer = self._announced.get(peer_id)
        if writer is None:
            return
        now_ns = self._clock.now_ns()
        self._board.relay(
            {
                "type": "chat",
                "id": message_id,
                "participant": writer.id,
                "participant_name": writer.name,
                "text": text,
                "at": round(now_ns / NS_PER_S, 3),
            }
        )
        self._tell(ChatReceived(writer, text, now_ns))

    def _listen(self, link: PeerLink, media: Media, transceiver: RTCRtpTransceiver) -> None:
        def heard(samples: NDArray[np.int16], pts_ns: int, _: int | None) -> None:
            if media.sound is None:
                self._open_sound(link.peer.id, media)
            if media.sound is not None:
                media.sound.offer(AudioFrame(samples, RATE, pts_ns))

        media.receiver = OpusReceiver(
            transceiver.receiver, self._clock.now_ns, heard, lambda: self._stop_sound(media)
        )

    def _open_sound(self, peer_id: str, media: Media) -> None:
        participant = self._announced.get(peer_id)
        if participant is not None:
            media.sound = Channel(self._queue_frames, Overflow.DROP_OLDEST)
            self._tell(AudioOpened(participant, media.sound))

    def _stop_sound(self, media: Media) -> None:
        if media.sound is not None:
            media.sound.close()
            self._audio_dropped += media.sound.dropped
            media.sound = None

    def _tell(self, event: RoomEvent) -> None:
        try:
            self._events.offer(event)
        except ChannelClosed:
            log.debug("the room is being left: %s", event)
        except asyncio.QueueFull:
            self._events.close(RoomLost(f"nobody takes the room's events; {EVENTS} are waiting"))


def _sends(transceiver: RTCRtpTransceiver) -> bool:
    return transceiver.currentDirection in {"sendonly", "sendrecv"}


def _prefer(transceiver: RTCRtpTransceiver, preferred: str) -> None:
    """After an offer was taken, put the codec that is encoded anyway first."""
    transceiver._codecs.sort(
        key=lambda codec: (codec.name.lower() == "rtx", codec.name.lower() != preferred)
    )


def _on_key_request(transceiver: RTCRtpTransceiver, asked: Callable[[], None]) -> None:
    """aiortc tells its own encoder of a PLI or FIR; the shared one must know instead."""
    vars(transceiver.sender)["_send_keyframe"] = asked


def _participant(peer: PeerInfo) -> Participant:
    return Participant(peer.id, peer.name, peer.is_bot, peer.shared_microphone)
