"""A cache in memory."""

from __future__ import annotations

__all__ = ["MemoryCache"]


class MemoryCache:
    """Keeps everything."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    async def put(self, key: str, value: bytes) -> None:
        self.kept[key] = value

    async def close(self) -> None:
        pass
