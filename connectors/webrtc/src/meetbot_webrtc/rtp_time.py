"""RTP time stamps and wall clocks: what RTCP sender reports (RFC 3550, 6.4.1) say of them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from aiortc.clock import current_ntp_time
from aiortc.rtp import RtcpByePacket, RtcpSrPacket

from meetbot_webrtc.decoders import end_decoder

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from aiortc import RTCRtpReceiver, RTCRtpSender

    from meetbot_webrtc.packets import PacketTrack

__all__ = ["SenderClock", "SenderTime"]

NS_PER_S = 1_000_000_000
NTP_SECOND = 1 << 32
WRAP = 1 << 32


class SenderClock:
    """Makes senders report when a moment was, not when its packet happened to leave.

    aiortc pairs a time stamp with the time of sending, which differs between sound and picture by
    what encoding takes; receivers that align the two by the reports would keep that difference.
    """

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._ntp = current_ntp_time()
        self._ns = now_ns()

    def govern(self, sender: RTCRtpSender, track: PacketTrack, lookahead_ns: int = 0) -> None:
        """Correct the reports on ``track``. ``lookahead_ns``: what its codec delays by."""
        send = sender._send_rtcp

        async def send_rtcp(packets: list[Any]) -> None:
            for packet in packets:
                if isinstance(packet, RtcpSrPacket):
                    if track.last is None:
                        return
                    base = track.last.time_base or Fraction(1)
                    pts_ns = round((track.last.pts or 0) * base * NS_PER_S) - lookahead_ns
                    packet.sender_info.ntp_timestamp = self._at(pts_ns)
            await send(packets)

        vars(sender)["_send_rtcp"] = send_rtcp

    def _at(self, pts_ns: int) -> int:
        return self._ntp + (pts_ns - self._ns) * NTP_SECOND // NS_PER_S


class SenderTime:
    """The sender's wall clock for what one receiver gets, from the last report that came."""

    def __init__(self, receiver: RTCRtpReceiver, clock_rate: int) -> None:
        self._rate = clock_rate
        self._report: tuple[int, int] | None = None
        handle = receiver._handle_rtcp_packet

        async def handle_rtcp(packet: Any) -> None:
            if isinstance(packet, RtcpSrPacket) and packet.sender_info.ntp_timestamp:
                info = packet.sender_info
                self._report = info.rtp_timestamp, info.ntp_timestamp
            elif isinstance(packet, RtcpByePacket):
                await end_decoder(receiver)
            await handle(packet)

        vars(receiver)["_handle_rtcp_packet"] = handle_rtcp

    def captured_ns(self, timestamp: int | None) -> int | None:
        """Nanoseconds since 1900 on the sender's clock; None until a report has come."""
        if self._report is None or timestamp is None:
            return None
        rtp, ntp = self._report
        ahead = (timestamp - rtp + WRAP // 2) % WRAP - WRAP // 2
        return ntp * NS_PER_S // NTP_SECOND + ahead * NS_PER_S // self._rate
