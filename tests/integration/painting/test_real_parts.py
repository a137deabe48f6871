"""The painting lane with the real sentence vectors and the real gallery, in virtual time."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
import pytest_asyncio

from meetbot.config import PainterSettings, PaintingSettings
from meetbot.core.clock import MeetingClock
from meetbot.core.pictures import Painting
from meetbot.core.types import Participant, TurnGuessed, TurnTaken, Utterance
from meetbot.engines.painter.storyboard.styles import STYLES
from meetbot.engines.registry import load_engine
from meetbot.gallery import Gallery
from meetbot.models import ModelStore
from meetbot.observe import Metrics
from meetbot.painting import PaintingLane
from meetbot.people import PeopleDirectory
from meetbot.store import Store
from unit.painting.fakes import at_once

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from meetbot.core.pictures import PaintRequest, Picture
    from meetbot.core.types import Speaker
    from meetbot.engines.text.minilm import MiniLmEncoder

pytestmark = [pytest.mark.model, pytest.mark.virtual_time]

ANNA, BORIS = Participant("1", "Anna"), Participant("2", "Борис")
S = 1_000_000_000


class GreyPainter:
    """Paints grey at once."""

    name = "grey"

    async def paint(self, request: PaintRequest) -> Painting:
        await asyncio.sleep(0.1)
        return Painting(np.full((request.height, request.width, 3), 128, np.uint8), self.name)

    async def close(self) -> None:
        pass


class Room:
    """A sink that keeps pictures in the gallery before it shows them."""

    def __init__(self, gallery: Gallery, meeting_id: str) -> None:
        self.gallery = gallery
        self.meeting_id = meeting_id
        self.shown: list[Picture] = []
        self.lines: list[str] = []

    async def painted(self, picture: Picture) -> None:
        await self.gallery.keep(self.meeting_id, picture)
        self.shown.append(picture)

    def begun(self, participant: Participant | None, text: str) -> None:
        pass

    async def told(self, text: str) -> None:
        self.lines.append(text)

    async def trouble(self, text: str) -> None:
        raise AssertionError(text)


class Meeting:
    """Two people whose voices are known."""

    def __init__(self, lane: PaintingLane, room: Room, voices: dict[str, Speaker]) -> None:
        self.lane = lane
        self.room = room
        self._voices = voices
        self._clock = MeetingClock()
        self._turns = 0

    async def say(self, who: Participant, text: str, language: str = "en") -> None:
        self._turns += 1
        turn, end = f"turn-{self._turns}", self._clock.now_ns()
        start = max(0, end - 2 * S)
        self.lane.noticed(TurnGuessed(turn, who, text, language, start, end))
        await asyncio.sleep(0.25)
        self.lane.noticed(TurnTaken(turn, who, text, language, start, end))
        await asyncio.sleep(0.5)
        self.lane.heard(Utterance(turn, who, self._voices[who.id], text, language, start, end))
        await asyncio.sleep(4)


@pytest.fixture(scope="module")
def encoder() -> Iterator[MiniLmEncoder]:
    models = ModelStore()
    models.pull(["minilm-l6", "fluent-icons"])
    encoder: MiniLmEncoder = load_engine("text", "minilm", models, None)
    yield encoder
    asyncio.run(encoder.close())


@pytest_asyncio.fixture
async def meeting(tmp_path: Path, encoder: MiniLmEncoder) -> AsyncIterator[Meeting]:
    async with await Store.open(tmp_path) as store:
        directory = PeopleDirectory(store)
        prints = np.eye(2, 8, dtype=np.float32)
        anna = await directory.create("Anna", "m", prints, seconds=2.0)
        boris = await directory.create("Борис", "m", -prints, seconds=2.0)
        gallery = Gallery(store)
        room = Room(gallery, await store.begin_meeting("room"))
        lane = PaintingLane(
            PaintingSettings(painter=PainterSettings(width=256, height=144)),
            painter=GreyPainter(),
            load_spare=None,
            safety=None,
            text=encoder,
            presets=gallery,
            clock=MeetingClock(),
            sink=room,
            metrics=Metrics(),
            bot_names=["Meetbot", "Митбот"],
            styles=STYLES,
            at_ease=at_once,
        )
        lane.participants([ANNA, BORIS])
        running = asyncio.create_task(lane.run())
        yield Meeting(lane, room, {ANNA.id: anna, BORIS.id: boris})
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        lane.close()


async def test_an_english_talk_that_turns(meeting: Meeting) -> None:
    for text in (
        "Our cat hides under the bed when guests come.",
        "The cat and the dog sleep under the same bed.",
        "They are building a new bridge across the river.",
    ):
        await meeting.say(ANNA, text)
    assert [
        (picture.request.subject.split()[1], picture.trigger) for picture in meeting.room.shown
    ] == [
        ("cat", "timer"),
        ("are", "topic"),
    ]


async def test_a_russian_talk_that_turns(meeting: Meeting) -> None:
    for text in (
        "Наш кот прячется под кровать.",
        "Кот спит под кроватью целый день.",
        "Космонавты полетели на луну на ракете.",
    ):
        await meeting.say(BORIS, text, "ru")
    assert [picture.trigger for picture in meeting.room.shown] == ["timer", "topic"]
    assert meeting.room.shown[1].request.subject == "Космонавты полетели на луну на ракете."


async def test_a_wish_is_kept_in_the_store_and_every_picture_in_the_gallery(
    meeting: Meeting,
) -> None:
    await meeting.say(ANNA, "We drove from Chicago to Texas in an old truck.")
    await meeting.say(ANNA, "Meetbot, paint me in watercolour and don't draw spiders.")
    await meeting.say(BORIS, "Митбот, нарисуй замок на горе.", "ru")
    room = meeting.room
    kept = await room.gallery.pictures(room.meeting_id)
    assert [picture.id for picture in kept] == [picture.id for picture in room.shown]
    assert [picture.request.style for picture in room.shown] == ["flat", "watercolour", "flat"]
    anna = room.shown[0].speakers[0]
    preset = await room.gallery.preset(anna.person_id)
    assert (preset.style, preset.dislikes) == ("watercolour", ("spiders",))
    assert room.lines == [
        "Anna is painted in watercolour from now on.",
        "There will be no spiders in Anna's pictures.",
    ]
