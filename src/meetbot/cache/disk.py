"""A cache in a folder of this machine, shared by all Meetbots that use it (``diskcache``)."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import diskcache

from meetbot.cache.trouble import TroubleLog
from meetbot.core.worker import ModelThread

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DiskCache"]

BUSY_SECONDS = 0.1
CULLED_AT_ONCE = 3
INLINE_BYTES = 32_768
BYTES_MODES = (diskcache.core.MODE_RAW, diskcache.core.MODE_BINARY)


class _BytesOnly(diskcache.Disk):  # type: ignore[misc]
    """Never a pickle: neither written nor, whatever a file of the folder holds, read."""

    def get(self, key: Any, raw: bool) -> Any:
        if not raw:
            raise ValueError("a key in the cache is no text")
        return super().get(key, raw)

    def store(self, value: Any, read: bool, key: Any = diskcache.UNKNOWN) -> Any:
        if type(value) is not bytes:
            raise TypeError(f"the cache keeps bytes, not {type(value).__name__}")
        return super().store(value, read, key=key)

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> Any:
        if mode not in BYTES_MODES:
            raise ValueError("an entry of the cache is no bytes")
        return super().fetch(mode, filename, value, read)


class DiskCache:
    """Keeps at most about ``limit_bytes`` in ``folder``; the least recently used go first.

    A folder that it makes is its owner's alone. All work is done on a thread. A folder that
    cannot be used, a damaged database and a full disk are misses, logged once.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._thread = ModelThread("cache")
        self._trouble = TroubleLog(f"The cache in {folder}")
        self._opened: diskcache.Cache | None = None

    async def get(self, key: str) -> bytes | None:
        """What was put under ``key``, or None."""
        return await self._thread.run(self._get, key)

    async def put(self, key: str, value: bytes) -> None:
        """Keep ``value`` if there is a way to."""
        await self._thread.run(self._put, key, value)

    async def close(self) -> None:
        """Close the database and end the thread."""
        await self._thread.run(self._close)
        self._thread.close()

    def _get(self, key: str) -> bytes | None:
        try:
            value = self._cache().get(key)
        except (sqlite3.Error, OSError, ValueError, diskcache.Timeout) as error:
            self._fail(error)
            return None
        return value if isinstance(value, bytes) else None

    def _put(self, key: str, value: bytes) -> None:
        try:
            self._cache().set(key, value)
        except (sqlite3.Error, OSError, diskcache.Timeout) as error:
            self._fail(error)

    def _cache(self) -> diskcache.Cache:
        if self._opened is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._opened = diskcache.Cache(
                str(self._folder),
                timeout=BUSY_SECONDS,
                disk=_BytesOnly,
                disk_min_file_size=INLINE_BYTES,
                size_limit=self._limit,
                eviction_policy="least-recently-used",
                cull_limit=CULLED_AT_ONCE,
            )
        return self._opened

    def _fail(self, error: Exception) -> None:
        self._trouble.failed(error)
        self._close()

    def _close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()
