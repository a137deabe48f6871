"""A broken language model is stood in for: also in mid-answer, told once, tried again later."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from meetbot.conversation.fallback import FallbackModel
from meetbot.core.clock import MeetingClock
from meetbot.core.errors import EngineError, ModelMissing, PromptTooLong
from meetbot.core.voice import ChatTurn

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

pytestmark = pytest.mark.virtual_time

QUESTION = ChatTurn("user", "What is the budget?")


class Model:
    """Says ``words``; where ``error`` is set, it breaks before the word number ``breaks_at``."""

    def __init__(self, name: str, words: Sequence[str]) -> None:
        self.model_id = name
        self.words = words
        self.error: EngineError | None = None
        self.breaks_at = 0
        self.asked: list[tuple[list[ChatTurn], int]] = []
        self.read: list[list[ChatTurn]] = []
        self.open = 0
        self.closed = False

    async def prefill(self, turns: Sequence[ChatTurn]) -> None:
        self.read.append(list(turns))
        if self.error:
            raise self.error

    async def reply(self, turns: Sequence[ChatTurn], *, max_tokens: int) -> AsyncGenerator[str]:
        self.asked.append((list(turns), max_tokens))
        self.open += 1
        try:
            for number, word in enumerate(self.words):
                if self.error and number == self.breaks_at:
                    raise self.error
                yield word
                await asyncio.sleep(0.01)
        finally:
            self.open -= 1

    async def close(self) -> None:
        self.closed = True


class Scene:
    """A first model, a spare, what is between them, and what was told."""

    def __init__(self) -> None:
        self.first = Model("big", ["The", " budget", " is", " 40"])
        self.spare = Model("small", [" is", " forty", "."])
        self.loaded = 0
        self.told: list[str] = []
        self.model = FallbackModel(self.first, self._load, self._report, MeetingClock())

    async def _load(self) -> Model:
        self.loaded += 1
        await asyncio.sleep(1)
        return self.spare

    async def _report(self, text: str) -> None:
        self.told.append(text)

    async def ask(self, max_tokens: int = 50) -> str:
        async with aclosing(self.model.reply([QUESTION], max_tokens=max_tokens)) as pieces:
            return "".join([piece async for piece in pieces])


async def test_while_the_first_answers_the_spare_is_not_loaded() -> None:
    scene = Scene()
    await scene.model.prefill([QUESTION])
    assert await scene.ask() == "The budget is 40"
    assert (scene.loaded, scene.told, scene.model.model_id) == (0, [], "big")
    assert scene.first.read == [[QUESTION]]


async def test_where_the_first_breaks_off_the_spare_goes_on_from_what_was_said() -> None:
    scene = Scene()
    scene.first.error, scene.first.breaks_at = EngineError("the server is gone"), 2
    assert await scene.ask(max_tokens=50) == "The budget is forty."
    assert scene.spare.asked == [([QUESTION, ChatTurn("assistant", "The budget")], 48)]
    assert scene.told == ["the server is gone. Until it is back, small answers."]
    assert scene.model.model_id == "small"
    assert scene.first.open == 0


async def test_a_first_that_never_begins_leaves_the_whole_answer_to_the_spare() -> None:
    scene = Scene()
    scene.first.error = EngineError("the server is gone")
    assert await scene.ask(max_tokens=9) == " is forty."
    assert scene.spare.asked == [([QUESTION], 9)]


async def test_it_says_so_once_and_waits_longer_each_time_before_it_tries_again() -> None:
    scene = Scene()
    scene.first.error = EngineError("the server is gone")
    tries: list[float] = []
    loop = asyncio.get_running_loop()
    for _ in range(400):
        before, now = len(scene.first.asked), loop.time()
        await scene.ask()
        if len(scene.first.asked) > before:
            tries.append(now)
        await asyncio.sleep(1)
    waits = [after - before for before, after in pairwise(tries)]
    assert all(wait >= least for wait, least in zip(waits, (5, 10, 20, 40, 80, 160), strict=False))
    assert len(waits) == 6
    assert len(scene.told) == 1
    assert scene.loaded == 1


async def test_a_first_that_is_back_answers_again_and_its_next_fault_is_told_again() -> None:
    scene = Scene()
    fault = EngineError("the server is gone")
    scene.first.error = fault
    await scene.ask()
    scene.first.error = None
    await asyncio.sleep(5)
    assert await scene.ask() == "The budget is 40"
    assert scene.model.model_id == "big"
    scene.first.error = fault
    assert await scene.ask() == " is forty."
    assert len(scene.told) == 2
    assert scene.loaded == 1


async def test_reading_ahead_goes_to_the_spare_as_soon_as_the_first_is_broken() -> None:
    scene = Scene()
    scene.first.error = EngineError("the server is gone")
    await scene.model.prefill([QUESTION])
    await scene.model.prefill([QUESTION])
    assert len(scene.first.read) == 1
    assert scene.spare.read == [[QUESTION], [QUESTION]]
    assert len(scene.told) == 1


async def test_a_prompt_that_is_too_long_is_the_askers_to_shorten() -> None:
    scene = Scene()
    scene.first.error = PromptTooLong("big", 5000, 4096)
    with pytest.raises(PromptTooLong, match="5000 tokens"):
        await scene.ask()
    with pytest.raises(PromptTooLong):
        await scene.model.prefill([QUESTION])
    assert (scene.loaded, scene.told, scene.model.model_id) == (0, [], "big")


async def test_two_calls_at_once_load_one_spare() -> None:
    scene = Scene()
    scene.first.error = EngineError("the server is gone")
    await asyncio.gather(scene.ask(), scene.model.prefill([QUESTION]), scene.ask())
    assert scene.loaded == 1


async def test_an_answer_that_is_not_wanted_any_more_ends_the_models_work() -> None:
    scene = Scene()
    async with aclosing(scene.model.reply([QUESTION], max_tokens=9)) as pieces:
        assert await anext(pieces) == "The"
        assert scene.first.open == 1
    assert scene.first.open == 0
    assert scene.told == []


async def test_without_any_spare_both_reasons_are_told() -> None:
    async def missing() -> Model:
        raise ModelMissing("the model small is not on this machine")

    scene = Scene()
    scene.first.error = EngineError("the server is gone")
    model = FallbackModel(scene.first, missing, scene._report, MeetingClock())
    with pytest.raises(EngineError, match="big is broken, and the model small is not on this"):
        await model.prefill([QUESTION])


async def test_closing_closes_both() -> None:
    scene = Scene()
    scene.first.error = EngineError("the server is gone")
    await scene.ask()
    await scene.model.close()
    assert scene.first.closed
    assert scene.spare.closed
