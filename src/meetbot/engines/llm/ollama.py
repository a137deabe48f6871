"""A language model of an Ollama server (MIT), on this machine or another, by the ollama package.

A model that the server does not have is made there from the catalogue's file where the catalogue
has one of that name.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing, contextmanager
from typing import TYPE_CHECKING, Self, cast

import httpx
import ollama

from meetbot.core.errors import EngineError
from meetbot.engines.llm.choice import SMALLEST_WANTED, model_file

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Sequence

    from meetbot.config import LanguageModelSettings
    from meetbot.core.voice import ChatTurn
    from meetbot.models import ModelStore

__all__ = ["OllamaModel"]

logger = logging.getLogger(__name__)

TIMEOUT = httpx.Timeout(120.0, connect=5.0)
"""The first answer waits until the server has loaded the model."""
CHATML = """{{- range $i, $_ := .Messages }}
{{- $last := eq (len (slice $.Messages $i)) 1 -}}
<|im_start|>{{ .Role }}
{{ .Content }}
{{- if or (ne .Role "assistant") (not $last) }}<|im_end|>
{{ end }}
{{- if and $last (ne .Role "assistant") }}<|im_start|>assistant
{{ end }}
{{- end }}"""
"""The prompt format of the catalogue's models; a last message of the assistant is left open."""


class OllamaModel:
    """One model of one server."""

    def __init__(self, name: str, settings: LanguageModelSettings) -> None:
        self._name = name
        self._url = settings.url
        self._keep_alive = settings.keep_alive_minutes * 60
        self._options = {
            "num_ctx": settings.context_tokens,
            "temperature": settings.temperature,
        }
        self._client = ollama.AsyncClient(settings.url, timeout=TIMEOUT)
        self._turn = asyncio.Lock()

    @classmethod
    def load(cls, models: ModelStore, settings: LanguageModelSettings) -> Self:
        """Use the server at ``settings.url``; ``settings.model`` is one of its models.

        ``auto`` is the one that it got last. Blocks, some seconds where the model must be made.
        Raises ``EngineError`` where the server does not answer or does not have the model,
        ``ModelError`` where the catalogue's file for it is not on this machine.
        """
        with _explained(settings.url, settings.model), _connected(settings.url) as client:
            name = _choose(client, models, settings.model)
        return cls(name, settings)

    @property
    def model_id(self) -> str:
        """Names the engine and the model."""
        return f"ollama:{self._name}"

    async def prefill(self, turns: Sequence[ChatTurn]) -> None:
        """Let the server read ``turns`` ahead; it keeps them until another prompt comes."""
        async with aclosing(self._pieces(turns, 1)) as pieces:
            async for _ in pieces:
                pass

    async def reply(self, turns: Sequence[ChatTurn], *, max_tokens: int) -> AsyncGenerator[str]:
        """The answer in pieces; where the last turn is the assistant's, how that goes on.

        Where ``turns`` do not fit into ``context_tokens``, the server leaves out the oldest, but
        not the system's. Raises ``EngineError`` where the server is gone or refuses. ``aclose``
        hangs up, which ends the server's work.
        """
        async with aclosing(self._pieces(turns, max_tokens)) as pieces:
            async for piece in pieces:
                yield piece

    async def close(self) -> None:
        """Hang up. The server frees the memory after ``keep_alive_minutes``."""
        await self._client.close()  # type: ignore[no-untyped-call]

    async def _pieces(self, turns: Sequence[ChatTurn], max_tokens: int) -> AsyncGenerator[str]:
        done: bool | None = False
        async with self._turn:
            with _explained(self._url, self._name):
                stream = await self._client.chat(
                    self._name,
                    [{"role": turn.role, "content": turn.text} for turn in turns],
                    stream=True,
                    options={**self._options, "num_predict": max_tokens},
                    keep_alive=self._keep_alive,
                )
                async with aclosing(cast("AsyncGenerator[ollama.ChatResponse]", stream)) as parts:
                    async for part in parts:
                        if part.message.content:
                            yield part.message.content
                        done = part.done
        if not done:
            raise EngineError(f"Ollama at {self._url} broke off in the middle of an answer")


@contextmanager
def _connected(url: str) -> Iterator[ollama.Client]:
    client = ollama.Client(url, timeout=TIMEOUT)
    try:
        yield client
    finally:
        client.close()  # type: ignore[no-untyped-call]


@contextmanager
def _explained(url: str, name: str) -> Iterator[None]:
    """Turn what the package and its HTTP client raise into an ``EngineError``."""
    try:
        yield
    except (ConnectionError, httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise EngineError(
            f"no Ollama server answers at {url}; start it with: ollama serve, "
            "or set conversation.llm.url"
        ) from error
    except httpx.HTTPError as error:
        raise EngineError(f"Ollama at {url} broke off: {error!r}") from error
    except ollama.ResponseError as error:
        if error.status_code == httpx.codes.NOT_FOUND:
            raise EngineError(
                f"Ollama at {url} has no model {name!r}; get it with: ollama pull {name}"
            ) from error
        raise EngineError(f"Ollama at {url} refused: {error.error}") from error


def _choose(client: ollama.Client, models: ModelStore, wanted: str) -> str:
    """The name to use, of a model that is on the server when this returns."""
    if wanted == "auto":
        newest = next((model.model for model in client.list().models), None)
        if newest:
            return newest
        wanted = SMALLEST_WANTED
    try:
        client.show(wanted)
    except ollama.ResponseError as error:
        known = models.catalogue.get(wanted)
        if error.status_code != httpx.codes.NOT_FOUND or known is None:
            raise
        if known.task != "language model":
            raise EngineError(f"{wanted!r} is no language model but for {known.task}") from error
        _create(client, models, wanted)
    return wanted


def _create(client: ollama.Client, models: ModelStore, name: str) -> None:
    logger.info("making the model %s on the Ollama server from the catalogue's file", name)
    path = model_file(models, name)
    digest = client.create_blob(path)
    client.create(
        name, files={path.name: digest}, template=CHATML, parameters={"stop": ["<|im_end|>"]}
    )
