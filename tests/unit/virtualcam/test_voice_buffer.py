"""When what the bot says is played, and what is never played."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from meetbot_virtualcam.voice_buffer import MOST_AHEAD_NS, VoiceBuffer

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = 480
MS_NS = 1_000_000
MOMENT = 1_920


def _ramp(count: int, first: int = 1) -> NDArray[np.int16]:
    return np.arange(first, first + count, dtype=np.int16)


def _play(buffer: VoiceBuffer, begin_ms: int, end_ms: int) -> NDArray[np.int16]:
    taken = [buffer.take(at * 48, BLOCK) for at in range(begin_ms, end_ms, 10)]
    silence = np.zeros(BLOCK, dtype=np.int16)
    return np.concatenate([silence if block is None else block for block in taken])


def test_sound_is_played_at_its_time() -> None:
    buffer = VoiceBuffer()
    _play(buffer, 0, 100)
    buffer.put(_ramp(MOMENT), 117 * MS_NS)
    played = _play(buffer, 100, 200)
    assert np.flatnonzero(played)[0] == 17 * 48
    assert np.array_equal(played[17 * 48 :][:MOMENT], _ramp(MOMENT))
    assert buffer.take(200 * 48, BLOCK) is None
    assert (buffer.underruns, buffer.dropped) == (0, 0)


def test_moments_that_follow_each_other_leave_no_gap_though_their_times_are_a_little_off() -> None:
    buffer = VoiceBuffer()
    _play(buffer, 0, 100)
    buffer.put(_ramp(MOMENT), 110 * MS_NS)
    first = _play(buffer, 100, 140)
    buffer.put(_ramp(MOMENT, MOMENT), 151 * MS_NS)
    whole = np.concatenate((first, _play(buffer, 140, 220)))
    assert np.array_equal(np.diff(np.flatnonzero(whole)), np.ones(2 * MOMENT - 1))


def test_what_comes_late_is_played_at_once_and_counted() -> None:
    buffer = VoiceBuffer()
    _play(buffer, 0, 100)
    buffer.put(_ramp(MOMENT), 80 * MS_NS)
    played = _play(buffer, 100, 160)
    assert np.array_equal(played[:MOMENT], _ramp(MOMENT))
    assert (buffer.underruns, buffer.dropped) == (1, 0)


def test_what_comes_far_too_late_loses_its_beginning_so_that_the_lips_stay_near() -> None:
    buffer = VoiceBuffer()
    _play(buffer, 0, 100)
    buffer.put(_ramp(MOMENT), 50 * MS_NS)
    played = _play(buffer, 100, 160)
    assert played[0] == 10 * 48 + 1
    assert buffer.dropped == 10 * 48


def test_after_a_pause_lateness_is_forgotten() -> None:
    buffer = VoiceBuffer()
    _play(buffer, 0, 100)
    buffer.put(_ramp(MOMENT), 80 * MS_NS)
    _play(buffer, 100, 300)
    buffer.put(_ramp(MOMENT), 310 * MS_NS)
    assert np.flatnonzero(_play(buffer, 300, 400))[0] == 10 * 48


@given(
    st.lists(
        st.tuples(st.integers(0, 120), st.integers(-100, 200), st.integers(1, 9_600)), max_size=40
    )
)
def test_never_more_than_the_bound_is_ahead_and_nothing_is_played_twice(
    puts: list[tuple[int, int, int]],
) -> None:
    buffer = VoiceBuffer()
    now_ms, given_samples, played = 0, 0, 0
    bound = (MOST_AHEAD_NS // MS_NS + 10) * 48
    for step_ms, offset_ms, count in puts:
        step = step_ms // 10 * 10
        played += int(np.count_nonzero(_play(buffer, now_ms, now_ms + step))) if step else 0
        now_ms += step
        buffer.put(np.ones(count, dtype=np.int16), (now_ms + offset_ms) * MS_NS)
        given_samples += count
    rest = int(np.count_nonzero(_play(buffer, now_ms, now_ms + 1_000)))
    assert rest <= bound
    assert played + rest + buffer.dropped == given_samples
