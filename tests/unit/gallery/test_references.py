"""References: fit pictures are kept as pixels, everything else is refused in one line."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image
from sqlalchemy import update

from meetbot.config import ReferenceSettings
from meetbot.core.clock import wall_now
from meetbot.core.errors import InputError
from meetbot.core.pictures import PaintPreset
from meetbot.gallery import Gallery, read_reference
from meetbot.people import PeopleDirectory
from meetbot.store import Store
from meetbot.store.schema import PersonRow, ReferenceRow
from support.painting import picture, pixels

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from meetbot.core.types import Speaker

LIMITS = ReferenceSettings()


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(tmp_path / "store") as opened:
        yield opened


@pytest_asyncio.fixture
async def anna(store: Store) -> Speaker:
    prints = np.eye(2, 8, dtype=np.float32)
    return await PeopleDirectory(store).create("Anna", "m", prints, seconds=2.0)


@pytest.fixture
def gallery(store: Store) -> Gallery:
    return Gallery(store, LIMITS)


def encoded(form: str = "PNG", size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels(*size)).save(file, form, **options)
    return file.getvalue()


def files(store: Store) -> list[str]:
    folder = store.files.path("references")
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


async def refusal(data: bytes) -> str:
    with pytest.raises(InputError) as caught:
        await read_reference(data, LIMITS)
    message = str(caught.value)
    assert message.startswith("the reference")
    assert "\n" not in message
    return message


async def test_a_picture_is_kept_by_its_file_name_and_read_back(
    gallery: Gallery, anna: Speaker, tmp_path: Path
) -> None:
    path = tmp_path / "my cat.png"
    path.write_bytes(encoded())
    kept = await gallery.add_reference(anna.person_id, path)
    assert (kept.name, kept.width, kept.height) == ("my cat", 64, 48)
    assert kept.path.stat().st_mode & 0o077 == 0
    (reference,) = await gallery.references(anna.person_id)
    assert reference.name == "my cat"
    assert np.array_equal(reference.pixels, pixels(64, 48))
    assert (await gallery.preset(anna.person_id)).references == ("my cat",)


async def test_nothing_but_pixels_is_kept(gallery: Gallery, anna: Speaker) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at Secret Street 7"
    data = encoded("JPEG", exif=exif, comment=b"hidden words")
    assert b"Secret Street" in data
    kept = await gallery.add_reference(anna.person_id, data)
    stored = kept.path.read_bytes()
    assert b"Secret Street" not in stored
    assert b"hidden words" not in stored


async def test_a_phone_held_sideways_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    reference = await read_reference(encoded("JPEG", exif=exif), LIMITS)
    assert reference.pixels.shape == (64, 48, 3)


async def test_of_an_animation_the_first_frame_is_taken() -> None:
    file = io.BytesIO()
    first, second = Image.new("RGB", (20, 10), "red"), Image.new("RGB", (20, 10), "blue")
    first.save(file, "WEBP", save_all=True, append_images=[second], lossless=True)
    reference = await read_reference(file.getvalue(), LIMITS)
    assert reference.pixels[5, 5].tolist() == [255, 0, 0]


async def test_a_large_picture_is_reduced() -> None:
    reference = await read_reference(encoded(size=(2_400, 1_200)), LIMITS)
    assert reference.pixels.shape == (512, 1_024, 3)


async def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (3_751 * 30_000), 9)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    assert len(bomb) < 1_000_000
    assert "too many pixels" in await refusal(bomb)


async def test_limits_are_those_of_the_settings() -> None:
    small = LIMITS.model_copy(update={"max_megapixels": 0.002})
    with pytest.raises(InputError, match=r"0\.002 million"):
        await read_reference(encoded(), small)
    light = LIMITS.model_copy(update={"max_mb": 0.000_1})
    with pytest.raises(InputError, match="save it smaller"):
        await read_reference(encoded(), light)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7\n1 0 obj\n", "a PDF document"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b'<?xml version="1.0"?><svg/>', "an SVG drawing"),
        (b"GIF89a" + bytes(50), "a GIF"),
        ("Просто текст.".encode(), "text"),
        (b"", "an empty file"),
    ],
)
async def test_what_is_no_picture_is_refused_by_its_name(data: bytes, what: str) -> None:
    message = await refusal(data)
    assert what in message
    assert "PNG, JPEG or WebP" in message


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
async def test_a_truncated_picture_is_refused(form: str) -> None:
    noise = np.random.default_rng(2).integers(0, 255, (90, 90, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, form)
    assert "damaged" in await refusal(file.getvalue()[: len(file.getvalue()) // 2])


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
async def test_a_file_that_is_something_else_as_well_is_refused(form: str) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as inside:
        inside.writestr("run.sh", "echo hello")
    assert "a ZIP archive" in await refusal(encoded(form) + archive.getvalue())
    assert "a web page" in await refusal(encoded(form) + b"<html><script>alert(1)</script>")


@pytest.mark.parametrize(
    ("inside", "what"),
    [
        (b"%PDF-1.7 1 0 obj", "a PDF document"),
        (b'<svg width="1" xmlns="http://www.w3.org/2000/svg"><script >', "a web page"),
        (b"<?php system($_GET['x']); ?>", "a web page"),
    ],
)
async def test_words_for_another_program_in_a_pictures_comment_are_refused(
    inside: bytes, what: str
) -> None:
    assert what in await refusal(encoded("JPEG", comment=inside))


async def test_an_ordinary_large_photo_is_not_taken_for_anything_else() -> None:
    noise = np.random.default_rng(5).integers(0, 255, (1_500, 1_500, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG", compress_level=0)
    assert len(file.getvalue()) > 6_000_000
    assert (await read_reference(file.getvalue(), LIMITS)).pixels.shape == (1_024, 1_024, 3)


async def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nobody\.png"):
        await read_reference(tmp_path / "nobody.png", LIMITS)


async def test_there_is_room_for_so_many_and_no_more(
    store: Store, gallery: Gallery, anna: Speaker
) -> None:
    for number in range(LIMITS.max_count):
        await gallery.add_reference(anna.person_id, encoded(size=(20 + number, 20)), "cat")
    names = [reference.name for reference in await gallery.kept_references(anna.person_id)]
    assert names == ["cat", "cat 2", "cat 3", "cat 4"]
    with pytest.raises(InputError, match="--drop-reference"):
        await gallery.add_reference(anna.person_id, encoded())
    await gallery.remove_reference(anna.person_id, "CAT 2")
    assert len(files(store)) == LIMITS.max_count - 1
    await gallery.add_reference(anna.person_id, encoded(), "dog")


async def test_the_same_picture_twice_is_kept_once(
    store: Store, gallery: Gallery, anna: Speaker
) -> None:
    first = await gallery.add_reference(anna.person_id, encoded())
    assert await gallery.add_reference(anna.person_id, encoded()) == first
    assert len(files(store)) == 1


async def test_a_reference_that_is_not_there_is_told_with_those_that_are(
    gallery: Gallery, anna: Speaker
) -> None:
    await gallery.add_reference(anna.person_id, encoded(), "cat")
    with pytest.raises(InputError, match="'dog'; there are: 'cat'"):
        await gallery.remove_reference(anna.person_id, "dog")


async def test_a_name_is_made_fit_to_be_shown(gallery: Gallery, anna: Speaker) -> None:
    kept = await gallery.add_reference(anna.person_id, encoded(), "\u202e\n" + "x" * 200)
    assert kept.name == "x" * 38


async def test_presets_are_kept_and_follow_a_merge(
    store: Store, gallery: Gallery, anna: Speaker
) -> None:
    prints = np.eye(2, 8, dtype=np.float32)
    guest = await PeopleDirectory(store).create(None, "m", prints, seconds=2.0)
    wanted = PaintPreset(palette=("#112233", "#ddeeff"), style="night", seed=3)
    await gallery.save(guest.person_id, wanted)
    await gallery.add_reference(guest.person_id, encoded(), "cat")
    await gallery.add_reference(anna.person_id, encoded(size=(30, 30)), "cat")
    assert await gallery.preset(guest.person_id) == replace(wanted, references=("cat",))
    await PeopleDirectory(store).merge(guest.name, "Anna")
    for person in (guest, anna):
        preset = await gallery.preset(person.person_id)
        assert (preset.style, preset.seed) == ("night", 3)
        assert preset.references == ("cat", "cat 2")


async def test_saving_takes_away_what_is_not_set_any_more(gallery: Gallery, anna: Speaker) -> None:
    await gallery.save(anna.person_id, PaintPreset(style="night", likes=("cats",)))
    await gallery.save(anna.person_id, PaintPreset(likes=("dogs",)))
    assert await gallery.preset(anna.person_id) == PaintPreset(likes=("dogs",))


async def test_what_was_painted_last_is_told_by_its_prompts(
    gallery: Gallery, anna: Speaker
) -> None:
    for number in range(3):
        await gallery.keep(None, picture(f"p{number}", anna, prompt=f"prompt {number}"))
    assert await gallery.recent(anna.person_id, 2) == ("prompt 2", "prompt 1")


async def test_forgetting_takes_references_and_presets_along(
    store: Store, gallery: Gallery, anna: Speaker
) -> None:
    await gallery.add_reference(anna.person_id, encoded(), "my secret cat")
    await gallery.save(anna.person_id, PaintPreset(likes=("chrysanthemums",)))
    await PeopleDirectory(store).forget("Anna")
    assert files(store) == []
    everything = b"".join(
        path.read_bytes() for path in store.files.root.rglob("*") if path.is_file()
    )
    assert b"my secret cat" not in everything
    assert b"chrysanthemums" not in everything
    assert await gallery.preset(anna.person_id) == PaintPreset()
    await gallery.save(anna.person_id, PaintPreset(style="night"))
    assert await gallery.preset(anna.person_id) == PaintPreset()


async def test_references_of_people_not_heard_for_long_expire(
    store: Store, gallery: Gallery, anna: Speaker
) -> None:
    prints = np.eye(2, 8, dtype=np.float32)
    boris = await PeopleDirectory(store).create("Boris", "m", prints, seconds=2.0)
    for person in (anna, boris):
        await gallery.add_reference(person.person_id, encoded())
    then = wall_now() - timedelta(days=40)
    await store.database.write(lambda s: s.execute(update(ReferenceRow).values(added_at=then)))
    await store.database.write(
        lambda s: s.execute(
            update(PersonRow).where(PersonRow.id == anna.person_id).values(created_at=then)
        )
    )
    assert await gallery.purge(30) == 1
    assert await gallery.references(anna.person_id) == ()
    assert len(await gallery.references(boris.person_id)) == 1
    assert len(files(store)) == 1
