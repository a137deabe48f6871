"""A language model that another one stands in for while it is broken."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING

from meetbot.core.errors import EngineError, ModelError, PromptTooLong
from meetbot.core.voice import ChatTurn

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from meetbot.core.clock import Clock
    from meetbot.core.ports import LanguageModel

__all__ = ["FallbackModel"]

logger = logging.getLogger(__name__)

NS_PER_S = 1_000_000_000
FIRST_REST_S = 5
LONGEST_REST_S = 300


class FallbackModel:
    """``first`` answers; where it breaks, also in mid-answer, the spare goes on.

    ``spare_factory`` is called when the spare is needed for the first time; it is kept from then
    on. ``report`` is told once for each time that ``first`` breaks after it had worked. ``first``
    is tried again after 5 s, then after twice as long each time, at most 5 minutes.
    """

    def __init__(
        self,
        first: LanguageModel,
        spare_factory: Callable[[], Awaitable[LanguageModel]],
        report: Callable[[str], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self._first = first
        self._spare_factory = spare_factory
        self._spare: LanguageModel | None = None
        self._report = report
        self._clock = clock
        self._loading = asyncio.Lock()
        self._rest_s = 0
        self._again_ns = 0

    @property
    def model_id(self) -> str:
        """Names the model whose turn it is."""
        return self._spare.model_id if self._resting and self._spare else self._first.model_id

    async def prefill(self, turns: Sequence[ChatTurn]) -> None:
        """Let the model whose turn it is read ``turns`` ahead."""
        if not self._resting:
            try:
                await self._first.prefill(turns)
            except PromptTooLong:
                raise
            except EngineError as error:
                await self._broke(error)
            else:
                return
        spare = await self._stand_in()
        await spare.prefill(turns)

    async def reply(self, turns: Sequence[ChatTurn], *, max_tokens: int) -> AsyncGenerator[str]:
        """The answer in pieces; from where ``first`` breaks, they are the spare's.

        The spare is given what was said so far as the beginning of its answer. Raises
        ``PromptTooLong`` of whichever model, ``EngineError`` where the spare broke as well.
        """
        said, left = "", max_tokens
        if not self._resting:
            try:
                async with aclosing(self._first.reply(turns, max_tokens=max_tokens)) as pieces:
                    async for piece in pieces:
                        said, left = said + piece, left - 1
                        yield piece
            except PromptTooLong:
                raise
            except EngineError as error:
                await self._broke(error)
            else:
                self._rest_s = 0
                return
        begun = [ChatTurn("assistant", said)] if said else []
        spare = await self._stand_in()
        rest = spare.reply([*turns, *begun], max_tokens=max(1, left))
        async with aclosing(rest) as pieces:
            async for piece in pieces:
                yield piece

    async def close(self) -> None:
        """Close both."""
        try:
            await self._first.close()
        finally:
            if self._spare is not None:
                await self._spare.close()

    @property
    def _resting(self) -> bool:
        return bool(self._rest_s) and self._clock.now_ns() < self._again_ns

    async def _broke(self, error: EngineError) -> None:
        fresh = not self._rest_s
        self._rest_s = min(self._rest_s * 2 or FIRST_REST_S, LONGEST_REST_S)
        self._again_ns = self._clock.now_ns() + self._rest_s * NS_PER_S
        logger.warning("%s; it is tried again in %d s", error, self._rest_s)
        if fresh:
            spare = await self._stand_in()
            await self._report(f"{error}. Until it is back, {spare.model_id} answers.")

    async def _stand_in(self) -> LanguageModel:
        async with self._loading:
            if self._spare is None:
                try:
                    self._spare = await self._spare_factory()
                except ModelError as error:
                    raise EngineError(f"{self._first.model_id} is broken, and {error}") from error
            return self._spare
