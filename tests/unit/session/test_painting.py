"""A session that paints: what is asked for is kept, then shown, then told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from meetbot.gallery import Gallery
from meetbot.session.easel import Paints
from unit.painting.fakes import BagOfWords, NotingPainter, SettledFilter

from .fakes import ANNA, BORIS, Scene
from .test_answering import answering

if TYPE_CHECKING:
    from pathlib import Path

    from meetbot.store import Store

pytestmark = pytest.mark.virtual_time

STYLES = {"flat": ("flat",), "watercolour": ("watercolour",)}


def painting(store: Store, painter: NotingPainter | None = None) -> Paints:
    async def load_painter() -> NotingPainter:
        return NotingPainter("another")

    return Paints(
        painter=painter or NotingPainter(),
        load_painter=load_painter,
        load_spare=None,
        safety=SettledFilter(),
        text=BagOfWords(),
        gallery=Gallery(store),
        styles=STYLES,
    )


async def test_a_picture_that_is_asked_for_is_kept_before_anyone_is_told(
    store: Store, tmp_path: Path
) -> None:
    scene = Scene(store, tmp_path, paints=painting(store))
    async with scene.running():
        scene.room.join(ANNA)
        scene.room.join(BORIS)
        scene.room.write(ANNA, "Meetbot, draw a lighthouse by the sea")
        await asyncio.sleep(6)
    (shown,) = scene.room.pictures
    assert "lighthouse" in shown.subject
    assert (shown.participant, shown.trigger) == (ANNA, "request")
    assert scene.room.kept == [True]
    (meeting,) = await store.meetings()
    (kept,) = await Gallery(store).pictures(meeting.id)
    assert kept.id == shown.picture_id
    assert kept.path.is_file()
    assert scene.room.published["pictures"]


async def test_what_is_painted_is_not_answered_as_well(store: Store, tmp_path: Path) -> None:
    scene = Scene(store, tmp_path, answers=answering(), paints=painting(store))
    async with scene.running():
        scene.room.join(ANNA)
        scene.room.join(BORIS)
        scene.room.write(ANNA, "Meetbot, draw a lighthouse by the sea")
        await asyncio.sleep(6)
        assert scene.room.answers == []
        scene.room.write(ANNA, "Meetbot, is this fine?")
        await asyncio.sleep(6)
    assert [caption.text for caption in scene.room.answers] == ["That is fine."]
    assert len(scene.room.pictures) == 1


async def test_a_program_asks_for_a_picture_of_a_session(store: Store, tmp_path: Path) -> None:
    scene = Scene(store, tmp_path, paints=painting(store))
    async with scene.running():
        scene.room.join(ANNA)
        await asyncio.sleep(1)
        assert scene.session.easel is not None
        wanted = scene.session.easel.request("two foxes in the snow", None)
        await asyncio.sleep(6)
    assert [shown.picture_id for shown in scene.room.pictures] == [wanted]
    assert scene.session.easel is None


async def test_without_painting_there_is_no_such_track(store: Store, tmp_path: Path) -> None:
    scene = Scene(store, tmp_path)
    async with scene.running():
        scene.room.join(ANNA)
        scene.room.write(ANNA, "Meetbot, draw a lighthouse by the sea")
        await asyncio.sleep(3)
    assert scene.room.pictures == []
    assert set(scene.room.published) == {"stage"}


async def test_in_a_room_for_one_video_face_and_picture_share_it(
    store: Store, tmp_path: Path
) -> None:
    scene = Scene(store, tmp_path, answers=answering(), paints=painting(store), video_tracks=1)
    async with scene.running():
        scene.room.join(ANNA)
        await asyncio.sleep(3)
    assert scene.room.published == {}
    assert {moment.pixels.shape for moment in scene.room.moments} == {(180, 320, 3)}


async def test_in_a_room_for_one_video_captions_share_it_where_the_bot_has_no_face(
    store: Store, tmp_path: Path
) -> None:
    scene = Scene(store, tmp_path, paints=painting(store), video_tracks=1)
    async with scene.running():
        scene.room.join(ANNA)
        await asyncio.sleep(3)
    assert set(scene.room.published) == {"stage"}
    assert {frame.pixels.shape for frame in scene.room.published["stage"]} == {(180, 320, 3)}


async def test_a_painter_that_hangs_is_replaced(store: Store, tmp_path: Path) -> None:
    painter = NotingPainter()
    painter.hangs = 1
    paints = painting(store, painter)
    scene = Scene(store, tmp_path, paints=paints)
    async with scene.running():
        scene.room.join(ANNA)
        scene.room.join(BORIS)
        scene.room.write(ANNA, "Meetbot, draw a lighthouse by the sea")
        await asyncio.sleep(20)
        scene.room.write(ANNA, "Meetbot, draw a cat on a sofa")
        await asyncio.sleep(6)
    assert [shown.subject for shown in scene.room.pictures] == ["a cat on a sofa"]
    assert paints.painter.name == "another"
    await paints.close()
    await asyncio.sleep(60)
    assert painter.painting == 0
