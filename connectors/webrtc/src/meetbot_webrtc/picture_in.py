"""Receives pictures with the times at which they came and were.

aiortc takes a picture as complete when the next one begins, which is 40 ms late at 25 pictures a
second; so the arrival of its packets is noted here.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, cast

from meetbot.core.clock import monotonic_ns
from meetbot_webrtc.rtp_time import SenderTime

if TYPE_CHECKING:
    import av
    from aiortc import RTCRtpReceiver
    from aiortc.rtp import RtpPacket

__all__ = ["PictureReceiver"]

CLOCK = 90_000
WRAP = 1 << 32
KEPT = 256


class PictureReceiver:
    """Wraps a video ``RTCRtpReceiver``. ``track``: its id in the offer."""

    def __init__(self, receiver: RTCRtpReceiver) -> None:
        self._receiver = receiver
        self._time = SenderTime(receiver, CLOCK)
        self._arrivals: OrderedDict[int, int] = OrderedDict()
        handle = receiver._handle_rtp_packet

        async def handle_rtp(packet: RtpPacket, arrival_time_ms: int) -> None:
            self._arrivals[packet.timestamp] = monotonic_ns()
            if len(self._arrivals) > KEPT:
                self._arrivals.popitem(last=False)
            await handle(packet, arrival_time_ms)

        vars(receiver)["_handle_rtp_packet"] = handle_rtp

    @property
    def track(self) -> str:
        """The track's id."""
        return str(self._receiver.track.id)

    async def receive(self) -> tuple[av.VideoFrame, int, int | None]:
        """The next picture, when its last packet came (monotonic), when it was (``SenderTime``).

        Raises ``MediaStreamError`` at the end.
        """
        frame = cast("av.VideoFrame", await self._receiver.track.recv())
        mapper = cast("Any", self._receiver)._RTCRtpReceiver__timestamp_mapper
        timestamp = ((mapper._origin or 0) + (frame.pts or 0)) % WRAP
        arrival_ns = self._arrivals.get(timestamp, monotonic_ns())
        return frame, arrival_ns, self._time.captured_ns(timestamp)
