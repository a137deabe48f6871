"""What is made of arrivals and sender reports."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest
from aiortc.rtp import RtcpSenderInfo, RtcpSrPacket

from meetbot_webrtc.client import ReceivedPicture, ReceivedSound
from meetbot_webrtc.packets import AudioPackets
from meetbot_webrtc.rtp_time import SenderClock, SenderTime
from meetbot_webrtc.sync import av_skew, content_skew, summed_up

MS = 1_000_000
S = 1_000 * MS
MOMENT = 40 * MS


def picture(captured_ns: int | None, arrival_ns: int, grey: int = 30) -> ReceivedPicture:
    pixels = np.full((16, 16, 3), grey, np.uint8)
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
    return ReceivedPicture("bot", frame, arrival_ns, "avatar", captured_ns)


def sound(captured_ns: int | None, arrival_ns: int, *, loud: bool = False) -> ReceivedSound:
    samples = np.full(960, 9_000 if loud else 0, np.int16)
    return ReceivedSound("bot", "Bot", samples, arrival_ns, arrival_ns, True, captured_ns)


def meeting(moments: int, late_ms: float, drift_ms: float = 0.0) -> tuple[Any, Any]:
    """Moments on a sender's clock of its own; each second one is white and loud."""
    origin = 3_900_000_000 * S
    pictures, sounds = [], []
    for number in range(moments):
        captured, arrival = origin + number * MOMENT, number * MOMENT
        flash = number % 25 < 5
        late = round((late_ms + drift_ms * number / moments) * MS)
        pictures.append(picture(captured, arrival + late, 235 if flash else 30))
        parts = (0, 20 * MS)
        sounds += [sound(captured + part, arrival + part, loud=flash) for part in parts]
    return pictures, sounds


@pytest.mark.parametrize("late_ms", [-70.0, 0.0, 12.0, 90.0])
def test_a_picture_that_is_late_is_found_so_by_its_times_and_by_what_it_shows(
    late_ms: float,
) -> None:
    pictures, sounds = meeting(250, late_ms)
    for skew in (av_skew(pictures, sounds), content_skew(pictures, sounds)):
        assert skew is not None
        assert skew.median_ms == pytest.approx(late_ms, abs=0.1)
        assert skew.p95_ms == pytest.approx(abs(late_ms), abs=0.1)
        assert skew.drift_ms == pytest.approx(0, abs=0.1)


def test_drift_is_the_way_from_the_beginning_to_the_end() -> None:
    skew = av_skew(*meeting(1000, 5, drift_ms=30))
    assert skew is not None
    assert skew.drift_ms == pytest.approx(27, abs=0.5)


def test_pictures_in_silence_and_without_a_report_do_not_count() -> None:
    pictures, sounds = meeting(10, 0)
    later = [picture(p.captured_ns + 10 * S, p.arrival_ns + 10 * S) for p in pictures]
    skew = av_skew(pictures + later, sounds)
    assert skew is not None
    assert skew.moments == 10
    assert av_skew([picture(None, 0)], sounds) is None
    assert av_skew(pictures, [sound(None, 0)]) is None
    assert summed_up([]) is None


class Receiver:
    """Takes reports as aiortc's receiver does."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    async def _handle_rtcp_packet(self, packet: Any) -> None:
        self.seen.append(packet)


def report(ntp: int, rtp: int) -> RtcpSrPacket:
    return RtcpSrPacket(ssrc=1, sender_info=RtcpSenderInfo(ntp, rtp, 0, 0))


async def test_time_stamps_are_mapped_by_the_last_report_over_a_wrap() -> None:
    receiver = Receiver()
    time = SenderTime(receiver, 48_000)  # type: ignore[arg-type]
    assert time.captured_ns(0) is None
    await receiver._handle_rtcp_packet(report(0, 0))
    assert time.captured_ns(0) is None
    await receiver._handle_rtcp_packet(report(100 << 32, 0xFFFF_FFFF))
    assert time.captured_ns(None) is None
    assert time.captured_ns(47_999) == 101 * S
    assert time.captured_ns(0xFFFF_FFFF - 480) == 100 * S - 10 * MS
    assert len(receiver.seen) == 2


async def test_a_sender_reports_when_a_moment_was_and_nothing_before_the_first() -> None:
    sent: list[RtcpSrPacket] = []

    async def send(packets: list[Any]) -> None:
        sent.extend(packets)

    senders = [SimpleNamespace(_send_rtcp=send), SimpleNamespace(_send_rtcp=send)]
    clock = SenderClock(lambda: 5 * S)
    tracks = [AudioPackets("voice"), AudioPackets("voice")]
    for sender, track, lookahead in zip(senders, tracks, (0, 6 * MS), strict=True):
        clock.govern(sender, track, lookahead)  # type: ignore[arg-type]
        await sender._send_rtcp([report(7, 9)])
    assert sent == []
    for sender, track, seconds in zip(senders, tracks, (8, 9), strict=True):
        packet = av.Packet(b"x")
        packet.pts, packet.time_base = seconds * 48_000, Fraction(1, 48_000)
        track.push(packet)
        await track.recv()
        await sender._send_rtcp([report(7, 9)])
    first, second = (packet.sender_info for packet in sent)
    apart = (second.ntp_timestamp - first.ntp_timestamp) / (1 << 32)
    assert apart == pytest.approx(1 - 0.006, abs=1e-6)
    assert first.rtp_timestamp == 9
