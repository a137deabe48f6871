"""A store in a folder of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from meetbot.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """SQLite, on the disk."""
    async with await Store.open(tmp_path) as store:
        yield store
