"""When sound that arrives in pieces was made."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meetbot_livekit.arrival import Arrival

MS = 1_000_000
FRAME = 960
RATE = 48_000


def stamps(arrivals_ms: list[float]) -> list[float]:
    """Milliseconds of each frame of 20 ms that arrives at these milliseconds."""
    arrival = Arrival()
    return [arrival.stamp(round(at * MS), FRAME, RATE) / MS for at in arrivals_ms]


def test_samples_count_the_time_on_when_frames_come_unevenly() -> None:
    assert stamps([100, 125, 138, 170, 180]) == [80, 100, 120, 140, 160]


def test_a_loop_that_stood_still_moves_nothing() -> None:
    on_time = [20.0 * n for n in range(1, 11)]
    held = [400.0] * 10
    after = [20.0 * n for n in range(21, 31)]
    assert stamps(on_time + held + after) == [20.0 * n for n in range(30)]


def test_sound_that_is_missing_moves_what_follows() -> None:
    on_time = [20.0 * n for n in range(1, 11)]
    after = [1000 + 20.0 * n for n in range(1, 31)]
    assert stamps(on_time + after)[-1] == after[-1] - 20


def test_a_late_beginning_is_made_good() -> None:
    assert stamps([500] * 10 + [520 + 20.0 * n for n in range(10)])[-1] == 680


@given(st.lists(st.floats(0, 40), min_size=200, max_size=200))
def test_jitter_never_adds_up(jitter: list[float]) -> None:
    made = [20.0 * n for n in range(200)]
    told = stamps([at + 20 + late for at, late in zip(made, jitter, strict=True)])
    assert all(-21 <= told_ms - made_ms <= 61 for told_ms, made_ms in zip(told, made, strict=True))
