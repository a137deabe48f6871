"""The embedded language model with real weights: the smallest, since it is quick."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import textwrap
from contextlib import aclosing
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest
import pytest_asyncio

from meetbot.config import LanguageModelSettings
from meetbot.core.errors import EngineError, ModelCorrupt, ModelMissing, PromptTooLong
from meetbot.core.voice import ChatTurn
from meetbot.engines.llm.embedded import EmbeddedModel
from meetbot.engines.registry import load_engine
from meetbot.models import ModelStore
from support.pinned import cut_model

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.model

NAME = "smollm2-135m"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
SETTINGS = LanguageModelSettings(model=NAME, context_tokens=2048, temperature=0.0)
TALK = ChatTurn(
    "system",
    "You answer questions about a meeting. "
    + "Diane said that the budget is 40000 euros and that Tom writes the report. " * 30,
)
BUDGET = ChatTurn("user", "How many euros is the budget?")
STORY = ChatTurn("user", "Tell me a long story about a dog.")


@pytest.fixture(scope="module")
def models() -> ModelStore:
    store = ModelStore()
    store.pull([NAME])
    return store


@pytest_asyncio.fixture
async def model(models: ModelStore) -> AsyncIterator[EmbeddedModel]:
    model: EmbeddedModel = await asyncio.to_thread(load_engine, "llm", "embedded", models, SETTINGS)
    yield model
    await model.close()


async def _ask(model: EmbeddedModel, *turns: ChatTurn, max_tokens: int = 24) -> str:
    async with aclosing(model.reply(turns, max_tokens=max_tokens)) as pieces:
        return "".join([piece async for piece in pieces])


def _processes() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children()
        if "meetbot.engines.llm.serving" in child.cmdline()
    ]


async def _idle_within(process: psutil.Process, seconds: float) -> bool:
    """Whether ``process`` stops using the processor; a working model uses all that it gets."""
    for _ in range(round(seconds / 0.3)):
        before = sum(process.cpu_times()[:2])
        await asyncio.sleep(0.3)
        if sum(process.cpu_times()[:2]) - before < 0.02:
            return True
    return False


async def test_it_answers_from_what_was_said_in_pieces(model: EmbeddedModel) -> None:
    async with aclosing(model.reply([TALK, BUDGET], max_tokens=24)) as stream:
        pieces = [piece async for piece in stream]
    assert "40000" in "".join(pieces)
    assert len(pieces) > 3
    assert model.model_id == f"embedded:{NAME}"


async def test_an_answer_ends_after_so_many_tokens(model: EmbeddedModel) -> None:
    await _ask(model, STORY, max_tokens=5)
    assert model.timings is not None
    assert model.timings.answer_tokens == 5


async def test_after_a_prefill_only_what_is_new_is_read(model: EmbeddedModel) -> None:
    await model.prefill([TALK])
    assert model.timings is not None
    read = model.timings.prompt_tokens
    assert read > 500
    for question in (BUDGET, ChatTurn("user", "Who writes the report?")):
        await _ask(model, TALK, question)
        assert model.timings.cached_tokens >= read - 6
        assert model.timings.prompt_tokens <= 20


async def test_an_answer_that_was_begun_is_gone_on_with(model: EmbeddedModel) -> None:
    begun = ChatTurn("assistant", "The budget is 400")
    assert (await _ask(model, TALK, BUDGET, begun)).startswith("00 euros")


async def test_closing_an_answer_ends_the_work_at_once(model: EmbeddedModel) -> None:
    (process,) = _processes()
    async with aclosing(model.reply([STORY], max_tokens=1500)) as pieces:
        await anext(pieces)
    assert await _idle_within(process, 3)
    assert "40000" in await _ask(model, TALK, BUDGET)


async def test_a_prompt_that_is_given_up_while_it_is_read_ends_the_work_and_keeps_what_was_read(
    model: EmbeddedModel,
) -> None:
    (process,) = _processes()
    reading = asyncio.create_task(model.prefill([TALK]))
    await asyncio.sleep(0.5)
    reading.cancel()
    await asyncio.wait([reading])
    assert await _idle_within(process, 6)
    await _ask(model, TALK, BUDGET)
    assert model.timings is not None
    assert model.timings.cached_tokens >= 64


async def test_a_second_call_waits_for_the_first(model: EmbeddedModel) -> None:
    events: list[str] = []

    async def ask(name: str) -> None:
        async with aclosing(model.reply([STORY], max_tokens=6)) as pieces:
            async for _ in pieces:
                events.append(name)  # noqa: PERF401  # as they come

    await asyncio.gather(ask("first"), ask("second"))
    assert events == sorted(events)
    assert set(events) == {"first", "second"}


async def test_a_prompt_that_does_not_fit_tells_by_how_much(model: EmbeddedModel) -> None:
    long = ChatTurn("user", TALK.text * 5)
    with pytest.raises(PromptTooLong, match=r"conversation\.llm\.context_tokens") as caught:
        await _ask(model, long)
    assert caught.value.room == 2048
    assert caught.value.tokens > 2500
    assert "40000" in await _ask(model, TALK, BUDGET)


async def test_a_process_that_is_killed_is_an_error_and_is_started_again(
    model: EmbeddedModel,
) -> None:
    (process,) = _processes()
    async with aclosing(model.reply([STORY], max_tokens=1500)) as pieces:
        await anext(pieces)
        process.kill()
        with pytest.raises(EngineError, match=f"the language model {NAME} broke"):
            async for _ in pieces:
                pass
    assert "40000" in await _ask(model, TALK, BUDGET)


async def test_nothing_of_a_prompt_is_printed_or_logged(
    model: EmbeddedModel, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        await model.prefill([ChatTurn("system", "The password is xyzzy.")])
        said = await _ask(model, ChatTurn("user", "Say xyzzy. " * 400))
        with pytest.raises(PromptTooLong):
            await _ask(model, ChatTurn("user", "Say xyzzy. " * 2000))
    out, err = capfd.readouterr()
    assert said
    assert out + err == ""
    assert "xyzzy" not in caplog.text


async def test_others_on_this_machine_get_no_answer_without_the_key(model: EmbeddedModel) -> None:
    url = f"{model._process.address}/v1/completions"
    answer = await asyncio.to_thread(httpx.post, url, json={}, trust_env=False)
    assert answer.status_code == httpx.codes.UNAUTHORIZED


async def test_closing_the_model_ends_its_process(models: ModelStore) -> None:
    model = await asyncio.to_thread(EmbeddedModel.load, models, SETTINGS)
    (process,) = _processes()
    await model.close()
    assert not process.is_running()


def test_the_process_ends_when_we_are_killed(models: ModelStore) -> None:
    script = textwrap.dedent(
        """
        import sys
        from meetbot.config import LanguageModelSettings
        from meetbot.engines.llm.embedded import EmbeddedModel
        from meetbot.models import ModelStore
        model = EmbeddedModel.load(ModelStore(), LanguageModelSettings(model=sys.argv[1]))
        print(model._process._process.pid, flush=True)
        sys.stdin.read()
        """
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", script, NAME], stdin=pipe, stdout=pipe) as owner:
        assert owner.stdout is not None
        serving = psutil.Process(int(owner.stdout.readline()))
        os.kill(owner.pid, signal.SIGKILL)
    gone, alive = psutil.wait_procs([serving], timeout=10)
    assert gone
    assert not alive


@pytest.mark.parametrize("keep", [100_000, 50_000_000])
def test_a_file_that_is_no_whole_model_is_an_engine_error(
    models: ModelStore, tmp_path: Path, keep: int
) -> None:
    store = cut_model(models, tmp_path, NAME, FILE, keep)
    with pytest.raises(EngineError, match=f"cannot start: .*meetbot models verify {NAME}"):
        EmbeddedModel.load(store, SETTINGS)


def test_a_file_that_lost_its_end_is_not_loaded(models: ModelStore, tmp_path: Path) -> None:
    store = cut_model(models, tmp_path, NAME, FILE, 100_000)
    path = store.path(NAME) / FILE
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelCorrupt, match=f"meetbot models pull {NAME}"):
        EmbeddedModel.load(store, SETTINGS)


def test_a_model_that_is_not_here_is_named_with_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=f"meetbot models pull {NAME}"):
        EmbeddedModel.load(ModelStore(tmp_path), SETTINGS)
