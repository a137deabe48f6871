from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from meetbot.core.clock import MeetingClock
from meetbot.core.errors import EngineError
from meetbot.session.activity import (
    LONGEST_HASTE_SECONDS,
    LONGEST_THOUGHT_SECONDS,
    Activities,
)
from unit.conversation.fakes import WritingModel
from unit.hearing.fakes import played, silence, speech

from .fakes import ANNA, BORIS, Scene
from .test_answering import answering

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from meetbot.core.types import ActivityChanged
    from meetbot.store import Store

pytestmark = pytest.mark.virtual_time

LISTENS = ["listening"]
ANSWERED = ["listening", "thinking", "speaking", "listening"]


async def test_the_room_is_told_of_thinking_speaking_and_listening(
    store: Store, tmp_path: Path
) -> None:
    scene = Scene(store, tmp_path, answers=answering())
    async with scene.running():
        scene.room.join(ANNA)
        await asyncio.sleep(1)
        assert scene.room.activities == LISTENS
        scene.room.speak(ANNA, played(silence(0.5), speech(2), silence(6)))
        await asyncio.sleep(8)
        assert scene.room.activities == ANSWERED


async def test_a_bot_that_is_interrupted_listens_again(store: Store, tmp_path: Path) -> None:
    scene = Scene(store, tmp_path, answers=answering("one two three four five six. " * 10))
    async with scene.running():
        scene.room.join(ANNA)
        scene.room.join(BORIS)
        scene.room.write(ANNA, "Meetbot, count.")
        await asyncio.sleep(2)
        assert scene.room.activities[-1] == "speaking"
        scene.room.speak(BORIS, played(speech(3), silence(2)))
        await asyncio.sleep(7)
        assert scene.room.activities == ANSWERED


async def test_a_bot_whose_model_and_voice_fail_listens_again(store: Store, tmp_path: Path) -> None:
    answers = answering("")
    model = WritingModel("")
    model.error = EngineError("the server is gone")
    answers._model = model
    scene = Scene(store, tmp_path, answers=answers)
    async with scene.running():
        scene.room.join(ANNA)
        scene.room.write(ANNA, "Who is there?")
        await asyncio.sleep(5)
        assert scene.room.activities == ANSWERED


async def test_what_is_answered_is_written_only_to_those_who_wrote(
    store: Store, tmp_path: Path
) -> None:
    scene = Scene(store, tmp_path, answers=answering("That is fine. It really is."))
    async with scene.running():
        scene.room.join(ANNA)
        scene.room.speak(ANNA, played(silence(0.5), speech(2), silence(6)))
        await asyncio.sleep(8)
        assert scene.room.answers
        assert scene.room.written == []
        scene.room.write(ANNA, "Is this fine?")
        await asyncio.sleep(5)
    assert scene.room.written == ["That is fine. It really is."]


class Told:
    """Running ``Activities``, and what they told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.activities = Activities(self._tell, MeetingClock())

    async def _tell(self, changed: ActivityChanged) -> None:
        await asyncio.sleep(0.05)
        self.told.append(str(changed.activity))


@pytest.fixture
async def told() -> AsyncIterator[Told]:
    told = Told()
    running = asyncio.create_task(told.activities.run())
    await asyncio.sleep(0.1)
    yield told
    running.cancel()
    await asyncio.wait({running})


async def test_an_answer_that_never_sounds_is_not_thought_about_for_ever(told: Told) -> None:
    told.activities.asked("1")
    await asyncio.sleep(LONGEST_THOUGHT_SECONDS - 1)
    assert told.told == ["listening", "thinking"]
    await asyncio.sleep(2)
    assert told.told == ["listening", "thinking", "listening"]


async def test_nothing_makes_way_any_longer_for_an_answer_that_never_sounded(told: Told) -> None:
    told.activities.begun("1")
    told.activities.asked("1")
    await asyncio.sleep(LONGEST_THOUGHT_SECONDS + 1)
    began = asyncio.get_running_loop().time()
    await told.activities.at_ease()
    assert asyncio.get_running_loop().time() == began


async def test_many_changes_at_once_are_told_as_one(told: Told) -> None:
    for number in range(1000):
        told.activities.asked(str(number))
        told.activities.sounds(str(number))
        told.activities.over(str(number))
    await asyncio.sleep(1)
    assert told.told == ["listening"]
    told.activities.asked("a")
    told.activities.sounds("a")
    told.activities.asked("b")
    await asyncio.sleep(1)
    told.activities.over("a")
    await asyncio.sleep(1)
    told.activities.unasked("b")
    await asyncio.sleep(1)
    assert told.told == ["listening", "speaking", "thinking", "listening"]


async def test_it_is_at_ease_again_when_the_last_answer_sounds_or_is_dropped(told: Told) -> None:
    told.activities.begun("1")
    told.activities.begun("2")
    waiting = asyncio.create_task(told.activities.at_ease())
    await asyncio.sleep(0.5)
    told.activities.sounds("1")
    await asyncio.sleep(0.5)
    assert not waiting.done()
    told.activities.unasked("2")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert waiting.done()


async def test_nothing_makes_way_for_an_answer_that_takes_for_ever(told: Told) -> None:
    told.activities.begun("1")
    began = asyncio.get_running_loop().time()
    await told.activities.at_ease()
    assert asyncio.get_running_loop().time() - began == pytest.approx(LONGEST_HASTE_SECONDS)
