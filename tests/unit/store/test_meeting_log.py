"""The meeting log on real SQLite files."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING

import pytest

from meetbot.core.errors import ConfigError, InputError, StoreError
from meetbot.core.types import Participant, Speaker, Utterance, Word
from meetbot.store import FILE_NAME, Store

if TYPE_CHECKING:
    from pathlib import Path

ANN = Participant("p1", "Анна")
BOB = Speaker("0b", "Bob", "#5eb1ff")


def said(name: str, start: int = 0, text: str = "Добрый день, hello") -> Utterance:
    words = (Word("hello", start, start + 5, 0.5),)
    return Utterance(name, ANN, BOB, text, "ru", start, start + 10, words)


async def test_what_is_committed_is_read_back_equal_and_in_order_of_time(tmp_path: Path) -> None:
    async with await Store.open(tmp_path) as store:
        meeting = await store.begin_meeting("Встреча")
        for utterance in (said("b", 20), said("a", 10)):
            await store.commit_utterance(meeting, utterance)
        assert await store.utterances(meeting) == (said("a", 10), said("b", 20))


async def test_a_meeting_is_listed_with_its_times_people_and_number_of_utterances(
    tmp_path: Path,
) -> None:
    async with await Store.open(tmp_path) as store:
        meeting = await store.begin_meeting("room")
        await store.commit_utterance(meeting, said("a"))
        running = await store.meeting(meeting)
        await store.end_meeting(meeting)
        ended = await store.meeting(meeting[:17])
    assert running.ended_at is None
    assert ended.ended_at is not None
    assert ended.ended_at >= ended.began_at
    assert (ended.room, ended.utterances, ended.speakers) == ("room", 1, ("Bob",))


async def test_committing_an_utterance_again_replaces_it(tmp_path: Path) -> None:
    async with await Store.open(tmp_path) as store:
        meeting = await store.begin_meeting("room")
        await store.commit_utterance(meeting, said("a", text="first"))
        await store.commit_utterance(meeting, said("a", text="second"))
        assert [u.text for u in await store.utterances(meeting)] == ["second"]


async def test_events_are_kept_in_order(tmp_path: Path) -> None:
    async with await Store.open(tmp_path) as store:
        meeting = await store.begin_meeting("room")
        await store.log_event(meeting, "joined", "Анна")
        await store.log_event(meeting, "left", "Анна")
        assert [e.kind for e in await store.events(meeting)] == ["joined", "left"]


async def test_a_removed_meeting_is_gone_from_the_file_to_the_last_byte(tmp_path: Path) -> None:
    async with await Store.open(tmp_path) as store:
        meeting = await store.begin_meeting("room")
        await store.commit_utterance(meeting, said("a", text="very secret words"))
        assert b"very secret words" in _bytes(tmp_path)
        await store.remove_meeting(meeting)
        assert b"very secret words" not in _bytes(tmp_path)
        assert await store.meetings() == ()


async def test_an_unknown_meeting_is_an_input_error_that_says_where_to_look(
    tmp_path: Path,
) -> None:
    async with await Store.open(tmp_path) as store:
        with pytest.raises(InputError, match="meetings list"):
            await store.commit_utterance("nowhere", said("a"))
        with pytest.raises(InputError, match="nowhere"):
            await store.meeting("nowhere")


async def test_two_stores_on_one_folder_write_at_once_and_lose_nothing(tmp_path: Path) -> None:
    async with await Store.open(tmp_path) as one, await Store.open(tmp_path) as two:
        meetings = [await one.begin_meeting("one"), await two.begin_meeting("two")]
        await asyncio.gather(
            *(
                store.commit_utterance(meeting, said(f"{meeting}-{number}", number))
                for store, meeting in zip((one, two), meetings, strict=True)
                for number in range(40)
            )
        )
        assert [len(await one.utterances(meeting)) for meeting in meetings] == [40, 40]


async def test_a_full_disk_is_one_clear_error_and_keeps_what_was_there(tmp_path: Path) -> None:
    async with await Store.open(tmp_path) as store:
        meeting = await store.begin_meeting("room")
        await store.commit_utterance(meeting, said("a"))
        await store.database.read(
            lambda session: session.connection().exec_driver_sql("PRAGMA max_page_count = 1")
        )
        with pytest.raises(StoreError, match="the disk is full"):
            await _fill(store, meeting)
        kept = await store.utterances(meeting)
    assert kept[0] == said("a")
    assert all(len(u.text) in {len(said("a").text), 50_000} for u in kept)


async def test_a_file_that_is_no_database_is_named_in_the_error(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"this is no database at all" * 100)
    with pytest.raises(StoreError, match="not an SQLite database"):
        await Store.open(tmp_path)


async def test_a_folder_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"store\.folder"):
        await Store.open(tmp_path / "file" / "folder")


async def test_a_url_that_makes_no_sense_is_a_config_error() -> None:
    with pytest.raises(ConfigError, match="URL"):
        await Store.open("nonsense://here")


async def test_the_file_is_for_its_owner_only_and_logs_ahead(tmp_path: Path) -> None:
    async with await Store.open(tmp_path):
        assert (tmp_path / FILE_NAME).stat().st_mode & 0o077 == 0
        with sqlite3.connect(tmp_path / FILE_NAME) as connection:
            mode = connection.execute("PRAGMA journal_mode").fetchone()
        connection.close()
    assert mode == ("wal",)


async def _fill(store: Store, meeting: str) -> None:
    for number in range(50):
        await store.commit_utterance(meeting, said(f"{number}", text="x" * 50_000))


def _bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
