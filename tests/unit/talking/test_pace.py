"""How often, and how long before its time, a picture is begun."""

from __future__ import annotations

import itertools

from meetbot.talking.picture import Pace
from unit.talking.fakes import MS


def _paced(*took_ms: int) -> Pace:
    pace = Pace()
    for ms in took_ms:
        pace.took(ms * MS)
    return pace


def test_a_quick_face_is_drawn_for_every_moment_20_ms_ahead() -> None:
    pace = _paced(*[8] * 100)
    assert (pace.stride, pace.lead_ns) == (1, 20 * MS)


def test_a_face_that_takes_longer_is_begun_earlier() -> None:
    pace = _paced(*[25] * 100)
    assert pace.stride == 1
    assert 25 * MS < pace.lead_ns < 40 * MS


def test_a_slow_face_is_drawn_every_second_or_third_time() -> None:
    assert _paced(*[45] * 10).stride == 2
    assert _paced(*[90] * 10).stride == 3
    assert _paced(*[5_000] * 10).stride == Pace.SLOWEST


def test_a_single_slow_picture_changes_nothing() -> None:
    assert _paced(*[8] * 20, 200, *[8] * 20).stride == 1


def test_it_is_quicker_again_only_after_two_quiet_seconds() -> None:
    pace = _paced(*[60] * 10)
    assert pace.stride == 2
    for _ in range(40):
        pace.took(8 * MS)
    assert pace.stride == 2
    for _ in range(20):
        pace.took(8 * MS)
    assert pace.stride == 1


def test_a_face_at_the_limit_does_not_go_to_and_fro() -> None:
    pace = Pace()
    strides = []
    for number in range(1_000):
        pace.took((30 if number % 2 else 36) * MS)
        strides.append(pace.stride)
    changes = sum(a != b for a, b in itertools.pairwise(strides))
    assert changes <= 1
