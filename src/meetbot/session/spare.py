"""What stands in for an engine that broke: loaded when it is first needed, once for all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["Spare"]

T = TypeVar("T")


class Spare(Generic[T]):
    """``load`` is called at most once with success; what it raises passes through."""

    def __init__(self, load: Callable[[], Awaitable[T]]) -> None:
        self._load = load
        self._loading = asyncio.Lock()
        self._loaded: T | None = None

    @property
    def loaded(self) -> T | None:
        """What was loaded; None: it was not needed so far."""
        return self._loaded

    async def get(self) -> T:
        """The spare, loaded by now."""
        async with self._loading:
            if self._loaded is None:
                self._loaded = await self._load()
            return self._loaded
