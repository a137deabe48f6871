"""The Ollama engine against a real server, with the smallest model of the catalogue."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import pytest_asyncio

from meetbot.config import LanguageModelSettings
from meetbot.conversation.fallback import FallbackModel
from meetbot.core.clock import MeetingClock
from meetbot.core.errors import EngineError, ModelMissing
from meetbot.core.voice import ChatTurn
from meetbot.engines.registry import load_engine
from meetbot.models import ModelStore
from support.ollama import OllamaServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from meetbot.core.ports import LanguageModel

pytestmark = [pytest.mark.model, pytest.mark.server]

NAME = "smollm2-135m"
TALK = ChatTurn(
    "system",
    "You answer questions about a meeting. "
    + "Diane said that the budget is 40000 euros and that Tom writes the report. " * 20,
)
BUDGET = ChatTurn("user", "How many euros is the budget?")
STORY = ChatTurn("user", "Tell me a long story about a dog.")


@pytest.fixture(scope="module")
def models() -> ModelStore:
    store = ModelStore()
    store.pull([NAME])
    return store


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OllamaServer]:
    with OllamaServer(tmp_path_factory.mktemp("ollama")) as server:
        yield server


@pytest.fixture
def server(shared: OllamaServer) -> Iterator[OllamaServer]:
    """The server, alive again after a test that killed it."""
    yield shared
    shared.kill()
    shared.start()


def _settings(server: OllamaServer, **changes: Any) -> LanguageModelSettings:
    wanted = {"engine": "ollama", "model": NAME, "url": server.url, "temperature": 0.0}
    return LanguageModelSettings(**{**wanted, "context_tokens": 2048, **changes})


async def _load(models: ModelStore, settings: LanguageModelSettings) -> LanguageModel:
    model: LanguageModel = await asyncio.to_thread(
        load_engine, "llm", settings.engine, models, settings
    )
    return model


@pytest_asyncio.fixture
async def model(models: ModelStore, shared: OllamaServer) -> AsyncIterator[LanguageModel]:
    """The catalogue's model; the first time, it is made on the server."""
    model = await _load(models, _settings(shared))
    yield model
    await model.close()


async def _ask(model: LanguageModel, *turns: ChatTurn, max_tokens: int = 24) -> str:
    async with aclosing(model.reply(turns, max_tokens=max_tokens)) as pieces:
        return "".join([piece async for piece in pieces])


def _running(server: OllamaServer) -> list[dict[str, Any]]:
    told = httpx.get(f"{server.url}/api/ps", trust_env=False).json()
    running: list[dict[str, Any]] = told["models"]
    return running


async def test_it_answers_from_what_was_said_in_pieces(model: LanguageModel) -> None:
    async with aclosing(model.reply([TALK, BUDGET], max_tokens=24)) as stream:
        pieces = [piece async for piece in stream]
    assert "40000" in "".join(pieces).replace(",", "")
    assert len(pieces) > 3
    assert "<|im" not in "".join(pieces)
    assert model.model_id == f"ollama:{NAME}"


async def test_what_was_read_ahead_is_not_read_again(
    model: LanguageModel, shared: OllamaServer
) -> None:
    unread, read = (
        ChatTurn("system", f"It is {day}. {TALK.text}") for day in ("Monday", "Tuesday")
    )

    async def seconds(talk: ChatTurn, question: str) -> float:
        turns = (talk, ChatTurn("user", question))
        body = {
            "model": NAME,
            "messages": [{"role": turn.role, "content": turn.text} for turn in turns],
            "stream": False,
            "options": {"num_ctx": 2048, "num_predict": 1, "temperature": 0},
        }
        url = f"{shared.url}/api/chat"
        told = await asyncio.to_thread(httpx.post, url, json=body, trust_env=False, timeout=60)
        return float(told.json()["prompt_eval_duration"]) / 1e9

    await model.prefill([read])
    warm = min([await seconds(read, question) for question in ("Who?", "When?", "How much?")])
    assert warm < await seconds(unread, "Who?") / 4


async def test_an_answer_that_was_begun_is_gone_on_with(model: LanguageModel) -> None:
    begun = ChatTurn("assistant", "The budget is 400")
    assert (await _ask(model, TALK, BUDGET, begun)).startswith("00")


async def test_closing_an_answer_ends_the_servers_work(
    model: LanguageModel, shared: OllamaServer
) -> None:
    async with aclosing(model.reply([STORY], max_tokens=1500)) as pieces:
        await anext(pieces)
    async with asyncio.timeout(10):  # all that the model can write takes longer
        used = 1.0
        while used > 0.02:
            before = shared.cpu_seconds()
            await asyncio.sleep(0.3)
            used = shared.cpu_seconds() - before
    assert "40000" in (await _ask(model, TALK, BUDGET)).replace(",", "")


async def test_the_server_is_told_how_long_to_keep_the_model(
    models: ModelStore, shared: OllamaServer
) -> None:
    model = await _load(models, _settings(shared, keep_alive_minutes=0))
    await _ask(model, BUDGET, max_tokens=2)
    await model.close()
    async with asyncio.timeout(20):
        while await asyncio.to_thread(_running, shared):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


@pytest.mark.usefixtures("model")
async def test_auto_takes_what_the_server_has(models: ModelStore, shared: OllamaServer) -> None:
    model = await _load(models, _settings(shared, model="auto"))
    assert model.model_id == f"ollama:{NAME}:latest"
    assert await _ask(model, BUDGET, max_tokens=2)
    await model.close()


async def test_a_model_that_nobody_has_says_how_to_get_it(
    models: ModelStore, shared: OllamaServer
) -> None:
    with pytest.raises(EngineError, match=r"has no model 'nosuch'; .*ollama pull nosuch"):
        await _load(models, _settings(shared, model="nosuch"))


async def test_a_model_of_the_catalogue_that_was_not_pulled_says_how_to_get_it(
    shared: OllamaServer, tmp_path: Path
) -> None:
    with pytest.raises(ModelMissing, match=r"meetbot models pull qwen2\.5-coder-0\.5b"):
        await _load(ModelStore(tmp_path), _settings(shared, model="qwen2.5-coder-0.5b"))


async def test_a_model_for_something_else_is_refused(
    models: ModelStore, shared: OllamaServer
) -> None:
    with pytest.raises(EngineError, match="'whisper-base' is no language model"):
        await _load(models, _settings(shared, model="whisper-base"))


async def test_a_server_that_is_down_says_how_to_start_it(
    models: ModelStore, tmp_path: Path
) -> None:
    nobody = OllamaServer(tmp_path)
    with pytest.raises(EngineError, match=r"no Ollama server answers at .*: ollama serve"):
        await _load(models, _settings(nobody))


async def test_a_server_that_is_killed_in_mid_answer_is_an_error(
    models: ModelStore, server: OllamaServer
) -> None:
    model = await _load(models, _settings(server))
    async with aclosing(model.reply([STORY], max_tokens=1500)) as pieces:
        await anext(pieces)
        await asyncio.to_thread(server.kill)
        with pytest.raises(EngineError, match=f"Ollama at {server.url} broke off"):
            async for _ in pieces:
                pass
    with pytest.raises(EngineError, match="start it with: ollama serve"):
        await _ask(model, BUDGET)
    await asyncio.to_thread(server.start)
    assert "40000" in (await _ask(model, TALK, BUDGET)).replace(",", "")
    await model.close()


async def test_when_it_is_killed_in_mid_answer_the_embedded_model_goes_on(
    models: ModelStore, server: OllamaServer
) -> None:
    told: list[str] = []

    async def report(text: str) -> None:
        told.append(text)

    async def spare() -> LanguageModel:
        return await _load(models, LanguageModelSettings(model=NAME, temperature=0.0))

    first = await _load(models, _settings(server))
    model = FallbackModel(first, spare, report, MeetingClock())
    pieces: list[str] = []
    async with aclosing(model.reply([TALK, STORY], max_tokens=40)) as stream:
        async for piece in stream:
            pieces.append(piece)
            if len(pieces) == 3:
                await asyncio.to_thread(server.kill)
    assert len(pieces) > 10
    assert "40000" in (await _ask(model, TALK, BUDGET)).replace(",", "")
    assert len(told) == 1
    assert told[0].startswith(f"Ollama at {server.url} broke off")
    assert told[0].endswith(f"Until it is back, embedded:{NAME} answers.")
    assert model.model_id == f"embedded:{NAME}"
    await model.close()


async def test_nothing_of_a_prompt_is_logged(
    model: LanguageModel, shared: OllamaServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await _ask(model, ChatTurn("user", "Say xyzzy."))
    assert "xyzzy" not in caplog.text
    assert "xyzzy" not in shared.log
