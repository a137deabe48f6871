"""The verdict on the bot's voice, from what others are heard to do: no clock, no tasks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetbot.config import TalkingSettings
from meetbot.core.types import (
    SpeechBegan,
    SpeechEnded,
    SpeechEvent,
    SpeechWent,
    TurnDropped,
    TurnGuessed,
    TurnTaken,
)
from meetbot.talking.interruption import Interruption, Verdict
from meetbot.talking.phrases import is_backchannel, is_stop
from unit.talking.fakes import ANNA, BORIS, MS

SETTINGS = TalkingSettings(stop_after_ms=128, resume_after_ms=700)
PEOPLE = st.sampled_from([ANNA, BORIS])
TEXTS = st.sampled_from(["Mhm.", "Stop!", "What?", "угу", ""])


@st.composite
def _events(draw: st.DrawFn) -> list[tuple[int, SpeechEvent]]:
    """Anything that hearing might tell within some seconds, in any order."""
    events: list[tuple[int, SpeechEvent]] = []
    now = 0
    for _ in range(draw(st.integers(0, 25))):
        now += draw(st.integers(0, 600)) * MS
        who = draw(PEOPLE)
        event: SpeechEvent = draw(
            st.sampled_from(
                [
                    SpeechBegan(who, now),
                    SpeechWent(who, now, float(draw(st.integers(32, 2_000)))),
                    SpeechEnded(who, now),
                    TurnGuessed("t", who, draw(TEXTS), "en", 0, now),
                    TurnDropped("t", who),
                    TurnTaken("t", who, draw(TEXTS), "en", max(0, now - 300 * MS), now),
                ]
            )
        )
        events.append((now, event))
    return events


@given(_events())
def test_when_everybody_has_been_quiet_for_long_the_bot_goes_on_or_has_ended(
    events: list[tuple[int, SpeechEvent]],
) -> None:
    interruption = Interruption(SETTINGS)
    interruption.begin(0)
    over, now = False, 0
    for now, event in events:
        interruption.heard(event, now)
        verdict = interruption.verdict(now)
        assert not over or verdict is Verdict.OVER
        over = verdict is Verdict.OVER
    final = interruption.verdict(now + 5_700 * MS)
    assert final is (Verdict.OVER if over else Verdict.CLEAR)


@given(_events())
def test_an_answer_is_over_only_by_words_that_are_more_than_listening(
    events: list[tuple[int, SpeechEvent]],
) -> None:
    interruption = Interruption(SETTINGS)
    interruption.begin(0)
    for now, event in events:
        interruption.heard(event, now)
    words = [event.text for _, event in events if isinstance(event, TurnTaken)]
    if interruption.verdict(10**12) is Verdict.OVER:
        assert not all(is_backchannel(text) for text in words)


def test_every_answer_begins_with_a_clean_slate() -> None:
    interruption = Interruption(SETTINGS)
    interruption.begin(0)
    interruption.heard(TurnTaken("t", ANNA, "What?", "en", 0, 500 * MS), 500 * MS)
    assert interruption.verdict(500 * MS) is Verdict.OVER
    interruption.end()
    interruption.begin(600 * MS)
    assert interruption.verdict(600 * MS) is Verdict.CLEAR


def test_words_said_before_the_answer_began_do_not_end_it() -> None:
    interruption = Interruption(SETTINGS)
    interruption.begin(1_000 * MS)
    turn = TurnTaken("t", ANNA, "By the way", "en", 200 * MS, 1_100 * MS)
    interruption.heard(turn, 1_500 * MS)
    assert interruption.verdict(1_500 * MS) is Verdict.CLEAR
    late = TurnTaken("t", ANNA, "By the way", "en", 200 * MS, 1_128 * MS)
    interruption.heard(late, 1_500 * MS)
    assert interruption.verdict(1_500 * MS) is Verdict.OVER


@pytest.mark.parametrize(
    "text",
    ["Mhm.", "mm-hmm", "Uh-huh, uh-huh.", "Yes.", "Yeah, right.", "OK.", "I see.", "Got it!",
     "Угу.", "Ага", "Да-да.", "Да.", "Так, понятно.", "Ну да.", "Хорошо", "", "…", "Oh, wow."],
)  # fmt: skip
def test_listening_is_recognised(text: str) -> None:
    assert is_backchannel(text)
    assert not is_stop(text)


@pytest.mark.parametrize(
    "text",
    ["Yes, but why?", "No.", "Right turn", "Да нет", "Хватит.", "OK stop", "Meetbot", "42",
     "Okay, okay, okay, okay, okay, I know"],
)  # fmt: skip
def test_words_are_not_taken_for_listening(text: str) -> None:
    assert not is_backchannel(text)


@pytest.mark.parametrize("text", ["Stop.", "Meetbot, stop!", "Стоп", "Митбот, хватит", "OK enough"])
def test_stop_is_understood(text: str) -> None:
    assert is_stop(text)


@pytest.mark.parametrize("text", ["When does the bus stop here?", "Не хватает денег", ""])
def test_a_sentence_about_stopping_is_none(text: str) -> None:
    assert not is_stop(text)
