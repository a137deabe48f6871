"""Receives one Opus stream with little delay and little work.

aiortc's own receiver holds every packet back until four more have come, and passes each through
two threads. With discontinuous transmission (RFC 7587) four packets of silence take 1.6 s, which
a listener who waits for the end of a sentence cannot afford. So the packets of an audio receiver
are taken here, put in order over a short window, and decoded on the spot (30 µs each).
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol, cast

import av
import numpy as np
from aiortc.rtcrtpreceiver import StreamStatistics

from meetbot_webrtc.timeline import RtpTimeline

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from aiortc import RTCRtpReceiver
    from aiortc.rtp import RtpPacket
    from numpy.typing import NDArray

__all__ = ["OpusReceiver", "Sound"]

log = logging.getLogger(__name__)

RATE = 48_000
NS_PER_S = 1_000_000_000
REORDER_PACKETS = 3
SILENT_PAYLOAD = 2
QUIET_STEP_SECONDS = 0.06
QUIET_SECONDS = 1.0
LOUD_PACKETS = 2
LOST_SECONDS = 3.0
MAX_PAYLOAD = 4_000


class Sound(Protocol):
    """Takes what was heard: int16 mono at 48 kHz, and the meeting time of its first sample.

    ``timestamp``: that of the RTP packet; None for silence that was filled in.
    """

    def __call__(
        self, samples: NDArray[np.int16], pts_ns: int, timestamp: int | None, /
    ) -> None: ...


class OpusReceiver:
    """Takes over an audio ``RTCRtpReceiver``.

    ``heard`` gets the sound; lost packets leave a gap in its time stamps. Where the sender says
    that it goes silent, silence is given as time passes, for a second, so that the end of a
    sentence is noticed; after that nothing is, so that silence costs nothing.

    ``stopped`` is called when nothing has come for 3 s or the stream is closed; the stream goes
    on by itself if packets come again.
    """

    def __init__(
        self,
        receiver: RTCRtpReceiver,
        now_ns: Callable[[], int],
        heard: Sound,
        stopped: Callable[[], None],
    ) -> None:
        self._now_ns = now_ns
        self._heard = heard
        self._stopped = stopped
        self._streams = getattr(receiver, "_RTCRtpReceiver__remote_streams", {})
        self._decoder: av.AudioCodecContext | None = None
        self._timeline = RtpTimeline(RATE)
        self._ssrc: int | None = None
        self._next: int | None = None
        self._waiting: dict[int, tuple[RtpPacket, int]] = {}
        self._last_arrival = 0
        self._quiet_since: int | None = None
        self._loud_packets = 0
        self._held: tuple[int, int, NDArray[np.int16]] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.lost = 0
        vars(receiver)["_handle_rtp_packet"] = self._receive

    def close(self) -> None:
        """The stream has ended."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._stopped()

    # ------------------------------------------------------------------ packets

    async def _receive(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        now = self._now_ns()
        if len(packet.payload) > MAX_PAYLOAD or not packet.payload:
            return
        self._count(packet)
        if packet.ssrc != self._ssrc:
            self._begin(packet)
        self._watch()
        ahead = (packet.sequence_number - (self._next or 0)) & 0xFFFF
        if ahead >= 0x8000:
            return
        self._last_arrival = now
        self._waiting[packet.sequence_number] = (packet, now)
        if ahead and len(self._waiting) >= REORDER_PACKETS:
            self._skip()
        self._release()

    def _count(self, packet: RtpPacket) -> None:
        """Keep aiortc's statistics, from which it makes its receiver reports."""
        if packet.ssrc not in self._streams:
            self._streams[packet.ssrc] = StreamStatistics(RATE)
        self._streams[packet.ssrc].add(packet)

    def _begin(self, packet: RtpPacket) -> None:
        self._ssrc = packet.ssrc
        self._next = packet.sequence_number
        self._waiting.clear()
        self._quiet_since, self._loud_packets, self._held = None, 0, None
        decoder = cast("Any", av.CodecContext.create("libopus", "r"))
        decoder.format, decoder.layout, decoder.sample_rate = "s16", "mono", RATE
        self._decoder = decoder

    def _skip(self) -> None:
        """Give the missing packets up: go on with the oldest that came."""
        oldest = min(self._waiting, key=lambda number: (number - (self._next or 0)) & 0xFFFF)
        self.lost += (oldest - (self._next or 0)) & 0xFFFF
        self._next = oldest

    def _release(self) -> None:
        while self._next is not None and self._next in self._waiting:
            packet, arrival = self._waiting.pop(self._next)
            self._next = (self._next + 1) & 0xFFFF
            self._decode(packet, arrival)

    def _decode(self, packet: RtpPacket, arrival_ns: int) -> None:
        if self._decoder is None:
            return
        try:
            frames = self._decoder.decode(av.Packet(packet.payload))
        except av.FFmpegError as error:
            log.debug("an Opus packet that cannot be decoded: %s", error)
            return
        if not frames:
            return
        samples = np.concatenate([_samples(frame) for frame in frames])
        self._note_silence(len(packet.payload) <= SILENT_PAYLOAD, arrival_ns)
        held, self._held = self._held, (packet.timestamp, arrival_ns, samples)
        if self._is_long_silent(arrival_ns):
            return
        if held is not None and packet.timestamp - held[0] <= 2 * len(held[2]):
            self._give(*held)
        self._held = None
        self._give(packet.timestamp, arrival_ns, samples)

    def _give(self, timestamp: int, arrival_ns: int, samples: NDArray[np.int16]) -> None:
        pts_ns = self._timeline.place(timestamp, arrival_ns, len(samples))
        self._heard(samples, pts_ns, timestamp)

    # ------------------------------------------------------------------ silence

    def _note_silence(self, silent: bool, now: int) -> None:
        """A silent sender refreshes its noise now and then; two packets in a row are speech."""
        self._loud_packets = 0 if silent else self._loud_packets + 1
        if silent and self._quiet_since is None:
            self._quiet_since = now
        elif self._loud_packets >= LOUD_PACKETS:
            self._quiet_since = None

    def _is_long_silent(self, now: int) -> bool:
        return self._quiet_since is not None and now - self._quiet_since > QUIET_SECONDS * NS_PER_S

    def _watch(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(QUIET_STEP_SECONDS, self._look)

    def _look(self) -> None:
        """Every 60 ms: give silence where the sender is known to be silent; notice its end."""
        self._timer = None
        now = self._now_ns()
        if now - self._last_arrival > LOST_SECONDS * NS_PER_S:
            self._flush()
            self._ssrc = None
            self._stopped()
            return
        if self._waiting and now - self._last_arrival > QUIET_STEP_SECONDS * NS_PER_S:
            self._flush()
        silent = now - self._last_arrival > QUIET_STEP_SECONDS * NS_PER_S / 2
        if silent and self._quiet_since is not None and not self._is_long_silent(now):
            start, length = self._timeline.fill_to(now)
            if length > 0:
                self._heard(np.zeros(length * RATE // NS_PER_S, dtype=np.int16), start, None)
        self._watch()

    def _flush(self) -> None:
        while self._waiting:
            self._skip()
            self._release()


def _samples(frame: av.AudioFrame) -> NDArray[np.int16]:
    """A view of a mono frame, without the detours of ``to_ndarray``."""
    return np.frombuffer(memoryview(frame.planes[0]), np.int16, frame.samples)
