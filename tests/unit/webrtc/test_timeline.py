"""From RTP time stamps and arrivals to meeting time."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from meetbot_webrtc.timeline import RtpTimeline

MS = 1_000_000
FRAME = 960


def test_the_rhythm_is_the_senders_and_the_anchor_is_the_fastest_packet() -> None:
    timeline = RtpTimeline()
    arrivals = [1000, 1055, 1040, 1062, 1081]
    placed = [timeline.place(n * FRAME, at * MS, FRAME) for n, at in enumerate(arrivals)]
    assert placed[:2] == [980 * MS, 1000 * MS]
    assert placed[2:] == sorted(placed[2:])
    assert placed[-1] == 1060 * MS


def test_a_gap_in_the_time_stamps_stays_a_gap() -> None:
    timeline = RtpTimeline()
    timeline.place(0, 1000 * MS, FRAME)
    assert timeline.place(10 * FRAME, 1200 * MS, FRAME) == (980 + 200) * MS


def test_time_stamps_wrap() -> None:
    timeline = RtpTimeline()
    last = (1 << 32) - FRAME
    first = timeline.place(last, 1000 * MS, FRAME)
    assert timeline.place(0, 1020 * MS, FRAME) - first == 20 * MS


def test_a_new_source_is_anchored_anew() -> None:
    timeline = RtpTimeline()
    timeline.place(0, 1000 * MS, FRAME)
    assert timeline.place(3_000_000_000, 1020 * MS, FRAME) == 1000 * MS


def test_a_slow_sender_is_followed() -> None:
    """50 ms a minute behind: after a while the time stamps have followed."""
    timeline = RtpTimeline()
    now = 0
    for number in range(60 * 50):
        now = 1000 * MS + round(number * 20.0167 * MS)
        pts = timeline.place(number * FRAME, now, FRAME)
    assert abs((now - 20 * MS) - pts) < 35 * MS


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 200)), min_size=2, max_size=60))
def test_time_never_goes_back(steps: list[tuple[int, int]]) -> None:
    timeline = RtpTimeline()
    timestamp, arrival, last = 0, 10_000 * MS, 0
    for gap_ms, jitter_ms in steps:
        timestamp += FRAME + gap_ms * 48
        arrival += (20 + gap_ms) * MS
        pts = timeline.place(timestamp, arrival + jitter_ms * MS, FRAME)
        assert pts >= last + 10 * MS
        last = pts


def test_silence_that_is_filled_in_counts_as_placed() -> None:
    timeline = RtpTimeline()
    timeline.place(0, 1000 * MS, FRAME)
    assert timeline.fill_to(1060 * MS) == (1000 * MS, 60 * MS)
    assert timeline.fill_to(1060 * MS) == (1060 * MS, 0)
    assert timeline.place(FRAME, 1061 * MS, FRAME) >= 1050 * MS


def test_a_late_first_packet_is_soon_forgotten() -> None:
    """Ten packets at once after a stall: the time stamps are right again within ten more."""
    timeline = RtpTimeline()
    placed = [timeline.place(n * FRAME, max(200, (n + 1) * 20) * MS, FRAME) for n in range(40)]
    assert placed[0] == 180 * MS
    assert placed[-1] == 39 * 20 * MS
    assert all(later > earlier for earlier, later in itertools.pairwise(placed))


def test_a_packet_that_is_late_after_a_pause_does_not_move_the_anchor() -> None:
    timeline = RtpTimeline()
    timeline.place(0, 1000 * MS, FRAME)
    assert timeline.place(100 * FRAME, 3150 * MS, FRAME) == (980 + 2000) * MS


def test_time_that_stood_still_in_a_pause_is_made_good() -> None:
    timeline = RtpTimeline()
    timeline.place(0, 1000 * MS, FRAME)
    assert timeline.place(FRAME, 3000 * MS, FRAME) == 2980 * MS
