"""Migrations make what the typed tables say, from nothing and from what is there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from meetbot.core.errors import StoreError
from meetbot.store import FILE_NAME, Store
from meetbot.store.schema import Base

if TYPE_CHECKING:
    from pathlib import Path


async def test_migrations_lead_to_the_typed_tables(tmp_path: Path) -> None:
    async with await Store.open(tmp_path):
        pass
    engine = create_engine(f"sqlite:///{tmp_path / FILE_NAME}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        assert set(Base.metadata.tables) < set(inspect(connection).get_table_names())
    engine.dispose()


async def test_opening_again_keeps_what_is_there(tmp_path: Path) -> None:
    async with await Store.open(tmp_path) as store:
        meeting = await store.begin_meeting("room")
    async with await Store.open(tmp_path) as store:
        assert [m.id for m in await store.meetings()] == [meeting]


async def test_several_may_make_the_same_new_store_at_once(tmp_path: Path) -> None:
    stores = await asyncio.gather(*(Store.open(tmp_path) for _ in range(6)))
    meetings = [await store.begin_meeting("room") for store in stores]
    found = await stores[0].meetings()
    for store in stores:
        await store.close()
    assert {m.id for m in found} == set(meetings)


async def test_a_store_of_a_newer_version_is_refused_and_says_why(tmp_path: Path) -> None:
    async with await Store.open(tmp_path):
        pass
    engine = create_engine(f"sqlite:///{tmp_path / FILE_NAME}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match="newer version"):
        await Store.open(tmp_path)
