"""The puppet: what its pictures show, told from their pixels."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import pytest_asyncio

from meetbot.config import FaceSettings
from meetbot.core.errors import EngineError
from meetbot.core.voice import Phone, Speech
from meetbot.engines.registry import load_engine
from meetbot.models import ModelStore
from meetbot.personas.standard import standard_portrait

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from meetbot.core.voice import Portrait
    from meetbot.engines.face.puppet import PuppetFace, PuppetStream

SIZE = 192
RATE = 16_000
STEP = 0.04
Picture = np.ndarray


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return standard_portrait(SIZE)


@pytest.fixture
def face(tmp_path: Path) -> Iterator[PuppetFace]:
    engine: PuppetFace = load_engine("face", "puppet", ModelStore(tmp_path), FaceSettings())
    yield engine
    engine.close()


other = face


@pytest_asyncio.fixture
async def folder(face: PuppetFace, portrait: Portrait, tmp_path: Path) -> AsyncIterator[Path]:
    place = tmp_path / "prepared"
    place.mkdir()
    await face.prepare(portrait, place, lambda _share: None)
    yield place


def speech_of(symbols: list[str], each_s: float = 0.2) -> Speech:
    """A tone, silent where a symbol is ``""``."""
    count = round(each_s * RATE)
    tone = 0.3 * np.sin(2 * np.pi * 150 * np.arange(count) / RATE).astype(np.float32)
    parts = [tone if symbol else np.zeros(count, np.float32) for symbol in symbols]
    ns = round(each_s * 1e9)
    phones = tuple(Phone(s, i * ns, (i + 1) * ns) for i, s in enumerate(symbols))
    return Speech(np.concatenate(parts), RATE, "", phones)


async def film(stream: PuppetStream, seconds: float, begin: float = 0.0) -> list[Picture]:
    count = round(seconds / STEP)
    return [await stream.render(begin + number * STEP) for number in range(count)]


def mouth_of(portrait: Portrait) -> tuple[slice, slice]:
    """Rows and columns within the lips' corners."""
    lips = portrait.landmarks[[78, 308, 13, 14], :2]
    (x0, _), (x1, _) = lips[0], lips[1]
    y = lips[:, 1].mean()
    third = (x1 - x0) / 3
    return slice(int(y - third), int(y + 2 * third)), slice(int(x0 + third), int(x1 - third))


def whiteness(picture: Picture, portrait: Portrait) -> float:
    """Share of the mouth where teeth or the dark behind them show: neither is as red as lips."""
    part = picture[mouth_of(portrait)].astype(int)
    red = part[..., 0] - part[..., 1]
    dark = part.max(axis=-1) < 90
    return float(((red < 25) | dark).mean())


async def test_the_mouth_opens_for_a_vowel_and_is_shut_in_silence(
    face: PuppetFace, folder: Path, portrait: Portrait
) -> None:
    stream = await face.open(folder)
    stream.speak(speech_of(["a", "a", "", "", "", "a", "a"]), 1.0)
    pictures = await film(stream, 4.0)
    seen = [whiteness(picture, portrait) for picture in pictures]
    silent = seen[:20] + seen[80:]
    assert max(silent) < 0.02
    assert seen[round(1.2 / STEP)] > 0.1
    assert seen[round(1.75 / STEP)] < 0.02
    assert seen[round(2.2 / STEP)] > 0.1


@pytest.mark.parametrize("closure", ["m", "b", "p"])
async def test_a_closure_between_vowels_is_seen_at_25_pictures_a_second(
    face: PuppetFace, folder: Path, portrait: Portrait, closure: str
) -> None:
    stream = await face.open(folder)
    stream.speak(speech_of(["a", "a", closure, "a", "a"], 0.09), 1.0)
    pictures = await film(stream, 2.0)
    seen = [whiteness(picture, portrait) for picture in pictures]
    closed = min(seen[round(1.18 / STEP) : round(1.3 / STEP)])
    assert closed < 0.3 * max(seen)
    assert max(seen) > 0.1


async def test_it_never_jumps_between_listening_and_talking(face: PuppetFace, folder: Path) -> None:
    stream = await face.open(folder)
    stream.speak(speech_of(["m", "a", "b", "u", "t", "i"]), 1.0)
    stream.speak(speech_of(["a", "o", "a"]), 2.2)
    pictures = await film(stream, 6.0)
    moves = [np.abs(a.astype(int) - b).mean() for a, b in pairwise(pictures)]
    assert max(moves) < 3.0
    assert max(moves) > 0.1


async def test_the_background_stays_as_it_is(
    face: PuppetFace, folder: Path, portrait: Portrait
) -> None:
    stream = await face.open(folder)
    stream.speak(speech_of(["a", "u"] * 5), 0.2)
    pictures = await film(stream, 3.0)
    far = portrait.mask < 0.01
    far &= np.add.outer(np.zeros(SIZE, int), np.arange(SIZE)) < SIZE // 10
    assert far.sum() > 500
    for picture in pictures[::5]:
        assert np.abs(picture[far].astype(int) - portrait.pixels[far]).max() <= 2


async def test_the_same_words_at_the_same_time_give_the_same_pictures(
    face: PuppetFace, folder: Path
) -> None:
    films = []
    for _ in range(2):
        stream = await face.open(folder)
        stream.speak(speech_of(["h", "a", "l", "oʊ"]), 0.5)
        films.append(await film(stream, 2.0))
    assert all(np.array_equal(a, b) for a, b in zip(*films, strict=True))


async def test_a_listening_face_moves_but_not_in_each_picture(
    face: PuppetFace, folder: Path
) -> None:
    stream = await face.open(folder)
    pictures = await film(stream, 12.0)
    same = sum(a is b for a, b in pairwise(pictures))
    assert 0.3 < same / len(pictures) < 0.7
    assert np.abs(pictures[0].astype(int) - pictures[-1]).max() > 10
    assert not any(picture.flags.writeable for picture in pictures)


async def test_it_blinks(face: PuppetFace, folder: Path, portrait: Portrait) -> None:
    stream = await face.open(folder)
    pictures = await film(stream, 20.0)
    upper, lower, inner, outer = portrait.landmarks[[159, 145, 33, 133], :2].astype(int)
    middle = (inner[0] + outer[0]) // 2
    eye = slice(upper[1] + 1, lower[1]), slice(middle - 4, middle + 5)
    skin = [float((p[eye][..., 0].astype(int) - p[eye][..., 2]).mean()) for p in pictures]
    shut = np.array(skin) > np.median(skin) + 15
    begins = int((np.diff(shut.astype(int)) == 1).sum())
    assert 2 <= begins <= 12


async def test_hush_shuts_the_mouth_within_120_ms(
    face: PuppetFace, folder: Path, portrait: Portrait
) -> None:
    stream = await face.open(folder)
    stream.speak(speech_of(["a"] * 20), 0.2)
    before = await film(stream, 1.0)
    stream.hush(1.0)
    after = await film(stream, 1.0, 1.0)
    assert whiteness(before[-1], portrait) > 0.1
    assert max(whiteness(picture, portrait) for picture in after[3:]) < 0.02


async def test_what_was_hushed_does_not_come_back_with_the_next_words(
    face: PuppetFace, folder: Path, portrait: Portrait
) -> None:
    stream = await face.open(folder)
    stream.speak(speech_of(["a"] * 30), 0.2)
    await film(stream, 1.0)
    stream.hush(1.0)
    stream.speak(speech_of(["a"] * 3), 3.0)
    pictures = await film(stream, 3.0, 1.0)
    seen = [whiteness(picture, portrait) for picture in pictures]
    assert max(seen[3:45]) < 0.02
    assert max(seen[50:60]) > 0.1


async def test_a_long_gap_between_pictures_is_no_trouble(face: PuppetFace, folder: Path) -> None:
    stream = await face.open(folder)
    for at in (0.0, 1e-9, 0.5, 4000.0, 4000.0, 1e6):
        picture = await stream.render(at)
        assert picture.shape == (SIZE, SIZE, 3)
        assert picture.std() > 10
    stream.close()


async def test_prepared_files_give_the_same_face_to_another_engine(
    face: PuppetFace, other: PuppetFace, folder: Path
) -> None:
    first = await (await face.open(folder)).render(0.0)
    second = await (await other.open(folder)).render(0.0)
    assert np.array_equal(first, second)


def _altered(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    def damage(file: Path) -> None:
        with np.load(file) as arrays:
            values = dict(arrays)
        change(values)
        np.savez(file, **values)

    return damage


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-2000])


def _version(values: dict[str, Any]) -> None:
    values["meta"] = np.frombuffer(json.dumps({"version": 999, "lids": 2}).encode(), np.uint8)


def _smaller(values: dict[str, Any]) -> None:
    values["pixels"] = values["pixels"][::2, ::2].copy()


def _not_finite(values: dict[str, Any]) -> None:
    values["mouth_moves"] = np.full_like(values["mouth_moves"], np.nan)


def _objects(values: dict[str, Any]) -> None:
    values["head"] = np.array([{"a": 1}], dtype=object)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(_cut, id="cut short"),
        pytest.param(lambda file: file.write_bytes(b""), id="empty"),
        pytest.param(lambda file: file.write_bytes(b"not an archive"), id="another file"),
        pytest.param(lambda file: file.write_bytes(pickle.dumps({"a": 1})), id="a pickle"),
        pytest.param(lambda file: file.unlink(), id="gone"),
        pytest.param(_altered(_version), id="another version"),
        pytest.param(_altered(_smaller), id="another size"),
        pytest.param(_altered(_not_finite), id="not a number"),
        pytest.param(_altered(_objects), id="pickled objects"),
        pytest.param(_altered(lambda values: values.pop("head")), id="a part is missing"),
    ],
)
async def test_a_damaged_file_is_told_with_what_to_do(
    face: PuppetFace, folder: Path, damage: Callable[[Path], None]
) -> None:
    damage(folder / "puppet.npz")
    with pytest.raises(EngineError, match=r"prepared face in .*prepared anew"):
        await face.open(folder)


async def test_landmarks_outside_of_the_picture_are_tolerated(
    face: PuppetFace, portrait: Portrait, tmp_path: Path
) -> None:
    shift = np.array([-0.3 * SIZE, -0.25 * SIZE, 0], np.float32)
    await face.prepare(
        replace(portrait, landmarks=portrait.landmarks + shift), tmp_path, lambda _share: None
    )
    stream = await face.open(tmp_path)
    stream.speak(speech_of(["a", "m"]), 0.0)
    for picture in await film(stream, 0.6):
        assert picture.shape == (SIZE, SIZE, 3)


async def test_a_portrait_without_its_mouth_is_refused(
    face: PuppetFace, portrait: Portrait, tmp_path: Path
) -> None:
    away = portrait.landmarks + np.array([5 * SIZE, 0, 0], np.float32)
    with pytest.raises(EngineError, match="mouth"):
        await face.prepare(replace(portrait, landmarks=away), tmp_path, lambda _share: None)


async def test_preparing_tells_how_far_it_is(
    face: PuppetFace, portrait: Portrait, tmp_path: Path
) -> None:
    told: list[float] = []
    await face.prepare(portrait, tmp_path, told.append)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)


async def test_a_face_whose_engine_was_closed_says_so(face: PuppetFace, folder: Path) -> None:
    stream = await face.open(folder)
    face.close()
    with pytest.raises(EngineError, match="cannot be drawn"):
        await stream.render(0.0)
