"""The pace of the virtual camera in time that is made up."""

from __future__ import annotations

from itertools import pairwise

import pytest

from meetbot.core.clock import NS_PER_S
from meetbot_virtualcam.pacing import Pace

MINUTE_NS = 60 * NS_PER_S


def _sent(pace: Pace, until_ns: int, late_ns: list[int]) -> list[int]:
    """When frames go out, each as late as ``late_ns`` says in turn."""
    now, times = pace.due_ns, []
    while now < until_ns:
        now = max(now, pace.due_ns) + late_ns[len(times) % len(late_ns)]
        pace.sent(now)
        times.append(now)
    return times


@pytest.mark.parametrize("fps", [10, 25, 30, 60])
def test_it_does_not_drift_in_minutes_however_late_each_frame_is(fps: int) -> None:
    late = [n * 7_919 % 900 * NS_PER_S // fps // 1_000 for n in range(997)]
    times = _sent(Pace(fps, 5_000), 5_000 + 10 * MINUTE_NS, late)
    assert len(times) == pytest.approx(600 * fps, abs=2)


def test_what_was_slept_through_is_left_out_and_not_sent_in_a_burst() -> None:
    pace = Pace(30, 0)
    pace.sent(0)
    stalled_ns = 2 * NS_PER_S + 10_000_000
    pace.sent(stalled_ns)
    assert pace.missed == 59
    assert 0 < pace.due_ns - stalled_ns <= NS_PER_S / 30
    after = _sent(pace, 4 * NS_PER_S, [0])
    gaps = [b - a for a, b in pairwise(after)]
    assert min(gaps) > 33_000_000


def test_after_a_stall_the_deadlines_are_those_of_the_beginning() -> None:
    pace = Pace(30, 0)
    pace.sent(1_234_567_890)
    assert pace.due_ns == round(38 * NS_PER_S / 30)


def test_no_pace_without_frames() -> None:
    with pytest.raises(ValueError, match="0 frames"):
        Pace(0, 0)
