"""Bytes by key, kept for next time: on disk, or in a Redis that several machines share."""

from meetbot.cache.opening import open_cache

__all__ = ["open_cache"]
