"""Personas in the store, and all that goes when one is removed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
import pytest_asyncio
from sqlalchemy import update

from meetbot.core.clock import wall_now
from meetbot.core.errors import InputError, StoreError
from meetbot.people import PeopleDirectory
from meetbot.personas import EngineVoice, PersonaDirectory
from meetbot.personas.faces import FaceFolder
from meetbot.personas.samples import VoicePrint
from meetbot.personas.standard import standard_portrait
from meetbot.store import FILE_NAME, Store
from meetbot.store.schema import PersonaRow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from meetbot.personas import KnownPersona

PHOTO, OTHER = "a" * 64, "b" * 64
MARK = np.frombuffer(b"this is Annas voice print", np.uint8)[:24].view("<f4")


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def directory(store: Store, tmp_path: Path) -> PersonaDirectory:
    return PersonaDirectory(store, tmp_path / "personas")


async def added(
    directory: PersonaDirectory, name: str, photo: str = PHOTO, *, voice: bool = True
) -> KnownPersona:
    print_ = VoicePrint("samples", "ge2e", MARK.astype(np.float32), 190.0) if voice else None
    return await directory.add(name, "Kind.", photo, "she agreed", print_)


async def test_what_was_added_is_there(directory: PersonaDirectory) -> None:
    anna = await added(directory, "  Anna \n Petrova ")
    assert anna.name == "Anna Petrova"
    assert anna.voice_hz == 190.0
    assert await directory.find("anna petrova") == anna
    assert await directory.find(anna.id) == anna
    assert await directory.personas() == (anna,)
    kept = await directory.print_of(anna.id)
    assert kept is not None
    np.testing.assert_array_equal(kept, MARK)


async def test_personas_come_by_name(directory: PersonaDirectory) -> None:
    for name in ("boris", "Анна", "Ada"):
        await added(directory, name, voice=False)
    assert [p.name for p in await directory.personas()] == ["Ada", "boris", "Анна"]


@pytest.mark.parametrize("name", ["ANNA", "anna", "Ａnna"])
async def test_a_name_is_one_personas(directory: PersonaDirectory, name: str) -> None:
    await added(directory, "Anna")
    with pytest.raises(InputError, match="there is a persona called"):
        await added(directory, name)
    assert len(await directory.personas()) == 1


@pytest.mark.parametrize("name", ["default", "Default", " DEFAULT "])
async def test_the_default_personas_name_is_taken(directory: PersonaDirectory, name: str) -> None:
    with pytest.raises(InputError, match="comes with the program"):
        await directory.check_name(name)


@pytest.mark.parametrize("name", ["", "   ", "\x07", "x" * 65])
async def test_a_name_is_one_to_64_characters(directory: PersonaDirectory, name: str) -> None:
    with pytest.raises(InputError, match="a persona's name has 1 to 64 characters"):
        await directory.check_name(name)


async def test_nobody_of_that_name_is_said_so(directory: PersonaDirectory) -> None:
    for ask in (directory.find, directory.remove):
        with pytest.raises(InputError, match="no persona is called 'Nobody'"):
            await ask("Nobody")


async def test_voices_of_engines_are_kept_and_replaced(directory: PersonaDirectory) -> None:
    anna = await added(directory, "Anna")
    first = EngineVoice("hibari", "heart", 1.1, 0.6)
    await directory.set_voices(anna.id, (first, EngineVoice("xtts", None, cloned=True)))
    better = EngineVoice("hibari", "bella", 0.9, 0.7)
    await directory.set_voices(anna.id, (better,))
    assert (await directory.find("Anna")).voices == (better, EngineVoice("xtts", None, cloned=True))


async def test_consent_is_in_the_audit_with_its_date_and_basis(directory: PersonaDirectory) -> None:
    before = wall_now()
    anna = await added(directory, "Anna")
    first = (await directory.audit(anna.id))[0]
    assert (first.action, first.basis) == ("consent", "she agreed")
    assert before <= first.at <= wall_now()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def keep_face(directory: PersonaDirectory) -> None:
    directory.face(PHOTO, 128).keep_portrait(standard_portrait(128))


def keep_voice(directory: PersonaDirectory, persona_id: str) -> None:
    cloned = directory.voice_folder(persona_id) / "xtts"
    cloned.mkdir(parents=True)
    (cloned / "latents").write_bytes(b"her voice")


def database(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob(f"{FILE_NAME}*"))


async def test_removing_leaves_nothing_but_the_audit(
    directory: PersonaDirectory, tmp_path: Path
) -> None:
    anna = await added(directory, "Anna")
    await directory.set_voices(anna.id, (EngineVoice("xtts", None, cloned=True),))
    await asyncio.to_thread(keep_face, directory)
    await asyncio.to_thread(keep_voice, directory, anna.id)
    assert MARK.tobytes() in await asyncio.to_thread(database, tmp_path)
    assert await asyncio.to_thread(names, tmp_path / "personas") == {"portrait.npz", "latents"}
    await directory.remove("Anna")
    assert await directory.personas() == ()
    assert await directory.print_of(anna.id) is None
    assert await asyncio.to_thread(names, tmp_path / "personas") == set()
    assert [entry.action for entry in await directory.audit(anna.id)][-1] == "forgotten"
    assert MARK.tobytes() not in await asyncio.to_thread(database, tmp_path)


async def test_a_photo_that_two_share_stays_for_the_other(directory: PersonaDirectory) -> None:
    await added(directory, "Anna")
    await added(directory, "Anna, formal")
    await asyncio.to_thread(keep_face, directory)
    await directory.remove("Anna")
    assert await asyncio.to_thread(directory.face(PHOTO, 128).portrait) is not None
    await directory.remove("Anna, formal")
    assert await asyncio.to_thread(directory.face(PHOTO, 128).portrait) is None


async def test_removed_is_removed_also_where_no_file_was_made(directory: PersonaDirectory) -> None:
    await added(directory, "Anna", OTHER)
    await directory.remove("Anna")
    assert await directory.personas() == ()


async def test_voice_prints_expire_and_the_persona_stays(
    store: Store, directory: PersonaDirectory
) -> None:
    old, new = await added(directory, "Old"), await added(directory, "New")
    voices = (EngineVoice("hibari", "heart", 1.1), EngineVoice("xtts", None, cloned=True))
    await directory.set_voices(old.id, voices)
    long_ago = wall_now() - timedelta(days=40)
    at = PersonaRow.id == old.id
    await store.database.write(
        lambda session: session.execute(update(PersonaRow).where(at).values(used_at=long_ago))
    )
    assert await directory.purge(30) == 1
    assert await directory.purge(30) == 0
    assert await directory.print_of(old.id) is None
    assert await directory.print_of(new.id) is not None
    assert (await directory.find("Old")).voices == voices[:1]
    assert [entry.action for entry in await directory.audit(old.id)][-1] == "expired"


async def test_using_a_persona_keeps_its_voice_print(
    store: Store, directory: PersonaDirectory
) -> None:
    anna = await added(directory, "Anna")
    long_ago = wall_now() - timedelta(days=40)
    await store.database.write(
        lambda session: session.execute(update(PersonaRow).values(used_at=long_ago))
    )
    await directory.used(anna.id)
    assert await directory.purge(30) == 0


async def test_a_persona_is_no_person_of_the_meetings(
    store: Store, directory: PersonaDirectory
) -> None:
    await added(directory, "Anna")
    assert await PeopleDirectory(store).people() == ()


def test_a_damaged_portrait_is_none(tmp_path: Path) -> None:
    folder = FaceFolder(tmp_path, PHOTO, 128)
    folder.keep_portrait(standard_portrait(128))
    (path,) = folder.path.glob("*.npz")
    path.write_bytes(path.read_bytes()[:2_000])
    assert folder.portrait() is None


def test_two_who_prepare_the_same_face_leave_one(tmp_path: Path) -> None:
    folder = FaceFolder(tmp_path, PHOTO, 128)
    places = []
    for text in ("first", "second"):
        working = folder.begin()
        (working / "data").write_text(text)
        places.append(folder.finish(working, "puppet 1.0/x"))
    assert places[0] == places[1] == folder.prepared("puppet 1.0/x")
    assert (places[0] / "data").read_text() == "first"
    assert len(list(folder.path.iterdir())) == 1


def test_faces_are_prepared_for_each_engine_and_size(tmp_path: Path) -> None:
    folder = FaceFolder(tmp_path, PHOTO, 128)
    folder.finish(folder.begin(), "puppet-1")
    assert folder.prepared("puppet-1") is not None
    assert folder.prepared("puppet-2") is None
    assert FaceFolder(tmp_path, PHOTO, 256).prepared("puppet-1") is None


def test_a_folder_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "faces").write_text("in the way")
    with pytest.raises(StoreError, match=r"set store\.folder"):
        FaceFolder(tmp_path / "faces", PHOTO, 128).begin()
