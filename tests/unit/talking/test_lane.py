"""Answers become moments: in time, in step, and for as long as a meeting lasts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.config import TalkingSettings
from unit.talking.fakes import (
    MS,
    HummingSynthesizer,
    KeepingFace,
    Meeting,
    stretches,
    time_in,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

pytestmark = pytest.mark.virtual_time

LOUD = 0.01


async def test_moments_come_when_they_are_due_and_a_silent_bot_has_a_face() -> None:
    async with Meeting() as meeting:
        await meeting.until(2)
    numbers = [moment.pts_ns // (40 * MS) for moment in meeting.moments]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert all(moment.pts_ns % (40 * MS) == 0 for moment in meeting.moments)
    assert meeting.lateness_ns() <= 1_000
    assert all(moment.samples is None for moment in meeting.moments)
    assert [time_in(m) for m in meeting.moments] == [m.pts_ns / 1e9 for m in meeting.moments]
    assert meeting.metrics.counter("face.late_frames") == 0


async def test_a_prepared_answer_is_silent_until_it_is_released_and_then_begins_at_once() -> None:
    async with Meeting(synthesizer=HummingSynthesizer(delay_s=0.4)) as meeting:
        meeting.lane.prepare(meeting.answer("Hello there everyone."))
        await meeting.until(1.01)
        assert all(moment.samples is None for moment in meeting.moments)
        meeting.lane.release("a")
        await meeting.until(3)
    ((begin, end),) = stretches(meeting.loudness() > LOUD)
    assert begin == 1.04
    assert end == pytest.approx(1.79, abs=0.011)
    (spoken,) = meeting.sink.said
    assert (spoken.text, spoken.interrupted) == ("Hello there everyone.", False)
    assert spoken.start_ns == 1040 * MS
    assert spoken.end_ns == pytest.approx(1790 * MS, abs=MS)


async def test_the_next_clause_is_made_while_the_first_is_heard_and_follows_without_a_gap() -> None:
    async with Meeting(synthesizer=HummingSynthesizer(delay_s=0.4)) as meeting:
        await meeting.say("One two three four. ", "Five six seven eight.")
        assert meeting.synthesizer.asked == ["One two three four."]
        await meeting.until(4)
        assert meeting.synthesizer.asked == ["One two three four.", "Five six seven eight."]
    ((begin, end),) = stretches(meeting.loudness() > LOUD)
    assert end - begin == pytest.approx(2.0, abs=0.011)
    assert meeting.sink.growing == [
        "One two three four.",
        "One two three four. Five six seven eight.",
    ]


async def test_the_sound_is_the_synthesizers_sample_for_sample() -> None:
    async with Meeting() as meeting:
        await meeting.say("One two three four.")
        await meeting.until(2)
    sound = meeting.sound() / 32_767
    first = int(np.flatnonzero(sound)[0]) // 1920 * 1920
    wanted = 0.5 * np.sin(2 * np.pi * 200 / 48_000 * (np.arange(48_000) + 2))
    assert np.abs(sound[first + 500 : first + 47_000] - wanted[500:47_000]).max() < 0.01


async def test_silence_before_the_first_word_is_not_waited_for() -> None:
    async with Meeting(synthesizer=HummingSynthesizer(lead_s=0.3)) as meeting:
        await meeting.say("Hello there.")
        await meeting.until(2)
    ((begin, _),) = stretches(meeting.loudness() > LOUD)
    assert begin == pytest.approx(0.33, abs=0.011)
    assert meeting.sink.said[0].text == "Hello there."


async def test_the_face_is_told_where_the_sound_really_is() -> None:
    async with Meeting(synthesizer=HummingSynthesizer(delay_s=0.3)) as meeting:
        await meeting.say("One two three four. ", "Five six. ", "Seven eight.")
        await meeting.until(4)
    told = [(kind, at) for kind, at, _ in meeting.face.told]
    ((begin, _),) = stretches(meeting.loudness() > LOUD)
    assert told == [
        ("speak", pytest.approx(begin, abs=1e-6)),
        ("speak", pytest.approx(begin + 1.0, abs=1e-3)),
        ("speak", pytest.approx(begin + 1.5, abs=1e-3)),
    ]


async def test_answers_are_said_one_after_the_other() -> None:
    async with Meeting() as meeting:
        await meeting.say("One two.", name="a")
        await meeting.say("Three four.", name="b")
        await meeting.until(3)
    assert [spoken.answer_id for spoken in meeting.sink.said] == ["a", "b"]
    assert meeting.sink.said[1].start_ns >= meeting.sink.said[0].end_ns


async def test_a_dropped_answer_is_never_heard_and_its_work_stops() -> None:
    async with Meeting(synthesizer=HummingSynthesizer(delay_s=0.5)) as meeting:
        meeting.lane.prepare(meeting.answer("Hello there."))
        await meeting.until(0.4)
        meeting.lane.drop("a")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert meeting.synthesizer.stopped == 1
        meeting.lane.release("a")
        await meeting.until(2)
    assert all(moment.samples is None for moment in meeting.moments)
    assert meeting.sink.said == []


async def test_an_answer_that_is_dropped_while_it_is_said_ends_there() -> None:
    async with Meeting() as meeting:
        await meeting.say("One two three four five six seven eight.")
        await meeting.until(1.1)
        meeting.lane.drop("a")
        await meeting.until(3)
    ((_, end),) = stretches(meeting.loudness() > LOUD)
    assert end == pytest.approx(1.14, abs=0.011)
    (spoken,) = meeting.sink.said
    assert spoken.interrupted
    assert spoken.text == "One two three"


async def test_thirty_minutes_of_talk_do_not_drift() -> None:
    minutes = 30
    async with Meeting() as meeting:
        for number in range(minutes):
            await meeting.until(60 * number + 1)
            await meeting.say("One two three four. ", "Five six seven.", name=str(number))
        await meeting.until(60 * minutes)
        meeting.check()
    numbers = [moment.pts_ns // (40 * MS) for moment in meeting.moments]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert len(numbers) >= minutes * 60 * 25 - 2
    assert meeting.lateness_ns() <= 1_000
    begins = [begin for begin, _ in stretches(meeting.loudness() > LOUD)]
    assert begins == pytest.approx([60 * number + 1.12 for number in range(minutes)], abs=0.04)
    told = [at for kind, at, speech in meeting.face.told if speech and speech.text[:3] == "One"]
    assert told == pytest.approx(begins, abs=1e-6)


async def test_an_empty_answer_is_over_at_once() -> None:
    async with Meeting() as meeting:
        await meeting.say("")
        await meeting.until(1)
    (spoken,) = meeting.sink.said
    assert (spoken.text, spoken.interrupted) == ("", False)
    assert meeting.sink.troubles == []


async def test_an_endless_answer_ends_at_the_limit_and_is_read_no_further() -> None:
    settings = TalkingSettings(max_answer_seconds=5)
    async with Meeting(settings=settings) as meeting:
        await meeting.say(*["Again and again. "] * 10_000)
        await meeting.until(20)
        meeting.check()
    assert sum(end - begin for begin, end in stretches(meeting.loudness() > LOUD)) < 5.1
    (spoken,) = meeting.sink.said
    assert spoken.interrupted
    assert spoken.text.startswith("Again and again. Again")
    assert len(meeting.synthesizer.asked) < 20


async def test_a_voice_that_is_too_slow_pauses_with_the_mouth_shut_and_goes_on_in_step() -> None:
    async with Meeting(synthesizer=HummingSynthesizer(delay_s=1.5)) as meeting:
        meeting.lane.prepare(meeting.answer("One two. ", "Three four."))
        meeting.lane.release("a")
        await meeting.until(6)
    first, second = stretches(meeting.loudness() > LOUD)
    assert meeting.metrics.counter("talking.underruns") == 1
    kinds = [kind for kind, _, _ in meeting.face.told]
    assert kinds == ["speak", "hush", "speak"]
    places = [at for _, at, _ in meeting.face.told]
    assert places == pytest.approx([first[0], first[1], second[0]], abs=0.011)
    assert meeting.sink.said[0].text == "One two. Three four."


async def test_a_voice_that_fails_leaves_the_rest_in_writing() -> None:
    async with Meeting(synthesizer=HummingSynthesizer(broken=["Three four."])) as meeting:
        await meeting.say("One two. ", "Three four. ", "Five six.")
        await meeting.until(2)
        await meeting.say("Again.", name="b")
        await meeting.until(4)
        meeting.check()
    (trouble,) = meeting.sink.troubles
    assert "the throat is sore" in trouble
    assert trouble.endswith("Three four. Five six.")
    assert [(s.text, s.interrupted) for s in meeting.sink.said] == [
        ("One two.", True),
        ("Again.", False),
    ]


async def test_nobody_reads_of_a_voice_that_failed_in_an_answer_that_was_dropped() -> None:
    async with Meeting(synthesizer=HummingSynthesizer(broken=["One two."])) as meeting:
        meeting.lane.prepare(meeting.answer("One two."))
        await meeting.until(1)
        meeting.lane.drop("a")
        await meeting.until(2)
    assert meeting.sink.troubles == []
    assert meeting.sink.said == []


async def _broken_text() -> AsyncGenerator[str]:
    yield "One two. Three "
    raise RuntimeError("the model is gone")


async def test_a_text_that_breaks_off_is_said_as_far_as_it_goes() -> None:
    async with Meeting() as meeting:
        meeting.lane.prepare(replace(meeting.answer(), text=_broken_text()))
        meeting.lane.release("a")
        await meeting.until(3)
        meeting.check()
    (trouble,) = meeting.sink.troubles
    assert "the model is gone" in trouble
    assert meeting.sink.said[0].text == "One two."
    assert meeting.sink.said[0].interrupted


async def test_an_answer_that_is_interrupted_stops_the_model_that_writes_it() -> None:
    closed = []

    async def endless() -> AsyncGenerator[str]:
        try:
            while True:
                await asyncio.sleep(0.1)
                yield "And so on. "
        finally:
            closed.append(meeting.clock.now_ns())

    async with Meeting() as meeting:
        meeting.lane.prepare(replace(meeting.answer(), text=endless()))
        meeting.lane.release("a")
        await meeting.until(3)
        assert closed == []
        meeting.lane.drop("a")
        await meeting.until(3.01)
        assert len(closed) == 1


async def test_stop_ends_everything_and_tells_what_was_said() -> None:
    async with Meeting() as meeting:
        await meeting.say("One two three four five six.", name="a")
        await meeting.say("Seven.", name="b")
        meeting.lane.prepare(meeting.answer("Eight.", name="c"))
        await meeting.until(1.1)
        meeting.lane.stop()
        await meeting.until(1.2)
        assert [(s.answer_id, s.text) for s in meeting.sink.said] == [
            ("a", "One two three"),
            ("b", ""),
        ]
        await meeting.until(3)
    assert stretches(meeting.loudness() > LOUD)[-1][1] < 1.2


async def test_a_lane_that_broke_and_is_run_again_ends_the_old_answer_and_says_the_next() -> None:
    async with Meeting() as meeting:
        await meeting.say("One two three four. ", "Five ", "six.", name="a", every_s=0.6)
        await meeting.until(1.3)
        meeting.break_once()
        await meeting.say("Nine ten.", name="b")
        await meeting.until(6)
    assert [(s.answer_id, s.text, s.interrupted) for s in meeting.sink.said] == [
        ("a", "One two three four.", True),
        ("b", "Nine ten.", False),
    ]
    assert meeting.lateness_ns() <= 1_000


async def test_many_answers_that_are_never_released_do_not_pile_up() -> None:
    async with Meeting() as meeting:
        for number in range(50):
            meeting.lane.prepare(meeting.answer("One two.", name=str(number)))
            await asyncio.sleep(0.05)
        meeting.lane.release("0")
        meeting.lane.release("49")
        await meeting.until(5)
        meeting.check()
    assert [spoken.answer_id for spoken in meeting.sink.said] == ["49"]


async def test_what_cannot_be_spoken_comes_in_writing() -> None:
    async with Meeting() as meeting:
        await meeting.say("⟂ ⟂")
        await meeting.until(2)
    (trouble,) = meeting.sink.troubles
    assert trouble.endswith("⟂ ⟂")
    assert meeting.sink.said[0].text == ""


async def test_a_phrase_that_was_said_before_sounds_within_60_ms_of_its_text() -> None:
    async with Meeting(synthesizer=HummingSynthesizer(delay_s=0.8)) as meeting:
        await meeting.say("Good morning everyone.")
        await meeting.until(3.001)
        meeting.lane.prepare(meeting.answer("Good morning everyone.", name="b"))
        meeting.lane.release("b")
        await meeting.until(5)
    first, second = stretches(meeting.loudness() > LOUD)
    assert second[0] - 3.001 <= 0.06
    assert meeting.synthesizer.asked == ["Good morning everyone."]
    assert meeting.metrics.counter("cache.sound.hits") == 1
    assert meeting.metrics.counter("cache.sound.misses") == 1
    assert second[1] - second[0] == pytest.approx(first[1] - first[0], abs=0.011)
    assert [spoken.text for spoken in meeting.sink.said] == ["Good morning everyone."] * 2


async def test_a_reader_that_was_away_gets_what_it_missed_and_no_more_than_200_ms_of_it() -> None:
    async with Meeting() as meeting:
        moments = meeting.lane.moments()
        numbers = []
        for wait in (0.0, 0.0, 0.15, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0):
            await asyncio.sleep(wait)
            numbers.append((await anext(moments)).pts_ns // (40 * MS))
        await moments.aclose()
    steps = list(np.diff(numbers))
    assert steps[:5] == [1, 1, 1, 1, 1]
    assert steps[5] == 25
    assert steps[6:] == [1, 1]
    assert meeting.metrics.drops()["moments"] == 24


async def test_a_slow_face_is_drawn_less_often_and_stays_in_step() -> None:
    async with Meeting(face=KeepingFace(render_s=0.07)) as meeting:
        await meeting.until(2)
        late = meeting.metrics.counter("face.late_frames")
        await meeting.say("One two three four. ", "Five six seven eight.")
        await meeting.until(12)
        meeting.face.render_s = 0.005
        slow = meeting.metrics.counter("face.late_frames")
        await meeting.until(30)
        fresh = meeting.moments[-50:]
        meeting.check()
    assert slow == late
    steady = [m for m in meeting.moments if 2e9 < m.pts_ns < 12e9]
    ages = [m.pts_ns / 1e9 - time_in(m) for m in steady]
    assert max(ages) <= 0.1201
    assert len({time_in(m) for m in steady}) > 10 * 25 / 4
    ((begin, end),) = stretches(meeting.loudness() > LOUD)
    assert end - begin == pytest.approx(2.0, abs=0.011)
    assert [time_in(m) for m in fresh] == [m.pts_ns / 1e9 for m in fresh]
    assert meeting.lateness_ns() <= 1_000


async def test_a_face_that_breaks_stands_still_while_the_voice_goes_on() -> None:
    async with Meeting() as meeting:
        await meeting.until(1)
        meeting.face.broken = True
        await meeting.say("One two three four.")
        await meeting.until(4)
        meeting.face.broken = False
        await meeting.until(6)
        meeting.check()
    (trouble,) = meeting.sink.troubles
    assert "the mesh is torn" in trouble
    assert meeting.sink.said[0].text == "One two three four."
    assert time_in(meeting.moments[-1]) == meeting.moments[-1].pts_ns / 1e9
