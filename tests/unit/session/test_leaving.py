from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Self

import pytest

from meetbot.config import LeaveSettings
from meetbot.core.clock import MeetingClock
from meetbot.core.types import ChatReceived, Participant, Recognition, TurnTaken
from meetbot.session.leaving import Leaver
from unit.hearing.fakes import CountingRecognizer, played, silence, speech

from .fakes import ANNA, BORIS, Scene
from .test_answering import answering

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.session.leaving import Told
    from meetbot.store import Store

pytestmark = pytest.mark.virtual_time

OTHER_BOT = Participant("9", "Scribe", is_bot=True)
MINUTE = 60


class SayingRecognizer(CountingRecognizer):
    """Everything that is said is ``text``."""

    def __init__(self, text: str, language: str = "en") -> None:
        super().__init__(0.1)
        self._text, self._language = text, language

    async def recognize(
        self, audio: NDArray[np.float32], *, language: str | None = None, words: bool = False
    ) -> Recognition:
        await asyncio.sleep(0.1)
        return Recognition(self._text, self._language)


@contextlib.asynccontextmanager
async def staying(scene: Scene) -> AsyncIterator[asyncio.Task[None]]:
    """The session, which nobody asks to leave but what happens in it."""
    task = asyncio.create_task(scene.session.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})


class Waiting:
    """A ``Leaver`` that runs; ``gone`` is why it went."""

    def __init__(self, **settings: float) -> None:
        clock = MeetingClock()
        self.gone: list[str] = []
        self.leaver = Leaver(LeaveSettings(**settings), clock, ["Meetbot"], self._depart)
        self._running: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self.leaver.run())
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._running.cancel()
        await asyncio.wait({self._running})

    async def _depart(self, told: Told | None, reason: str) -> None:
        assert told is None
        self.gone.append(reason)


async def test_the_bot_goes_when_it_has_been_alone_for_as_long_as_is_set() -> None:
    async with Waiting(alone_minutes=5, silence_minutes=0) as waiting:
        waiting.leaver.participants([ANNA, OTHER_BOT])
        await asyncio.sleep(20 * MINUTE)
        waiting.leaver.participants([OTHER_BOT])
        await asyncio.sleep(4.9 * MINUTE)
        assert waiting.gone == []
        await asyncio.sleep(0.2 * MINUTE)
        (reason,) = waiting.gone
    assert "for 5 minutes" in reason


async def test_nobody_need_ever_have_come_for_the_bot_to_be_alone() -> None:
    async with Waiting(alone_minutes=5) as waiting:
        await asyncio.sleep(5.1 * MINUTE)
        assert waiting.gone


async def test_someone_who_comes_back_in_time_keeps_the_bot() -> None:
    async with Waiting(alone_minutes=5, silence_minutes=0) as waiting:
        await asyncio.sleep(4 * MINUTE)
        waiting.leaver.participants([ANNA])
        await asyncio.sleep(30 * MINUTE)
        assert waiting.gone == []


async def test_the_bot_goes_when_nobody_has_said_or_written_anything() -> None:
    async with Waiting(alone_minutes=0, silence_minutes=10) as waiting:
        waiting.leaver.participants([ANNA])
        await asyncio.sleep(9 * MINUTE)
        waiting.leaver.chat(ChatReceived(ANNA, "A moment.", 0))
        await asyncio.sleep(9 * MINUTE)
        waiting.leaver.noticed(TurnTaken("1", ANNA, "Here I am.", "en", 0, 1))
        await asyncio.sleep(9 * MINUTE)
        waiting.leaver.chat(ChatReceived(OTHER_BOT, "Nothing was said.", 0))
        await asyncio.sleep(0.9 * MINUTE)
        assert waiting.gone == []
        await asyncio.sleep(0.2 * MINUTE)
        (reason,) = waiting.gone
    assert "for 10 minutes" in reason


async def test_where_both_are_off_the_bot_waits_for_ever() -> None:
    async with Waiting(alone_minutes=0, silence_minutes=0) as waiting:
        await asyncio.sleep(180 * MINUTE)
        assert waiting.gone == []


async def test_a_bot_that_is_left_alone_says_why_it_goes(store: Store, tmp_path: Path) -> None:
    scene = Scene(store, tmp_path, leave=LeaveSettings(alone_minutes=0.05))
    async with staying(scene) as task:
        scene.room.join(ANNA)
        await asyncio.sleep(6)
        assert not task.done()
        scene.room.depart(ANNA)
        await asyncio.sleep(6)
        assert task.done()
    assert scene.room.notices == [
        "Nobody else has been here for 0.05 minutes: the bot leaves.",
        "The bot is leaving.",
    ]
    assert scene.room.left


@pytest.mark.parametrize(
    ("said", "language", "answer"),
    [
        ("Meetbot, please leave.", "en", "All right, I am leaving. Goodbye!"),
        ("Митбот, выйди, пожалуйста.", "ru", "Хорошо, я ухожу. До свидания!"),
    ],
)
async def test_told_aloud_the_bot_says_goodbye_in_that_language_and_goes(
    store: Store, tmp_path: Path, said: str, language: str, answer: str
) -> None:
    scene = Scene(store, tmp_path, answers=answering(), recognizer=SayingRecognizer(said, language))
    async with staying(scene) as task:
        scene.room.join(ANNA)
        scene.room.join(BORIS)
        scene.room.speak(ANNA, played(silence(0.5), speech(1), silence(20)))
        await asyncio.sleep(12)
        assert task.done()
    assert [caption.text for caption in scene.room.answers] == [answer]
    assert [one.text for one in await scene.stored()] == [said, answer]
    assert scene.room.seconds_of_sound > 0.5
    assert scene.room.written == []
    assert scene.room.left


async def test_told_in_writing_the_bot_also_writes_goodbye(store: Store, tmp_path: Path) -> None:
    scene = Scene(store, tmp_path, answers=answering())
    async with staying(scene) as task:
        scene.room.join(ANNA)
        scene.room.join(BORIS)
        await asyncio.sleep(1)
        scene.room.write(BORIS, "Meetbot, leave the meeting")
        await asyncio.sleep(10)
        assert task.done()
    assert scene.room.written == ["All right, I am leaving. Goodbye!"]
    assert [caption.text for caption in scene.room.answers] == scene.room.written


async def test_an_answer_that_is_being_said_gives_way_to_goodbye(
    store: Store, tmp_path: Path
) -> None:
    scene = Scene(store, tmp_path, answers=answering("one two three four five six. " * 10))
    async with staying(scene) as task:
        scene.room.join(ANNA)
        scene.room.write(ANNA, "Count, please.")
        await asyncio.sleep(3)
        scene.room.write(ANNA, "Please leave the meeting.")
        await asyncio.sleep(10)
        assert task.done()
    counted, goodbye = scene.room.answers
    assert counted.text.startswith("one two three")
    assert len(counted.text.split()) < 20
    assert goodbye.text.endswith("Goodbye!")


async def test_a_bot_that_only_listens_writes_goodbye(store: Store, tmp_path: Path) -> None:
    scene = Scene(store, tmp_path, recognizer=SayingRecognizer("You can go now, Meetbot."))
    async with staying(scene) as task:
        scene.room.join(ANNA)
        scene.room.speak(ANNA, played(silence(0.5), speech(1), silence(5)))
        await asyncio.sleep(8)
        assert task.done()
    assert scene.room.written == ["All right, I am leaving. Goodbye!"]
    assert [one.text for one in await scene.stored()] == ["You can go now, Meetbot."]


async def test_called_by_name_first_the_bot_is_then_sent_away_without_it(
    store: Store, tmp_path: Path
) -> None:
    scene = Scene(store, tmp_path, answers=answering())
    async with staying(scene) as task:
        scene.room.join(ANNA)
        scene.room.join(BORIS)
        scene.room.write(BORIS, "You can go now.")
        await asyncio.sleep(3)
        assert not task.done()
        scene.room.write(ANNA, "Meetbot?")
        await asyncio.sleep(0.1)
        scene.room.write(ANNA, "You can go now.")
        await asyncio.sleep(10)
        assert task.done()


@pytest.mark.parametrize("allowed", [True, False])
async def test_nobody_else_and_no_setting_to_the_contrary_sends_the_bot_away(
    store: Store, tmp_path: Path, *, allowed: bool
) -> None:
    scene = Scene(store, tmp_path, answers=answering(), leave=LeaveSettings(when_told=allowed))
    async with staying(scene) as task:
        scene.room.join(ANNA)
        scene.room.join(OTHER_BOT)
        teller = OTHER_BOT if allowed else ANNA
        scene.room.write(teller, "Meetbot, please leave.")
        await asyncio.sleep(15)
        assert not task.done()
