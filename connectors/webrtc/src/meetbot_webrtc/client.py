"""A participant in Python, for the demo, the benchmarks and the tests."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from dataclasses import dataclass, field
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Self

from aiortc.mediastreams import MediaStreamError

from meetbot.core.channels import Channel, ChannelClosed, Overflow
from meetbot.core.clock import monotonic_ns
from meetbot.core.errors import RoomError, RoomLost
from meetbot.core.guests import ReceivedPicture, ReceivedSound
from meetbot.core.messages import CHANNEL, from_json
from meetbot_webrtc.link import open_link
from meetbot_webrtc.mesh import Mesh
from meetbot_webrtc.messages import Change, Hello
from meetbot_webrtc.microphone import Microphone
from meetbot_webrtc.opus_in import OpusReceiver
from meetbot_webrtc.picture_in import PictureReceiver
from meetbot_webrtc.rtp_time import SenderTime
from meetbot_webrtc.signalling import Signalling

if TYPE_CHECKING:
    import ssl

    import numpy as np
    from aiortc import RTCDataChannel
    from aiortc.rtcrtptransceiver import RTCRtpTransceiver
    from numpy.typing import NDArray

    from meetbot.core.guests import Clip, Played
    from meetbot_webrtc.hub import SignalingHub
    from meetbot_webrtc.messages import PeerInfo
    from meetbot_webrtc.packets import AudioPackets
    from meetbot_webrtc.peer import PeerLink

__all__ = ["ReceivedPicture", "ReceivedSound", "RoomClient"]

log = logging.getLogger(__name__)

NS_PER_S = 1_000_000_000
ANSWER_SECONDS = 5.0
CAPTIONS = 10_000
SOUND_CHUNKS = 1_500
PICTURES = 120
SOUND_CLOCK = 48_000


@dataclass(slots=True)
class Media:
    """What the client has going on one link."""

    microphone: AudioPackets | None = None
    receiver: OpusReceiver | None = None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


class RoomClient:
    """Joins ``room`` at ``target`` as ``name`` (an async context manager).

    ``audio`` (int16 mono 48 kHz, whole or in pieces) starts to play when a bot hears this member;
    ``play`` plays more. ``captions`` are ``(arrival in monotonic ns, message)``;
    ``finished_playing`` is set, with ``first_sample_ns`` and ``last_sample_ns``, when ``audio``
    has gone out. With ``receive_video=False`` no picture is sent to this member.
    """

    def __init__(
        self,
        target: str | SignalingHub,
        room: str | None,
        name: str,
        *,
        token: str | None = None,
        shared_microphone: bool = False,
        audio: Clip | None = None,
        receive_video: bool = True,
        receive_audio: bool = True,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        hello = Hello(name=name, token=token, shared_microphone=shared_microphone)
        self._signalling = Signalling(
            lambda: open_link(target, room, tls),
            hello,
            lambda: self._mesh.connected_peers(),  # noqa: PLW0108 (the mesh is made next)
        )
        self._mesh = Mesh(self._signalling, self)
        self._microphone = Microphone()
        self._audio = audio
        self._receive_video = receive_video
        self._receive_audio = receive_audio
        self._media: dict[PeerLink, Media] = {}
        self._tasks: list[asyncio.Task[Any]] = []
        self._bot_connected = asyncio.Event()
        self._words: RTCDataChannel
        self._words_open = asyncio.Event()
        self._times: dict[int, asyncio.Future[tuple[int, float]]] = {}
        self.captions: Channel[tuple[int, dict[str, Any]]] = Channel(CAPTIONS, Overflow.DROP_OLDEST)
        self.received_audio: Channel[ReceivedSound] = Channel(SOUND_CHUNKS, Overflow.DROP_OLDEST)
        self.bot_video: Channel[ReceivedPicture] = Channel(PICTURES, Overflow.DROP_OLDEST)
        self.finished_playing = asyncio.Event()
        self.first_sample_ns: int | None = None
        self.last_sample_ns: int | None = None

    @property
    def id(self) -> str:
        """This member's id in the roster."""
        return self._mesh.me.id

    @property
    def roster(self) -> dict[str, PeerInfo]:
        """The others who are in the room now, by id."""
        return dict(self._mesh.peers)

    @property
    def connected(self) -> tuple[str, ...]:
        """The ids of those with whom media is up."""
        return self._mesh.connected_peers()

    async def play(self, clip: Clip) -> Played:
        """Say ``clip`` (int16 mono 48 kHz); returns when its last sample has gone out."""
        return await self._microphone.play(clip)

    async def bot_is_here(self) -> None:
        """Wait until media with a bot is up."""
        await self._bot_connected.wait()

    async def meeting_offset(self, questions: int = 8) -> float:
        """Seconds of this machine's monotonic clock at which the bot's meeting time was 0.

        By question and answer over the data channel, of which the quickest counts (Cristian 1989).
        """
        quickest, offset = float("inf"), 0.0
        for number in range(questions):
            await self._words_open.wait()
            answer = self._times[number] = asyncio.get_running_loop().create_future()
            asked_ns = monotonic_ns()
            self._words.send(json.dumps({"type": "time", "id": number}))
            told_ns, meeting = await asyncio.wait_for(answer, ANSWER_SECONDS)
            if told_ns - asked_ns < quickest:
                quickest = told_ns - asked_ns
                offset = (asked_ns + told_ns) / 2 / NS_PER_S - meeting
            await asyncio.sleep(0.02)
        return offset

    async def chat(self, text: str) -> None:
        """Write ``text`` to the room; the bot relays it to all (see ``captions``)."""
        await self._words_open.wait()
        self._words.send(json.dumps({"type": "chat", "id": token_hex(8), "text": text}))

    async def share_microphone(self, shared: bool) -> None:
        """Say that several people sit at this microphone, or no longer do."""
        await self._signalling.send(Change(shared_microphone=shared))

    async def ask_for_key_frame(self) -> None:
        """Report the bots' pictures as lost (RFC 4585: PLI)."""
        for link in self._mesh.links.values():
            for receiver in link.connection.getReceivers():
                if receiver.track is not None and receiver.track.kind == "video":
                    for source in receiver.getSynchronizationSources():
                        await receiver._send_rtcp_pli(source.source)

    async def cut(self) -> None:
        """Lose the signalling without a word, as in a cut of the network; it comes back."""
        await self._signalling.cut()

    async def reconnect(self) -> None:
        """Lose signalling and media together, and come back as the same member."""
        await self._mesh.close()
        await self._signalling.cut()

    async def vanish(self) -> None:
        """Be gone without a word, signalling and media; nothing comes back."""
        await self._end_tasks()
        await self._signalling.cut()
        await self._mesh.close()

    async def __aenter__(self) -> Self:
        welcome = await self._signalling.join()
        self._mesh.begin(welcome)
        self._tasks = [
            asyncio.create_task(self._microphone.run(), name="microphone"),
            asyncio.create_task(self._follow(), name="room"),
        ]
        if self._audio is not None:
            self._tasks.append(asyncio.create_task(self._play_first(self._audio)))
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._end_tasks()
        await self._signalling.leave()
        await self._mesh.close()
        for channel in (self.captions, self.received_audio, self.bot_video):
            channel.close()

    # ------------------------------------------------------------------ MeshMember

    def peer_joined(self, peer: PeerInfo) -> None:
        """Nothing to do: the mesh keeps the roster."""

    def peer_changed(self, peer: PeerInfo) -> None:
        """Nothing to do: the mesh keeps the roster."""

    def peer_left(self, peer: PeerInfo, reason: str) -> None:
        """Nothing to do: the mesh keeps the roster."""

    def build(self, link: PeerLink) -> None:
        """Send the microphone; take sound from people, and a picture and words from a bot."""
        media = self._media[link] = Media()
        if link.offer is None:
            media.microphone = self._microphone.track()
            direction = "sendrecv" if self._receive_audio else "sendonly"
            transceiver = link.connection.addTransceiver(media.microphone, direction)
            self._listen(link, media, transceiver)
            return
        link.connection.on("datachannel", self._read)
        for transceiver in link.connection.getTransceivers():
            if transceiver.kind == "audio" and media.microphone is None:
                self._speak(link, media, transceiver)
            elif transceiver.kind == "video" and self._receive_video and link.peer.is_bot:
                watch = self._watch(link.peer.id, PictureReceiver(transceiver.receiver))
                media.tasks.append(asyncio.create_task(watch))
            else:
                transceiver.direction = "inactive"

    def link_up(self, link: PeerLink) -> None:
        """Media with a bot lets the clip begin."""
        if link.peer.is_bot:
            self._bot_connected.set()

    def link_down(self, link: PeerLink) -> None:
        """The media with one member has ended."""
        media = self._media.pop(link, None)
        if media is None:
            return
        if media.receiver is not None:
            media.receiver.close()
        if media.microphone is not None:
            self._microphone.release(media.microphone)
        for task in media.tasks:
            task.cancel()

    # ------------------------------------------------------------------ inside

    def _speak(self, link: PeerLink, media: Media, transceiver: RTCRtpTransceiver) -> None:
        media.microphone = self._microphone.track()
        transceiver.sender.replaceTrack(media.microphone)
        transceiver.direction = "sendrecv" if self._receive_audio else "sendonly"
        if self._receive_audio:
            self._listen(link, media, transceiver)

    def _listen(self, link: PeerLink, media: Media, transceiver: RTCRtpTransceiver) -> None:
        peer = link.peer
        time = SenderTime(transceiver.receiver, SOUND_CLOCK)

        def heard(samples: NDArray[np.int16], pts_ns: int, timestamp: int | None) -> None:
            if not self.received_audio.closed:
                sound = ReceivedSound(
                    peer.id,
                    peer.name,
                    samples,
                    pts_ns,
                    monotonic_ns(),
                    peer.is_bot,
                    time.captured_ns(timestamp),
                )
                self.received_audio.offer(sound)

        media.receiver = OpusReceiver(transceiver.receiver, monotonic_ns, heard, lambda: None)

    async def _watch(self, peer_id: str, receiver: PictureReceiver) -> None:
        with contextlib.suppress(MediaStreamError, ChannelClosed):
            while True:
                frame, arrival_ns, captured_ns = await receiver.receive()
                picture = ReceivedPicture(peer_id, frame, arrival_ns, receiver.track, captured_ns)
                self.bot_video.offer(picture)

    def _read(self, channel: RTCDataChannel) -> None:
        if channel.label != CHANNEL:
            return
        self._words = channel
        self._words_open.set()

        def read(text: str | bytes) -> None:
            if message := from_json(text):
                with contextlib.suppress(ChannelClosed):
                    self._take(monotonic_ns(), message)

        channel.on("message", read)

    def _take(self, arrival_ns: int, message: dict[str, Any]) -> None:
        if message.get("type") != "time":
            self.captions.offer((arrival_ns, message))
            return
        waiting = self._times.pop(message["id"], None)
        if waiting is not None and not waiting.done():
            waiting.set_result((arrival_ns, message["meeting"]))

    async def _play_first(self, audio: Clip) -> None:
        await self._bot_connected.wait()
        played = await self._microphone.play(audio)
        self.first_sample_ns, self.last_sample_ns = played.first_ns, played.last_ns
        self.finished_playing.set()

    async def _follow(self) -> None:
        try:
            await self._mesh.run()
        except RoomError as error:
            lost = error if isinstance(error, RoomLost) else RoomLost(str(error))
            for channel in (self.captions, self.received_audio, self.bot_video):
                channel.close(lost)

    async def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
