"""What happens when people speak while the bot does, to the moment."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from meetbot.config import TalkingSettings
from meetbot.core.types import SpeechBegan, SpeechEnded, TurnDropped, TurnGuessed, TurnTaken
from unit.talking.fakes import ANNA, BORIS, MS, OTHER_BOT, Meeting, S, stretches

pytestmark = pytest.mark.virtual_time

LOUD = 0.01
COUNTING = "One two three four five six seven eight nine ten."
"""Two and a half seconds of sound; the word n begins at (n - 1) / 4 seconds."""
BEGIN = 0.32
"""When it begins to sound in these tests."""


async def test_the_bot_lowers_its_voice_at_once_and_is_silent_soon_after() -> None:
    settings = TalkingSettings(stop_after_ms=128)
    async with Meeting(settings=settings) as meeting:
        await meeting.say(COUNTING)
        await meeting.until(1.005)
        await meeting.words(ANNA, "What about the price?", 1.2)
        await meeting.until(5)
        meeting.check()
    levels = meeting.loudness()
    full = levels[60]
    lowered = float(np.flatnonzero(levels[100:] < 0.5 * full)[0] + 100) / 100
    silent = float(np.flatnonzero(levels[100:] < LOUD)[0] + 100) / 100
    assert levels[114] == pytest.approx(settings.duck_gain * full, rel=0.05)
    assert lowered - 1.005 <= 0.064 + 0.04 + 0.02
    assert silent - 1.005 <= 0.128 + 0.04 + 0.02
    assert len(stretches(levels > LOUD)) == 1


async def test_history_keeps_what_was_really_said() -> None:
    async with Meeting() as meeting:
        await meeting.say(COUNTING)
        await meeting.until(1.2)
        await meeting.words(ANNA, "What about the price?", 1.2)
        await meeting.until(5)
    (spoken,) = meeting.sink.said
    ((begin, end),) = stretches(meeting.loudness() > LOUD)
    words = int((end - begin) / 0.25)
    assert spoken.interrupted
    assert spoken.text == " ".join(COUNTING.split()[:words])
    assert spoken.start_ns / S == begin
    assert spoken.end_ns / S == pytest.approx(end, abs=0.011)


async def test_after_a_cough_it_goes_on_from_the_beginning_of_the_word() -> None:
    settings = TalkingSettings()
    async with Meeting(settings=settings) as meeting:
        await meeting.say(COUNTING)
        await meeting.until(1.0)
        await meeting.voice(ANNA, 0.256)
        await meeting.until(1.6)
        meeting.lane.noticed(SpeechEnded(ANNA, 1_400 * MS))
        await meeting.until(6)
        meeting.check()
    levels = meeting.loudness()
    first, second = stretches(levels > LOUD)
    stopped_word = int((first[1] - first[0]) / 0.25)
    again = second[0] - 1.256
    assert settings.resume_after_ms / 1000 <= again <= settings.resume_after_ms / 1000 + 0.04
    left = 2.5 - stopped_word * 0.25
    assert second[1] - second[0] == pytest.approx(left + 0.02, abs=0.03)
    assert (meeting.sink.said[0].text, meeting.sink.said[0].interrupted) == (COUNTING, False)
    assert meeting.metrics.counter("talking.resumed") == 1
    assert meeting.metrics.counter("talking.underruns") == 0


async def test_the_sound_after_a_cough_is_that_of_the_word_to_the_sample() -> None:
    async with Meeting() as undisturbed:
        await undisturbed.say(COUNTING)
        await undisturbed.until(4)
    async with Meeting() as meeting:
        await meeting.say(COUNTING)
        await meeting.until(1.0)
        await meeting.voice(ANNA, 0.256)
        await meeting.until(6)
    whole = undisturbed.sound()[round(BEGIN * 48_000) :]
    sound = meeting.sound()
    first, second = stretches(meeting.loudness() > LOUD)
    word = int((first[1] - first[0]) / 0.25)
    start = word * 12_000 - 960
    resumed = round(second[0] * 48_000)
    assert resumed % 1920 == 0
    length = 48_000
    assert np.array_equal(
        sound[resumed + 960 : resumed + length], whole[start + 960 : start + length]
    )


async def test_the_mouth_shuts_with_the_voice_and_moves_again_with_it() -> None:
    async with Meeting() as meeting:
        await meeting.say(COUNTING)
        await meeting.until(1.0)
        await meeting.voice(ANNA, 0.256)
        await meeting.until(6)
    first, second = stretches(meeting.loudness() > LOUD)
    (_, begin, whole), (_, hush, _), (_, resumed, rest) = meeting.face.told
    assert begin == first[0]
    assert hush == pytest.approx(first[1], abs=0.011)
    assert resumed == second[0]
    assert whole is not None
    assert rest is not None
    word = int((first[1] - first[0]) / 0.25)
    assert [w.text for w in rest.words][-1] == whole.words[-1].text
    assert rest.words[1].text == whole.words[word].text
    assert rest.words[1].start_ns == pytest.approx(20 * MS, abs=MS)


async def test_a_sound_too_short_to_be_speech_only_lowers_the_voice_for_a_moment() -> None:
    async with Meeting() as meeting:
        await meeting.say(COUNTING)
        await meeting.until(1.0)
        await meeting.voice(ANNA, 0.064)
        await meeting.until(4)
    levels = meeting.loudness()
    ((begin, end),) = stretches(levels > LOUD)
    assert end - begin == pytest.approx(2.5, abs=0.011)
    ((low, high),) = stretches((levels > LOUD) & (levels < 0.6 * levels[60]))[:1]
    assert 1.06 <= low <= 1.13
    assert high - low <= 0.3
    assert meeting.sink.said[0].text == COUNTING


@pytest.mark.parametrize("text", ["Mhm.", "Yes, yes.", "Угу.", "Да, понятно."])
async def test_it_goes_on_when_someone_only_shows_that_they_listen(text: str) -> None:
    async with Meeting() as meeting:
        await meeting.say(COUNTING)
        await meeting.until(1.0)
        await meeting.words(ANNA, text, 0.256)
        await meeting.until(5)
    _, second = stretches(meeting.loudness() > LOUD)
    assert second[0] - 1.256 <= 0.25 + 0.05
    assert not meeting.sink.said[0].interrupted


@pytest.mark.parametrize("text", ["Meetbot, stop.", "Хватит!", "No.", "Да, но сколько?"])
async def test_any_other_words_end_the_answer(text: str) -> None:
    async with Meeting() as meeting:
        await meeting.say(COUNTING)
        await meeting.until(1.0)
        await meeting.words(ANNA, text, 0.256)
        await meeting.until(5)
    assert len(stretches(meeting.loudness() > LOUD)) == 1
    assert meeting.sink.said[0].interrupted


async def test_words_that_are_recognised_late_end_an_answer_that_had_gone_on() -> None:
    async with Meeting() as meeting:
        await meeting.say(COUNTING)
        await meeting.until(1.0)
        await meeting.voice(ANNA, 0.256)
        await meeting.until(2.2)
        assert meeting.moments[-1].samples is not None
        meeting.lane.noticed(TurnTaken("t", ANNA, "Wait.", "en", 1000 * MS, 1256 * MS))
        await meeting.until(5)
    assert stretches(meeting.loudness() > LOUD)[-1][1] <= 2.2 + 0.06
    assert meeting.sink.said[0].interrupted


async def test_it_waits_while_words_are_guessed_and_goes_on_when_they_were_none() -> None:
    async with Meeting() as meeting:
        await meeting.say(COUNTING)
        await meeting.until(1.0)
        await meeting.voice(ANNA, 0.256)
        meeting.lane.noticed(TurnGuessed("t", ANNA, "Hm", "en", 1000 * MS, 1256 * MS))
        await meeting.until(2.5)
        meeting.lane.noticed(TurnDropped("t", ANNA))
        await meeting.until(6)
    _, second = stretches(meeting.loudness() > LOUD)
    assert 2.5 <= second[0] <= 2.54
    assert not meeting.sink.said[0].interrupted


async def test_a_guess_that_nothing_follows_does_not_silence_it_for_ever() -> None:
    async with Meeting() as meeting:
        await meeting.say(COUNTING)
        await meeting.until(1.0)
        await meeting.voice(ANNA, 0.256)
        meeting.lane.noticed(TurnGuessed("t", ANNA, "Hm", "en", 1000 * MS, 1256 * MS))
        await meeting.until(12)
    assert meeting.sink.said[0].text == COUNTING


async def test_two_people_at_once_stop_it_and_both_must_be_silent_before_it_goes_on() -> None:
    async with Meeting() as meeting:
        await meeting.say(COUNTING)
        await meeting.until(1.0)
        await asyncio.gather(meeting.voice(ANNA, 0.256), meeting.voice(BORIS, 1.6))
        ended = meeting.clock.now_ns() / S
        await meeting.until(8)
    first, second = stretches(meeting.loudness() > LOUD)
    assert first[1] <= 1.0 + 0.128 + 0.06
    assert ended + 0.7 <= second[0] <= ended + 0.74


async def test_one_who_only_listens_and_one_who_speaks_end_the_answer() -> None:
    async with Meeting() as meeting:
        await meeting.say(COUNTING)
        await meeting.until(1.0)
        await asyncio.gather(
            meeting.words(ANNA, "Mhm.", 0.256), meeting.words(BORIS, "Подождите.", 0.6)
        )
        await meeting.until(8)
    assert len(stretches(meeting.loudness() > LOUD)) == 1
    assert meeting.sink.said[0].interrupted


async def test_a_second_interruption_needs_as_much_speech_as_the_first() -> None:
    async with Meeting() as meeting:
        await meeting.say(COUNTING)
        await meeting.until(1.0)
        await meeting.voice(ANNA, 0.256)
        await meeting.until(2.2)
        await meeting.voice(ANNA, 0.256)
        await meeting.until(8)
    parts = stretches(meeting.loudness() > LOUD)
    assert len(parts) == 3
    assert parts[1][1] <= 2.2 + 0.128 + 0.06
    assert meeting.metrics.counter("talking.resumed") == 2
    assert meeting.sink.said[0].text == COUNTING


async def test_other_bots_do_not_interrupt() -> None:
    async with Meeting() as meeting:
        await meeting.say(COUNTING)
        await meeting.until(1.0)
        await meeting.words(OTHER_BOT, "I have something to say.", 1.0)
        await meeting.until(4)
    ((begin, end),) = stretches(meeting.loudness() > LOUD)
    assert end - begin == pytest.approx(2.5, abs=0.011)


async def test_nobody_is_talked_over_when_the_answer_is_ready() -> None:
    async with Meeting() as meeting:
        meeting.lane.prepare(meeting.answer(COUNTING))
        await meeting.until(1.0)
        speaking = asyncio.create_task(meeting.voice(BORIS, 1.0))
        await meeting.until(1.5)
        meeting.lane.release("a")
        await speaking
        await meeting.until(6)
    ((begin, end),) = stretches(meeting.loudness() > LOUD)
    assert begin > 2.0
    assert end - begin == pytest.approx(2.5, abs=0.011)
    (spoken,) = meeting.sink.said
    assert spoken.start_ns / S == begin


async def test_an_answer_that_was_overtaken_before_its_first_sound_was_not_said() -> None:
    async with Meeting() as meeting:
        meeting.synthesizer.delay_s = 2.0
        meeting.lane.prepare(meeting.answer(COUNTING))
        meeting.lane.release("a")
        await meeting.until(0.5)
        await meeting.words(BORIS, "Never mind.", 0.6)
        await meeting.until(6)
    assert all(moment.samples is None for moment in meeting.moments)
    assert (meeting.sink.said[0].text, meeting.sink.said[0].interrupted) == ("", True)
    assert meeting.synthesizer.stopped == 1
    assert [kind for kind, _, _ in meeting.face.told if kind == "speak"] == []


async def test_the_question_itself_does_not_interrupt_its_answer() -> None:
    async with Meeting() as meeting:
        await meeting.voice(ANNA, 1.0)
        end = meeting.clock.now_ns()
        meeting.lane.prepare(meeting.answer(COUNTING))
        await asyncio.sleep(0.25)
        meeting.lane.noticed(SpeechEnded(ANNA, meeting.clock.now_ns()))
        meeting.lane.release("a")
        meeting.lane.noticed(TurnTaken("t", ANNA, "Can you count?", "en", end - S, end))
        await meeting.until(6)
    ((begin, _),) = stretches(meeting.loudness() > LOUD)
    assert begin - (end / S + 0.25) <= 0.04
    assert not meeting.sink.said[0].interrupted


async def test_cancelled_work_is_heard_nowhere() -> None:
    async with Meeting() as meeting:
        meeting.synthesizer.delay_s = 0.3
        await meeting.say("One two. ", "Three four. ", "Five six. ", "Seven eight.", every_s=0.2)
        await meeting.until(1.0)
        await meeting.words(ANNA, "Something else.", 0.6)
        asked = list(meeting.synthesizer.asked)
        await meeting.say("Nine ten.", name="b")
        await meeting.until(6)
        meeting.check()
    assert meeting.synthesizer.asked == [*asked, "Nine ten."]
    assert [s.text for s in meeting.sink.said][1:] == ["Nine ten."]
    last = stretches(meeting.loudness() > LOUD)[-1]
    assert last[1] - last[0] == pytest.approx(0.5, abs=0.011)


async def test_the_answer_to_the_one_who_interrupted_begins_with_the_next_moment() -> None:
    async with Meeting() as meeting:
        await meeting.say(COUNTING)
        await meeting.until(1.0)
        await meeting.voice(ANNA, 0.8)
        meeting.lane.prepare(meeting.answer("Nine ten.", name="b"))
        await meeting.until(2.05)
        turn = TurnTaken("t", ANNA, "Meetbot, count to ten.", "en", 1000 * MS, 1800 * MS)
        meeting.lane.noticed(turn)
        meeting.lane.release("b")
        await meeting.until(4)
    assert stretches(meeting.loudness() > LOUD)[1][0] == 2.08
    assert [(kind, at) for kind, at, _ in meeting.face.told][-1] == ("speak", 2.08)
    assert [s.answer_id for s in meeting.sink.said] == ["a", "b"]


async def test_stop_ends_what_was_still_to_be_said_as_well() -> None:
    async with Meeting() as meeting:
        await meeting.say(COUNTING, name="a")
        await meeting.say(COUNTING, name="b")
        await meeting.until(1.0)
        await meeting.words(ANNA, "Meetbot, stop!", 0.6)
        await meeting.until(6)
    assert [(s.answer_id, s.interrupted) for s in meeting.sink.said] == [("a", True), ("b", True)]
    assert meeting.sink.said[1].text == ""
    assert stretches(meeting.loudness() > LOUD)[-1][1] < 1.3


async def test_a_click_without_any_speech_after_it_is_forgotten() -> None:
    async with Meeting() as meeting:
        await meeting.say(COUNTING)
        await meeting.until(1.0)
        meeting.lane.noticed(SpeechBegan(ANNA, 1000 * MS))
        await meeting.until(4)
    levels = meeting.loudness()
    assert levels[124:134] == pytest.approx(levels[60:70], rel=0.05)
