"""When a picture of a turn is there: begun in its pause, shown when the turn is sure."""

from __future__ import annotations

import asyncio

import pytest

from .fakes import ANNA, ANNAS, Meeting

pytestmark = pytest.mark.virtual_time

TRIP = "We drove from Chicago to Texas in an old truck."


async def test_a_picture_is_there_when_the_turn_ends() -> None:
    async with Meeting() as meeting:
        turn = meeting.guess(ANNA, TRIP)
        await asyncio.sleep(0.25)
        assert meeting.noting.subjects == [TRIP]
        assert not meeting.sink.pictures
        meeting.take(ANNA, turn, TRIP)
        await asyncio.sleep(0.03)
        (picture,) = meeting.sink.pictures
        assert picture.request.subject == TRIP
        assert picture.trigger == "timer"
        assert picture.participant is ANNA
        assert picture.speakers == (ANNAS,)
        assert picture.safe


async def test_what_is_dropped_is_never_shown() -> None:
    async with Meeting() as meeting:
        turn = meeting.guess(ANNA, TRIP)
        await asyncio.sleep(0.05)
        meeting.drop(ANNA, turn)
        await asyncio.sleep(5)
        assert meeting.noting.cancelled == 1
        assert not meeting.sink.pictures
        assert meeting.metrics.counter("painting.guesses_void") == 1
