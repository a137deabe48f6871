"""Pictures are kept, found again, and gone when they must be, on real files."""

from __future__ import annotations

import asyncio
import hashlib
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image

from meetbot.config import ReferenceSettings
from meetbot.core.errors import InputError, StoreError
from meetbot.core.types import Participant, Speaker
from meetbot.gallery import Gallery
from meetbot.people import PeopleDirectory
from meetbot.store import Store
from meetbot.store.files import YOUNG_SECONDS
from support.painting import picture

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from sqlalchemy.orm import Session


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def gallery(store: Store) -> Gallery:
    return Gallery(store, ReferenceSettings())


async def person(store: Store, name: str) -> Speaker:
    prints = np.eye(2, 8, dtype=np.float32)
    return await PeopleDirectory(store).create(name, "m", prints, seconds=2.0)


def files(folder: Path) -> list[Path]:
    return sorted((folder / "pictures").iterdir())


async def test_a_picture_is_read_back_as_it_was_kept(store: Store, gallery: Gallery) -> None:
    anna, boris = await person(store, "Анна"), await person(store, "Boris")
    meeting = await store.begin_meeting("room")
    given = picture("p1", anna, boris, text="кошка на крыше", participant=Participant("d", "Desk"))
    kept = await gallery.keep(meeting, given)
    assert await gallery.pictures(meeting) == (kept,)
    assert await gallery.picture("p1") == kept
    assert (kept.speakers, kept.participant) == ((anna, boris), "Desk")
    assert (kept.subject, kept.prompt, kept.seed) == ("кошка на крыше", "кошка на крыше, flat", 7)
    assert (kept.at_ns, kept.said_end_ns) == (given.at_ns, given.said_end_ns)
    assert kept.sha256 == hashlib.sha256(kept.path.read_bytes()).hexdigest()
    with Image.open(kept.path) as shown:
        assert np.array_equal(np.asarray(shown), given.painting.pixels)


async def test_the_file_says_what_it_is(store: Store, gallery: Gallery) -> None:
    anna = await person(store, "Анна")
    kept = await gallery.keep(None, picture("p1", anna, text="кошка", negative="dogs"))
    with Image.open(kept.path) as shown:
        words = shown.text  # type: ignore[attr-defined]
    assert words == {
        "Title": "кошка",
        "Software": "Meetbot",
        "prompt": "кошка, flat",
        "negative": "dogs",
        "seed": "7",
        "engine": "storyboard",
        "style": "flat",
        "palette": "#112233 #ddeeff",
        "speaker": "Анна",
        "time": kept.at.isoformat(),
    }
    assert abs(datetime.now(UTC) - kept.at) < timedelta(minutes=1)


async def test_files_are_for_their_owner_only(
    store: Store, gallery: Gallery, tmp_path: Path
) -> None:
    kept = await gallery.keep(None, picture())
    assert kept.path.stat().st_mode & 0o077 == 0
    assert (tmp_path / "pictures").stat().st_mode & 0o077 == 0


async def test_pictures_of_a_person_come_the_latest_first(store: Store, gallery: Gallery) -> None:
    anna, boris = await person(store, "Anna"), await person(store, "Boris")
    for number in range(4):
        await gallery.keep(None, picture(f"p{number}", anna if number % 2 else boris))
    assert [kept.id for kept in await gallery.of_person(anna.person_id)] == ["p3", "p1"]
    assert [kept.id for kept in await gallery.of_person(anna.person_id, 1)] == ["p3"]


async def test_a_new_name_and_a_merge_reach_old_pictures(store: Store, gallery: Gallery) -> None:
    guest, anna = await person(store, "Guest"), await person(store, "Anna")
    await gallery.keep(None, picture("p1", guest, anna))
    await PeopleDirectory(store).merge("Guest", "Anna")
    await PeopleDirectory(store).rename("Anna", "Анна")
    kept = await gallery.picture("p1")
    assert [speaker.name for speaker in kept.speakers] == ["Анна"]
    assert await gallery.of_person(anna.person_id) == (kept,)


async def test_a_removed_meeting_takes_its_pictures_along(
    store: Store, gallery: Gallery, tmp_path: Path
) -> None:
    gone, stays = await store.begin_meeting("one"), await store.begin_meeting("two")
    await gallery.keep(gone, picture("p1", text="very secret"))
    kept = await gallery.keep(stays, picture("p2"))
    await store.remove_meeting(gone)
    assert files(tmp_path) == [kept.path]
    with pytest.raises(InputError, match="p1"):
        await gallery.picture("p1")
    assert b"very secret" not in _bytes(tmp_path)


async def test_a_picture_for_no_meeting_leaves_no_file(
    store: Store, gallery: Gallery, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="meetings list"):
        await gallery.keep("nowhere", picture())
    assert files(tmp_path) == []


async def test_forgetting_leaves_no_byte_of_a_name_in_pictures(
    store: Store, gallery: Gallery, tmp_path: Path
) -> None:
    zina, boris = await person(store, "Zinaida Unforgettable"), await person(store, "Boris")
    meeting = await store.begin_meeting("room")
    desk = Participant("device-zina", "zinaida unforgettable")
    given = picture("p1", zina, boris, participant=desk, prompt="a cat, chrysanthemums")
    before = await gallery.keep(meeting, given)
    secrets = [b"naida Unforgettable", b"naida unforgettable", b"chrysanthemums"]
    secrets += [zina.person_id.encode(), b"device-zina"]
    assert all(secret in _bytes(tmp_path) for secret in secrets)
    await PeopleDirectory(store).forget(zina.name)
    assert not [secret for secret in secrets[:3] + secrets[4:] if secret in _bytes(tmp_path)]
    kept = await gallery.picture("p1")
    assert kept.speakers == (boris,)
    assert (kept.prompt, kept.subject) == ("a cat on a roof", "a cat on a roof")
    assert files(tmp_path) == [kept.path]
    assert kept.sha256 == hashlib.sha256(kept.path.read_bytes()).hexdigest()
    assert before.path != kept.path
    with Image.open(kept.path) as shown:
        assert np.array_equal(np.asarray(shown), given.painting.pixels)


async def test_forgetting_with_words_deletes_pictures_of_them(
    store: Store, gallery: Gallery, tmp_path: Path
) -> None:
    anna, boris = await person(store, "Anna"), await person(store, "Boris")
    await gallery.keep(None, picture("p1", anna, text="an embarrassing remark"))
    other = await gallery.keep(None, picture("p2", boris))
    await PeopleDirectory(store).forget("Anna", words=True)
    assert files(tmp_path) == [other.path]
    assert b"an embarrassing remark" not in _bytes(tmp_path)


async def test_someone_is_forgotten_also_where_a_file_is_gone_or_damaged(
    store: Store, gallery: Gallery, tmp_path: Path
) -> None:
    anna = await person(store, "Anna")
    gone = await gallery.keep(None, picture("p1", anna))
    damaged = await gallery.keep(None, picture("p2", anna))
    gone.path.unlink()
    damaged.path.write_bytes(damaged.path.read_bytes()[:90])
    await PeopleDirectory(store).forget("Anna")
    assert files(tmp_path) == []
    assert await gallery.of_person(anna.person_id) == ()


async def test_what_is_painted_for_someone_forgotten_bears_no_name(
    store: Store, gallery: Gallery
) -> None:
    anna, boris = await person(store, "Anna"), await person(store, "Boris")
    await PeopleDirectory(store).merge("Boris", "Anna")
    await PeopleDirectory(store).forget("Anna")
    kept = await gallery.keep(None, picture("p1", anna, boris, prompt="cat, as Anna likes it"))
    assert (kept.speakers, kept.prompt) == ((), "a cat on a roof")


async def test_a_merge_during_a_meeting_takes_nothing_from_a_picture(
    store: Store, gallery: Gallery
) -> None:
    guest, anna = await person(store, "Guest"), await person(store, "Anna")
    await PeopleDirectory(store).merge("Guest", "Anna")
    kept = await gallery.keep(None, picture("p1", guest, anna, prompt="a cat, as Anna likes it"))
    assert (kept.speakers, kept.prompt) == ((anna,), "a cat, as Anna likes it")


async def test_someone_forgotten_while_their_picture_is_kept_leaves_no_name(
    store: Store, gallery: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zina = await person(store, "Zinaida Unforgettable")
    write = store.files.write
    loop = asyncio.get_running_loop()

    def forget_first(folder: str, suffix: str, data: bytes) -> str:
        name = write(folder, suffix, data)
        monkeypatch.undo()
        forgetting = PeopleDirectory(store).forget(zina.name)
        asyncio.run_coroutine_threadsafe(forgetting, loop).result(20)
        return name

    monkeypatch.setattr(store.files, "write", forget_first)
    kept = await gallery.keep(None, picture("p1", zina))
    assert (kept.speakers, files(tmp_path)) == ((), [kept.path])
    assert b"Unforgettable" not in _bytes(tmp_path)


async def test_a_row_has_its_file_also_where_keeping_was_cancelled(
    store: Store, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed = asyncio.Event()
    write = store.database.write

    async def write_and_linger(work: Callable[[Session], object]) -> None:
        await write(work)
        committed.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(store.database, "write", write_and_linger)
    keeping = asyncio.create_task(gallery.keep(None, picture("p1")))
    await committed.wait()
    keeping.cancel()
    await asyncio.wait([keeping])
    assert keeping.cancelled()
    assert (await gallery.picture("p1")).path.is_file()


async def test_files_that_no_row_names_are_swept_when_they_are_old(
    store: Store, gallery: Gallery, tmp_path: Path
) -> None:
    kept = await gallery.keep(None, picture())
    old, young = tmp_path / "pictures" / "old.png", tmp_path / "pictures" / "young.png"
    for path in (old, young):
        path.write_bytes(b"x")
    then = datetime.now(UTC).timestamp() - YOUNG_SECONDS - 60
    for path in (old, kept.path):
        os.utime(path, (then, then))
    assert await gallery.sweep() == 1
    assert set(files(tmp_path)) == {kept.path, young}


async def test_a_full_disk_is_one_clear_error_and_leaves_nothing(
    store: Store, gallery: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    first = await gallery.keep(None, picture("p1"))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="disk is full"):
        await gallery.keep(None, picture("p2"))
    monkeypatch.undo()
    assert files(tmp_path) == [first.path]
    assert (await gallery.keep(None, picture("p3"))).path.is_file()


def _bytes(folder: Path) -> bytes:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return b"".join(path.read_bytes() for path in found)
