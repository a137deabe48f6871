"""The cache in a real Redis server: kept, shared, and done without when the server dies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from meetbot.cache import open_cache
from meetbot.cache.shared import RedisCache
from meetbot.config import CacheSettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.server

SLOWEST_S = 0.15
"""A call takes 50 ms where the server is dead, and this machine may be busy."""


class Server:
    """A Redis on a socket of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.url = f"unix://{folder}/redis.sock"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *("redis-server", "--port", "0", "--unixsocket", f"{self._folder}/redis.sock"),
            *("--save", "", "--appendonly", "no", "--dir", str(self._folder)),
            *("--maxmemory", "3mb", "--maxmemory-policy", "allkeys-lru"),
            stdout=asyncio.subprocess.DEVNULL,
        )
        for _ in range(200):
            cache = RedisCache(self.url)
            await cache.put("is it up", b"yes")
            up = await cache.get("is it up")
            await cache.close()
            if up:
                return
            await asyncio.sleep(0.05)
        pytest.fail("redis-server did not start")

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGCONT)
                self._process.kill()
            await self._process.wait()


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    server = Server(tmp_path)
    await server.start()
    yield server
    await server.stop()


async def test_what_one_program_keeps_another_finds(server: Server) -> None:
    one = open_cache(CacheSettings(url=server.url))
    other = open_cache(CacheSettings(url=server.url))
    await one.put("a", b"\x00sound\xff")
    assert await other.get("a") == b"\x00sound\xff"
    assert await other.get("b") is None
    await one.close()
    await other.close()


async def test_a_server_that_is_killed_is_a_miss_and_a_new_one_is_found(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    cache = RedisCache(server.url)
    await cache.put("a", b"sound")
    assert await cache.get("a") == b"sound"
    await server.stop()
    with caplog.at_level(logging.WARNING):
        for _ in range(20):
            began = time.perf_counter()
            assert await cache.get("a") is None
            await cache.put("a", b"sound")
            assert time.perf_counter() - began < SLOWEST_S
        assert len(caplog.records) == 1
        await server.start()
        caplog.clear()
        assert await _until_kept(cache, "a", b"new sound")
    assert [record.getMessage() for record in caplog.records] == ["The Redis cache works again"]
    await cache.close()


async def test_a_server_that_hangs_costs_no_more_than_a_moment(server: Server) -> None:
    cache = RedisCache(server.url)
    await cache.put("a", b"sound")
    server.signal(signal.SIGSTOP)
    began = time.perf_counter()
    assert await cache.get("a") is None
    first = time.perf_counter() - began
    began = time.perf_counter()
    for _ in range(100):
        assert await cache.get("a") is None
    assert first < SLOWEST_S
    assert time.perf_counter() - began < SLOWEST_S
    server.signal(signal.SIGCONT)
    assert await _until_kept(cache, "a", b"sound again")
    assert await cache.get("a") == b"sound again"
    await cache.close()


async def test_the_server_forgets_by_its_own_policy(server: Server) -> None:
    cache = RedisCache(server.url)
    for number in range(100):
        await cache.put(str(number), bytes(100_000))
    kept = [number for number in range(100) if await cache.get(str(number)) is not None]
    assert 99 in kept
    assert 0 not in kept
    await cache.close()


async def test_nobody_at_the_address_is_a_miss() -> None:
    cache = RedisCache("redis://127.0.0.1:1/0")
    began = time.perf_counter()
    await cache.put("a", b"sound")
    assert await cache.get("a") is None
    assert time.perf_counter() - began < SLOWEST_S
    await cache.close()


async def _until_kept(cache: RedisCache, key: str, value: bytes) -> bool:
    for _ in range(100):
        await cache.put(key, value)
        if await cache.get(key) == value:
            return True
        await asyncio.sleep(0.1)
    return False
