from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from meetbot.demo.timeline import DELAY, RATE, Segment, Source, Timeline

S = 1_000_000_000
MS = 1_000_000
CHUNK = 960


def whole(segments: list[Segment]) -> np.ndarray:
    return np.concatenate([segment.sound for segment in segments])


def tone(count: int = CHUNK) -> np.ndarray:
    return np.full(count, 1000, np.int16)


def test_chunks_that_jitter_make_sound_without_seams() -> None:
    timeline = Timeline(25, origin_ns=0)
    jitter = [0, 13, 2, 30, 8, 0, 19, 4]
    for i in range(100):
        timeline.sound("a", tone(), (i + 1) * 20 * MS + jitter[i % 8] * MS)
    sound = whole(timeline.rest())
    heard = np.flatnonzero(sound)
    assert np.ptp(heard) + 1 == len(heard) == 100 * CHUNK


def test_sound_that_began_late_is_set_right_within_a_second() -> None:
    source = Source()
    places = [source.place(CHUNK, (i + 1) * CHUNK + (4800 if i == 0 else 0)) for i in range(60)]
    start, skip = places[-1]
    assert (start, skip) == (59 * CHUNK, 0)
    assert sum(skip for _, skip in places) == 4800


def test_a_real_gap_becomes_silence_of_its_length() -> None:
    timeline = Timeline(25, origin_ns=0)
    for i in range(10):
        timeline.sound("a", tone(), (i + 1) * 20 * MS)
    for i in range(10):
        timeline.sound("a", tone(), 1000 * MS + (i + 1) * 20 * MS)
    heard = np.flatnonzero(whole(timeline.rest()))
    jump = np.flatnonzero(np.diff(heard) > 1)
    assert len(jump) == 1
    assert heard[jump[0] + 1] == RATE


def test_sources_are_added_and_clipped() -> None:
    timeline = Timeline(25, origin_ns=0)
    timeline.sound("a", np.full(CHUNK, 30000, np.int16), 20 * MS)
    timeline.sound("b", np.full(CHUNK, 30000, np.int16), 20 * MS)
    timeline.sound("c", np.full(CHUNK, -20000, np.int16), 40 * MS)
    sound = whole(timeline.rest())
    assert set(sound[:CHUNK]) == {32767}
    assert set(sound[CHUNK : 2 * CHUNK]) == {-20000}


def test_pictures_go_to_the_nearest_slot_and_the_latest_wins() -> None:
    timeline = Timeline(10, origin_ns=0)
    for name, at in (("a", 0), ("b", 120), ("c", 149), ("d", 151), ("e", 400)):
        timeline.picture(name, at * MS)
    (segment,) = timeline.rest(500 * MS)
    assert segment.pictures == tuple(
        (slot, "stage", name) for slot, name in ((0, "a"), (1, "c"), (2, "d"), (4, "e"))
    )
    assert (segment.start, segment.end) == (0, 5)


def test_what_is_held_stays_small_and_comes_out_in_order() -> None:
    timeline = Timeline(25, origin_ns=0)
    out: list[Segment] = []
    for i in range(3000):
        timeline.sound("a", tone(), (i + 1) * 20 * MS)
        out.extend(timeline.finished())
        assert (i + 1) * CHUNK - sum(len(s.sound) for s in out) <= DELAY + RATE
    out.extend(timeline.rest())
    assert [s.start for s in out[1:]] == [s.end for s in out[:-1]]
    assert len(whole(out)) == 60 * RATE


def test_time_without_anything_is_silence() -> None:
    timeline = Timeline(25, origin_ns=0)
    timeline.picture("a", 0)
    timeline.picture("b", 10 * S)
    segments = timeline.finished() + timeline.rest()
    assert len(whole(segments)) == 10 * RATE
    assert not whole(segments).any()


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5_000)), max_size=60), st.integers(1, 60))
def test_any_arrivals_give_one_unbroken_timeline(
    arrivals: list[tuple[bool, int]], fps: int
) -> None:
    timeline = Timeline(fps, origin_ns=1000 * MS)
    out: list[Segment] = []
    for is_sound, at in arrivals:
        if is_sound:
            timeline.sound("a", tone(), at * MS)
        else:
            timeline.picture(at, at * MS)
        out.extend(timeline.finished())
    out.extend(timeline.rest())
    slot = 0
    for segment in out:
        assert segment.start == slot
        slot = segment.end
        count = segment.end * RATE // fps - segment.start * RATE // fps
        assert len(segment.sound) == count
        assert all(segment.start <= s < segment.end for s, _, _ in segment.pictures)
