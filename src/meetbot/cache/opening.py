"""The cache that the settings ask for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from meetbot.config import CacheSettings
    from meetbot.core.ports import Cache

__all__ = ["open_cache"]

BYTES_PER_MB = 1_000_000


def open_cache(settings: CacheSettings) -> Cache:
    """A Redis server's by its URL, else a folder's. Nothing is connected or opened yet."""
    if settings.url is not None:
        from meetbot.cache.shared import RedisCache

        return RedisCache(settings.url)
    from meetbot.cache.disk import DiskCache

    default = Path(platformdirs.user_cache_dir("meetbot", appauthor=False)) / "answers"
    return DiskCache(settings.folder or default, settings.limit_mb * BYTES_PER_MB)
