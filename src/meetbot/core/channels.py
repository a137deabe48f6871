"""Bounded queues between tasks, each with a named policy for when it is full."""

from __future__ import annotations

import asyncio
from collections import deque
from enum import Enum
from typing import Generic, Self, TypeVar

__all__ = ["Channel", "ChannelClosed", "Overflow"]

T = TypeVar("T")


class Overflow(Enum):
    """What a full channel does with one more item."""

    DROP_OLDEST = "drop oldest and count"
    KEEP_LATEST = "keep the latest only"
    WAIT = "make the sender wait"


class ChannelClosed(Exception):
    """Sent to a channel that is closed."""


class Channel(Generic[T]):
    """One bounded queue. Iterating ends when it is closed and empty.

    ``close(error)`` carries the exception of the side that broke: the reader meets it after the
    last item. ``dropped`` counts what the policy threw away.
    """

    def __init__(self, capacity: int, overflow: Overflow) -> None:
        if capacity < 1:
            raise ValueError(f"a channel needs room for one item at least, not {capacity}")
        self._capacity = 1 if overflow is Overflow.KEEP_LATEST else capacity
        self._overflow = overflow
        self._items: deque[T] = deque()
        self._readable = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._closed = False
        self._error: BaseException | None = None
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._items)

    @property
    def closed(self) -> bool:
        """True once ``close`` was called; what is left can still be read."""
        return self._closed

    def offer(self, item: T) -> None:
        """Put without waiting; for the policies that drop. Raises ``ChannelClosed``."""
        if self._closed:
            raise ChannelClosed
        if len(self._items) >= self._capacity:
            if self._overflow is Overflow.WAIT:
                raise asyncio.QueueFull
            self._items.popleft()
            self.dropped += 1
        self._items.append(item)
        self._readable.set()

    async def send(self, item: T) -> None:
        """Put, waiting for room where the policy says so. Raises ``ChannelClosed``."""
        if self._overflow is Overflow.WAIT:
            while len(self._items) >= self._capacity and not self._closed:
                self._writable.clear()
                await self._writable.wait()
        self.offer(item)

    async def receive(self) -> T:
        """The next item. Raises ``StopAsyncIteration`` at the end, or the closing side's error."""
        while not self._items:
            if self._closed:
                if self._error is not None:
                    raise self._error
                raise StopAsyncIteration
            self._readable.clear()
            await self._readable.wait()
        item = self._items.popleft()
        self._writable.set()
        return item

    def close(self, error: BaseException | None = None) -> None:
        """No more items; the first ``error`` given is the one that counts."""
        if not self._closed:
            self._error = error
        self._closed = True
        self._readable.set()
        self._writable.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        return await self.receive()
