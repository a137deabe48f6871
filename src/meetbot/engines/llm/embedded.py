"""The embedded language model: a GGUF file of the catalogue, run by llama.cpp (MIT).

llama.cpp runs in a process of its own (``serving``) and keeps what it has read of the last
prompt: a prompt that begins alike costs only its new tokens.
"""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import httpx

from meetbot.core.errors import EngineError, PromptTooLong
from meetbot.core.worker import ModelThread
from meetbot.engines.llm.choice import choose_model, model_file
from meetbot.engines.llm.process import ServingProcess

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from meetbot.config import LanguageModelSettings
    from meetbot.core.voice import ChatTurn
    from meetbot.models import ModelStore

__all__ = ["EmbeddedModel", "Timings"]

logger = logging.getLogger(__name__)

TIMEOUT = httpx.Timeout(10.0, read=None)
"""A long prompt may be read for minutes before anything is heard of it."""


@dataclass(frozen=True, slots=True)
class Timings:
    """What the last prompt and its answer cost: tokens, and seconds."""

    cached_tokens: int
    prompt_tokens: int
    prompt_seconds: float
    answer_tokens: int
    answer_seconds: float


class EmbeddedModel:
    """One model in one process; where that has broken, the next call starts it again."""

    def __init__(self, name: str, process: ServingProcess, temperature: float) -> None:
        self._name = name
        self._temperature = temperature
        self._process = process
        self._client = httpx.AsyncClient(
            verify=False,  # noqa: S501  # there is no TLS on loopback
            trust_env=False,
            timeout=TIMEOUT,
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self._turn = asyncio.Lock()
        self._thread = ModelThread("llm-start")
        self.timings: Timings | None = None

    @classmethod
    def load(cls, models: ModelStore, settings: LanguageModelSettings) -> Self:
        """Start the catalogue's model that ``settings.model`` names. Blocks for some seconds.

        ``auto`` is the largest on this machine that is quick enough, measured the first time.

        Raises ``ModelError`` where its files are not the catalogue's, ``EngineError`` where
        llama.cpp cannot open them.
        """
        name = settings.model
        if name == "auto":
            name = choose_model(models, settings)
            logger.info("the language model of this machine is %s", name)
        process = ServingProcess(model_file(models, name), settings)
        model = cls(name, process, settings.temperature)
        model._start()
        return model

    def _start(self) -> None:
        try:
            self._process.start()
        except EngineError as error:
            raise EngineError(
                f"the language model {self._name} cannot start: {error}; "
                f"run: meetbot models verify {self._name}"
            ) from error

    @property
    def model_id(self) -> str:
        """Names the engine and the model."""
        return f"embedded:{self._name}"

    async def prefill(self, turns: Sequence[ChatTurn]) -> None:
        """Read ``turns`` ahead. Cancelled, it keeps what was read until then."""
        async with aclosing(self._pieces(turns, 0)) as pieces:
            async for _ in pieces:
                pass

    async def reply(self, turns: Sequence[ChatTurn], *, max_tokens: int) -> AsyncGenerator[str]:
        """The answer in pieces; where the last turn is the assistant's, how that goes on.

        Raises ``PromptTooLong`` where ``turns`` do not fit into ``context_tokens``,
        ``EngineError`` when llama.cpp broke. ``aclose`` ends its work within 64 tokens.
        """
        async with aclosing(self._pieces(turns, max_tokens)) as pieces:
            async for piece in pieces:
                yield piece

    async def close(self) -> None:
        """End the process, which gives its memory back."""
        await self._thread.run(self._process.stop)
        self._thread.close()
        await self._client.aclose()

    async def _pieces(self, turns: Sequence[ChatTurn], max_tokens: int) -> AsyncGenerator[str]:
        async with self._turn:
            if not self._process.running:
                logger.warning("the language model's process had ended; it is started again")
                await self._thread.run(self._start)
            try:
                async with aclosing(self._stream(turns, max_tokens)) as pieces:
                    async for piece in pieces:
                        yield piece
            except httpx.HTTPError as error:
                await self._thread.run(self._process.stop)
                raise EngineError(f"the language model {self._name} broke: {error!r}") from error

    async def _stream(self, turns: Sequence[ChatTurn], max_tokens: int) -> AsyncGenerator[str]:
        request = self._client.stream(
            "POST",
            f"{self._process.address}/v1/chat/completions",
            headers=self._process.headers,
            json={
                "messages": [{"role": turn.role, "content": turn.text} for turn in turns],
                "max_tokens": max_tokens,
                "temperature": self._temperature,
                "stream": True,
                "cache_prompt": True,
                "return_progress": True,
            },
        )
        async with request as response:
            if response.status_code != httpx.codes.OK:
                raise self._refusal(json.loads(await response.aread()))
            async for line in response.aiter_lines():
                if line.startswith("data: {"):
                    piece = self._take(json.loads(line[6:]))
                    if piece and max_tokens:
                        yield piece

    def _take(self, event: dict[str, Any]) -> str:
        """The text that an event brings. The last one brings what it all cost."""
        if "error" in event:
            raise self._refusal(event)
        if cost := event.get("timings"):
            self.timings = Timings(
                cached_tokens=cost["cache_n"],
                prompt_tokens=cost["prompt_n"],
                prompt_seconds=cost["prompt_ms"] / 1000,
                answer_tokens=cost["predicted_n"],
                answer_seconds=cost["predicted_ms"] / 1000,
            )
        return "".join(choice["delta"].get("content") or "" for choice in event["choices"])

    def _refusal(self, told: dict[str, Any]) -> EngineError:
        error = told["error"]
        if error.get("type") == "exceed_context_size_error":
            return PromptTooLong(self._name, error["n_prompt_tokens"], error["n_ctx"])
        return EngineError(f"the language model {self._name} refused: {error.get('message')}")
