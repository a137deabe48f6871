"""The bot's picture: encoded once per codec in use, its packets given to every peer."""

from __future__ import annotations

import asyncio
import logging
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, cast

import av
from aiortc import RTCRtpSender
from av.video.frame import PictureType

from meetbot.core.channels import Channel, Overflow
from meetbot.core.clock import monotonic_ns
from meetbot.core.worker import ModelThread
from meetbot_webrtc.colour import as_yuv420p
from meetbot_webrtc.packets import VideoPackets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiortc.rtcrtpparameters import RTCRtpCodecCapability
    from numpy.typing import NDArray

    from meetbot.core.types import VideoFrame
    from meetbot_webrtc.packets import Packet

__all__ = ["Codec", "VideoBroadcast", "codec_preferences"]

log = logging.getLogger(__name__)

Codec = Literal["h264", "vp8"]
CLOCK = 90_000
NS_PER_S = 1_000_000_000
KEY_EVERY_NS = 2 * NS_PER_S
KEY_APART_NS = NS_PER_S // 2
USUAL_RATE = 15
DELAY_WEIGHT = 0.1

_H264 = {
    "preset": "superfast",
    "tune": "zerolatency",
    "profile": "baseline",
    "level": "3.1",
    "forced-idr": "1",
    "sc_threshold": "0",
    "threads": "1",
}
_VP8 = {
    "deadline": "realtime",
    "cpu-used": "8",
    "lag-in-frames": "0",
    "error-resilient": "1",
    "static-thresh": "1",
    "undershoot-pct": "100",
    "overshoot-pct": "15",
}


def codec_preferences(preferred: Codec) -> list[RTCRtpCodecCapability]:
    """What the bot offers for its picture, ``preferred`` first, the other for those without it."""
    codecs = RTCRtpSender.getCapabilities("video").codecs
    wanted = [codec for codec in codecs if codec.name.lower() in {"h264", "vp8", "rtx"}]
    return sorted(wanted, key=lambda codec: codec.name.lower() != preferred)


class VideoEncoder:
    """One encoder; made anew when the size of the picture changes. Lives on the video thread."""

    def __init__(self, codec: Codec, bitrate: int, rate: int) -> None:
        self._codec = codec
        self._bitrate = bitrate
        self._rate = rate
        self._context: Any = None

    def encode(self, picture: av.VideoFrame, pts: int, key: bool) -> list[Packet]:
        """The packets of ``picture`` (yuv420p) at ``pts`` (1/90000 s)."""
        size = (picture.width, picture.height)
        if self._context is None or (self._context.width, self._context.height) != size:
            self._context = self._open(*size)
            key = True
        picture.pts, picture.time_base = pts, Fraction(1, CLOCK)
        picture.pict_type = PictureType.I if key else PictureType.NONE
        packets = list(self._context.encode(picture))
        for packet in packets:
            packet.pts, packet.time_base = pts, Fraction(1, CLOCK)
        return packets

    def _open(self, width: int, height: int) -> Any:
        name = "libx264" if self._codec == "h264" else "libvpx"
        context = cast("Any", av.CodecContext.create(name, "w"))
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.bit_rate = self._bitrate
        context.framerate, context.time_base = Fraction(self._rate, 1), Fraction(1, CLOCK)
        context.gop_size = 4 * self._rate
        limits = {"maxrate": str(self._bitrate), "bufsize": str(self._bitrate)}
        context.options = {**(_H264 if self._codec == "h264" else _VP8), **limits}
        if self._codec == "vp8":
            context.qmin, context.qmax, context.thread_count = 2, 56, 1
        return context


class VideoBroadcast:
    """One video track of the bot. Nothing is encoded while nobody watches.

    ``rate``: pictures a second that are expected. ``delay_ns``: what encoding one takes, smoothed.
    """

    def __init__(
        self, name: str, preferred: Codec, bitrate: int, *, rate: int = USUAL_RATE
    ) -> None:
        self.name = name
        self.preferred = preferred
        self.delay_ns = 0
        self._rate = rate
        self._bitrate = bitrate
        self._dropped = 0
        self._latest: Channel[VideoFrame] | None = None
        self._watchers: dict[VideoPackets, Codec] = {}
        self._encoders: dict[Codec, VideoEncoder] = {}
        self._key_wanted = False
        self._last_key_ns: int | None = None
        self._thread = ModelThread(f"video-{name}")
        self._converted: tuple[NDArray[Any], av.VideoFrame] | None = None

    @property
    def dropped(self) -> int:
        """Pictures that were not sent: the encoder or a peer was too slow for them."""
        return self._dropped + (self._latest.dropped if self._latest is not None else 0)

    @property
    def codecs(self) -> tuple[Codec, ...]:
        """Those that have an encoder."""
        return tuple(self._encoders)

    def track(self) -> VideoPackets:
        """A track for one peer; nothing comes by it until ``watch``."""
        return VideoPackets(self.request_key, self.name)

    def watch(self, track: VideoPackets, codec: Codec) -> None:
        """The peer of ``track`` is connected and takes ``codec``."""
        self._watchers[track] = codec
        self._last_key_ns = None
        self.request_key()

    def release(self, track: VideoPackets) -> None:
        """That peer is gone."""
        track.stop()
        if self._watchers.pop(track, None) is not None:
            self._dropped += track.dropped

    def request_key(self) -> None:
        """Someone cannot go on without a key frame (joined, lost packets, fell behind)."""
        self._key_wanted = True

    async def run(self, frames: AsyncIterator[VideoFrame]) -> None:
        """Send ``frames`` until they end; those that come while one is encoded are left out."""
        self._dropped = self.dropped
        latest: Channel[VideoFrame] = Channel(1, Overflow.KEEP_LATEST)
        self._latest = latest
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_pump(frames, latest))
            async for frame in latest:
                await self._send(frame)

    def close(self) -> None:
        """End all tracks and the thread."""
        for track in list(self._watchers):
            self.release(track)
        self._thread.close()

    async def _send(self, frame: VideoFrame) -> None:
        codecs = set(self._watchers.values())
        if not codecs:
            return
        key = self._is_key_due(frame.pts_ns)
        began = monotonic_ns()
        packets = await self._thread.run(self._encode, frame, codecs, key)
        took = monotonic_ns() - began
        self.delay_ns += round((took - self.delay_ns) * DELAY_WEIGHT)
        for track, codec in list(self._watchers.items()):
            for packet in packets.get(codec, []):
                track.push(packet)

    def _is_key_due(self, now_ns: int) -> bool:
        since = None if self._last_key_ns is None else now_ns - self._last_key_ns
        due = since is None or since >= KEY_EVERY_NS or (self._key_wanted and since >= KEY_APART_NS)
        if due:
            self._key_wanted, self._last_key_ns = False, now_ns
        return due

    def _encode(
        self, frame: VideoFrame, codecs: set[Codec], key: bool
    ) -> dict[Codec, list[Packet]]:
        """On the thread. An unchanged picture (the same array) is converted once only."""
        if self._converted is None or self._converted[0] is not frame.pixels:
            picture = av.VideoFrame.from_ndarray(as_yuv420p(frame.pixels), format="yuv420p")
            self._converted = (frame.pixels, picture)
        pts = frame.pts_ns * CLOCK // NS_PER_S
        packets: dict[Codec, list[Packet]] = {}
        for codec in codecs:
            if codec not in self._encoders:
                log.info("the picture %s is encoded as %s", self.name, codec)
                self._encoders[codec] = VideoEncoder(codec, self._bitrate, self._rate)
            packets[codec] = self._encoders[codec].encode(self._converted[1], pts, key)
        return packets


async def _pump(frames: AsyncIterator[VideoFrame], latest: Channel[VideoFrame]) -> None:
    try:
        async for frame in frames:
            latest.offer(frame)
    except Exception as error:
        latest.close(error)
        raise
    latest.close()
