"""The cache in a folder: what it keeps, what it forgets, and what it is when it is broken."""

from __future__ import annotations

import logging
import pickle
import sqlite3
import stat
from typing import TYPE_CHECKING

from meetbot.cache.disk import DiskCache

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

MB = 1_000_000


class _Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (open, (self._path, "w"))


async def test_what_was_put_is_there_again_when_the_program_starts_anew(tmp_path: Path) -> None:
    first = DiskCache(tmp_path / "cache", MB)
    await first.put("small", b"\x00\x01")
    await first.put("large", bytes(100_000))
    await first.close()
    second = DiskCache(tmp_path / "cache", MB)
    assert await second.get("small") == b"\x00\x01"
    assert await second.get("large") == bytes(100_000)
    assert await second.get("other") is None
    await second.close()


async def test_a_folder_that_it_makes_is_its_owners_alone(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "cache", MB)
    await cache.put("a", b"sound")
    await cache.close()
    assert _mode(tmp_path / "cache") == 0o700


def _mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


async def test_the_least_recently_used_go_when_there_is_no_room(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, MB)
    for number in range(30):
        await cache.put(str(number), bytes([number]) * 100_000)
        assert await cache.get("0") is not None
    kept = [number for number in range(30) if await cache.get(str(number)) is not None]
    await cache.close()
    assert kept[0] == 0
    assert kept[-1] == 29
    assert 5 <= len(kept) <= 12
    assert _size(tmp_path) <= 1.2 * MB


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.val"))


async def test_an_overwritten_value_is_the_newer_one(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, MB)
    await cache.put("a", b"old")
    await cache.put("a", b"new")
    assert await cache.get("a") == b"new"
    await cache.close()


async def test_a_pickle_in_the_folder_is_never_read(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "cache", MB)
    await cache.put("a", b"sound")
    await cache.close()
    trap = tmp_path / "sprung"
    with sqlite3.connect(tmp_path / "cache" / "cache.db") as database:
        database.execute("UPDATE Cache SET mode = 4, value = ?", (pickle.dumps(_Trap(str(trap))),))
    database.close()
    again = DiskCache(tmp_path / "cache", MB)
    assert await again.get("a") is None
    await again.put("a", b"new sound")
    assert await again.get("a") == b"new sound"
    await again.close()
    assert not trap.exists()


async def test_a_damaged_database_is_a_miss_and_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cache.db").write_bytes(b"this is no database" * 1000)
    cache = DiskCache(tmp_path, MB)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            await cache.put("a", b"sound")
            assert await cache.get("a") is None
    await cache.close()
    (record,) = caplog.records
    assert str(tmp_path) in record.getMessage()


async def test_a_folder_that_cannot_be_made_is_a_miss(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = DiskCache(tmp_path / "file" / "cache", MB)
    await cache.put("a", b"sound")
    assert await cache.get("a") is None
    await cache.close()
    assert len(caplog.records) == 1


async def test_a_full_disk_is_a_miss(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = DiskCache(tmp_path, MB)
    await cache.put("a", b"sound")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("meetbot.cache.disk._BytesOnly.store", full)
    await cache.put("b", bytes(100_000))
    await cache.put("b", bytes(100_000))
    assert await cache.get("b") is None
    assert await cache.get("a") == b"sound"
    await cache.close()
    (record,) = caplog.records
    assert "No space left" in record.getMessage()


async def test_two_programs_share_a_folder(tmp_path: Path) -> None:
    one, other = DiskCache(tmp_path, MB), DiskCache(tmp_path, MB)
    await one.put("a", b"sound")
    assert await other.get("a") == b"sound"
    await one.close()
    await other.close()
