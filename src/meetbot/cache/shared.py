"""A cache in a Redis server, which limits its size and forgets by its own policy."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from meetbot.cache.trouble import TroubleLog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["RedisCache"]

PREFIX = "meetbot/"
PATIENCE_S = 0.05
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0


class RedisCache:
    """Bytes under ``meetbot/KEY`` at ``url``.

    No call takes longer than about 50 ms. A server that does not answer is a miss, logged once,
    and is asked again after a pause that doubles up to 30 s.
    """

    def __init__(self, url: str) -> None:
        self._client = redis.asyncio.from_url(
            url,
            socket_connect_timeout=PATIENCE_S,
            socket_timeout=PATIENCE_S,
            retry=Retry(NoBackoff(), 0),
            driver_info=None,  # else each connection reads the library's version from disk
        )
        self._trouble = TroubleLog("The Redis cache")
        self._pause_s = FIRST_PAUSE_S
        self._not_before_s = 0.0

    async def get(self, key: str) -> bytes | None:
        """What was put under ``key``, or None."""
        value = await self._ask(lambda: self._client.get(PREFIX + key))
        return value if isinstance(value, bytes) else None

    async def put(self, key: str, value: bytes) -> None:
        """Keep ``value`` if the server takes it."""
        await self._ask(lambda: self._client.set(PREFIX + key, value))

    async def close(self) -> None:
        """Close the connections."""
        with contextlib.suppress(RedisError, OSError):
            await self._client.aclose()

    async def _ask(self, question: Callable[[], Awaitable[object]]) -> object:
        """The answer; None when there is none in time, or was none a short while ago."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._not_before_s:
            return None
        try:
            answer = await question()
        except (RedisError, OSError, TimeoutError) as error:
            self._trouble.failed(error)
            self._not_before_s = loop.time() + self._pause_s
            self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
            return None
        self._trouble.worked()
        self._pause_s = FIRST_PAUSE_S
        return answer
