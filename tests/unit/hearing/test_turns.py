from __future__ import annotations

import itertools

import numpy as np
import pytest

from meetbot.config import HearingSettings
from meetbot.hearing.intake import WINDOW, WINDOW_NS, Window
from meetbot.hearing.turns import (
    EndReason,
    MayEnd,
    PauseBegan,
    PauseEnded,
    TurnBegan,
    TurnEnded,
    TurnTracker,
)

WINDOWS_PER_SECOND = 16_000 / WINDOW


class Drive:
    """Feeds a tracker windows of speech (1) and silence (0)."""

    def __init__(self, **settings: object) -> None:
        self.tracker = TurnTracker(HearingSettings.model_validate(settings))
        self.position = 0

    def feed(self, seconds: float, probability: float) -> list[object]:
        events: list[object] = []
        for _ in range(round(seconds * WINDOWS_PER_SECOND)):
            samples = np.full(WINDOW, probability, dtype=np.float32)
            window = Window(samples, self.position * WINDOW_NS)
            self.position += 1
            events += self.tracker.push(window, probability)
        return events


def kinds(events: list[object]) -> list[type]:
    return [type(event) for event in events]


def test_silence_makes_no_event() -> None:
    assert Drive().feed(10, 0.0) == []


def test_a_click_of_one_window_is_no_turn() -> None:
    drive = Drive()
    assert drive.feed(0.032, 1.0) + drive.feed(2, 0.0) == []


def test_a_turn_begins_pauses_and_ends_by_silence_when_nobody_calls_it_complete() -> None:
    drive = Drive()
    events = drive.feed(1, 0.0) + drive.feed(2, 1.0) + drive.feed(2, 0.0)
    assert kinds(events) == [TurnBegan, PauseBegan, MayEnd, TurnEnded]
    ended = events[-1]
    assert isinstance(ended, TurnEnded)
    assert ended.reason is EndReason.SILENCE
    assert ended.turn.speech_start_ns == pytest.approx(1e9, abs=WINDOW_NS)
    assert ended.turn.speech_end_ns == pytest.approx(3e9, abs=WINDOW_NS)
    assert ended.turn.voiced_ms == pytest.approx(2000, abs=40)


def test_the_turn_that_ends_is_the_very_one_that_recognition_began_on() -> None:
    drive = Drive()
    events = drive.feed(1, 1.0) + drive.feed(2, 0.0)
    began = next(e for e in events if isinstance(e, PauseBegan))
    ended = next(e for e in events if isinstance(e, TurnEnded))
    assert ended.turn is began.turn


def test_a_turn_called_complete_ends_at_once() -> None:
    drive = Drive()
    drive.feed(1, 1.0)
    drive.feed(0.2, 0.0)
    (ended,) = drive.tracker.end()
    assert isinstance(ended, TurnEnded)
    assert ended.reason is EndReason.COMPLETE
    assert not drive.tracker.speaking


def test_speech_that_goes_on_after_a_pause_voids_the_guess_and_stays_one_turn() -> None:
    drive = Drive()
    events = drive.feed(1, 1.0) + drive.feed(0.4, 0.0) + drive.feed(1, 1.0) + drive.feed(2, 0.0)
    assert kinds(events) == [
        TurnBegan,
        PauseBegan,
        MayEnd,
        PauseEnded,
        PauseBegan,
        MayEnd,
        TurnEnded,
    ]


def test_a_monologue_is_cut_at_a_pause_before_fifteen_seconds() -> None:
    drive = Drive()
    events: list[object] = []
    for _ in range(10):
        events += drive.feed(2.8, 1.0) + drive.feed(0.2, 0.0)
    cuts = [e for e in events if isinstance(e, TurnEnded)]
    assert len(cuts) >= 2
    assert all(e.reason is EndReason.CUT for e in cuts)
    assert all(len(e.turn.audio) / 16_000 <= 15 for e in cuts)


def test_a_monologue_without_a_pause_is_cut_where_speech_was_weakest() -> None:
    drive = Drive()
    events = drive.feed(13, 0.9) + drive.feed(0.064, 0.55) + drive.feed(3, 0.9)
    (cut,) = [e for e in events if isinstance(e, TurnEnded)]
    assert cut.reason is EndReason.CUT
    assert len(cut.turn.audio) / 16_000 == pytest.approx(13, abs=0.2)
    assert drive.tracker.speaking


def test_nothing_of_a_cut_monologue_is_lost_or_heard_twice() -> None:
    drive = Drive()
    events = drive.feed(40, 0.9) + drive.feed(2, 0.0)
    turns = [e.turn for e in events if isinstance(e, TurnEnded)]
    for before, after in itertools.pairwise(turns):
        end_ns = before.start_ns + len(before.audio) * 62_500
        assert end_ns == after.start_ns


def test_closing_keeps_what_was_said_so_far() -> None:
    drive = Drive()
    drive.feed(1.5, 1.0)
    (ended,) = drive.tracker.close()
    assert isinstance(ended, TurnEnded)
    assert ended.reason is EndReason.CLOSED
    assert ended.turn.voiced_ms >= 1400


def test_closing_outside_a_turn_does_nothing() -> None:
    assert Drive().tracker.close() == []
