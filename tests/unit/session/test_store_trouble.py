"""The disk is full: SQLite's own error, made by its limit on pages."""

from __future__ import annotations

import asyncio
import json
import stat
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from meetbot.core.errors import StoreError
from meetbot.core.types import Participant, Utterance
from unit.hearing.fakes import played, silence, speech

from .fakes import ANNA, BORIS, Scene

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session as Transaction

    from meetbot.store import Store

pytestmark = pytest.mark.virtual_time

PLENTY = 1_000_000
FILLER = Participant("0", "Filler")


async def limit_pages(store: Store, pages: int) -> None:
    def limit(transaction: Transaction) -> None:
        transaction.connection().exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    await store.database.read(limit)


async def fill(store: Store) -> None:
    """Leave not a page, and in the tables' last pages not the room for another utterance."""
    meeting = await store.begin_meeting("filler")
    await limit_pages(store, 1)  # SQLite takes the present size for a limit below it
    for size in (2_000, 100, 1):
        while True:
            utterance = Utterance(uuid4().hex, FILLER, None, "x" * size, "en", 0, 1)
            try:
                await store.commit_utterance(meeting, utterance)
            except StoreError:
                break


def rescued(folder: Path) -> tuple[Path, int, list[str]]:
    """The one file of rescued words: where, its mode, and who is named for each segment."""
    (file,) = folder.glob("meetbot-unstored-*.json")
    segments = json.loads(file.read_text())["segments"]
    return file, stat.S_IMODE(file.stat().st_mode), [segment["speaker"] for segment in segments]


async def test_a_full_disk_holds_finals_back_and_loses_none(store: Store, tmp_path: Path) -> None:
    scene = Scene(store, tmp_path)
    room = scene.room
    async with scene.running():
        room.join(ANNA)
        room.join(BORIS)
        await asyncio.sleep(0.1)
        await fill(store)
        for who in (ANNA, BORIS):
            room.speak(who, played(*[speech(1), silence(1)] * 20))
        await asyncio.sleep(60)
        assert room.finals == []
        assert sum("are held back" in text for text in room.notices) == 1
        assert "the disk is full" in "".join(room.notices)
        await limit_pages(store, PLENTY)
        await asyncio.sleep(5)
        assert len(room.finals) == 40
        room.speak(ANNA, played(speech(1), silence(1)))
        await asyncio.sleep(5)
    assert len(room.finals) == 41
    assert all(room.kept)
    assert "can be written again" in room.notices[1]
    for who in (ANNA, BORIS):
        starts = [final.start_ns for final in room.finals if final.participant == who]
        assert starts[:20] == sorted(starts[:20])


async def test_a_disk_that_fills_again_is_told_of_again(store: Store, tmp_path: Path) -> None:
    scene = Scene(store, tmp_path)
    async with scene.running():
        scene.room.join(ANNA)
        await asyncio.sleep(0.1)
        for _ in range(2):
            await fill(store)
            scene.room.speak(ANNA, played(speech(1), silence(1)))
            await asyncio.sleep(5)
            await limit_pages(store, PLENTY)
            await asyncio.sleep(5)
    assert sum("are held back" in text for text in scene.room.notices) == 2
    assert all(scene.room.kept)


async def test_what_the_disk_never_took_is_in_a_file_and_the_session_says_which(
    store: Store, tmp_path: Path
) -> None:
    scene = Scene(store, tmp_path)
    running = asyncio.create_task(scene.session.run())
    scene.room.join(ANNA)
    await asyncio.sleep(0.1)
    await fill(store)
    scene.room.speak(ANNA, played(*[speech(1), silence(1)] * 10))
    await asyncio.sleep(30)
    scene.session.leave()
    with pytest.raises(StoreError, match=r"10 utterances of meeting .* the disk is full") as told:
        await running
    assert scene.room.left
    assert scene.room.finals == []
    file, mode, speakers = rescued(tmp_path)
    assert str(file) in str(told.value)
    assert mode == 0o600
    assert speakers == ["Anna"] * 10


async def test_what_no_folder_takes_is_said_to_be_lost(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    monkeypatch.setattr("tempfile.tempdir", str(gone))
    scene = Scene(store, tmp_path)
    scene.session._settings = scene.session._settings.model_copy(
        update={"store": scene.session._settings.store.model_copy(update={"folder": gone})}
    )
    running = asyncio.create_task(scene.session.run())
    scene.room.join(ANNA)
    await asyncio.sleep(0.1)
    await fill(store)
    scene.room.speak(ANNA, played(speech(1), silence(1)))
    await asyncio.sleep(5)
    scene.session.leave()
    with pytest.raises(StoreError, match="they are lost"):
        await running


async def test_a_disk_freed_before_the_end_keeps_everything(store: Store, tmp_path: Path) -> None:
    scene = Scene(store, tmp_path)
    async with scene.running():
        scene.room.join(ANNA)
        await asyncio.sleep(0.1)
        await fill(store)
        scene.room.speak(ANNA, played(*[speech(1), silence(1)] * 3))
        await asyncio.sleep(10)
        await limit_pages(store, PLENTY)
    assert len(scene.room.finals) == 3
    assert all(scene.room.kept)


async def test_a_cancelled_session_still_rescues_what_was_held_back(
    store: Store, tmp_path: Path
) -> None:
    scene = Scene(store, tmp_path)
    running = asyncio.create_task(scene.session.run())
    scene.room.join(ANNA)
    await asyncio.sleep(0.1)
    await fill(store)
    scene.room.speak(ANNA, played(*[speech(1), silence(1)] * 3))
    await asyncio.sleep(10)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert rescued(tmp_path)[2] == ["Anna"] * 3
