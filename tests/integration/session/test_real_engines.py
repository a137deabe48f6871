"""A whole session with the real models, in a room made of channels."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from meetbot.config import Settings, StageSettings, StoreSettings
from meetbot.core.clock import MeetingClock
from meetbot.core.types import SAMPLE_RATE, AudioFrame, Participant
from meetbot.models import ModelStore
from meetbot.observe import Metrics
from meetbot.session import Engines, Parts, Session, load_engines
from meetbot.store import Store
from support.recordings import talk
from support.rooms import until
from unit.session.fakes import FakeRoom

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.core.ports import Recognizer
    from meetbot.core.types import Recognition

pytestmark = pytest.mark.model

ANNA = Participant("1", "Anna")
FRAME = 320
NS_PER_S = 1_000_000_000


@pytest.fixture(scope="module")
def engines() -> Engines:
    return asyncio.run(load_engines(Settings(), ModelStore()))


@pytest.fixture(scope="module")
def call() -> NDArray[np.float32]:
    return talk()


async def spoken(sound: NDArray[np.float32]) -> AsyncIterator[AudioFrame]:
    """In 20 ms frames as they are said, then nothing, as when someone is cut off."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    for start in range(0, len(sound) - FRAME, FRAME):
        await asyncio.sleep(max(0.0, begin + start / SAMPLE_RATE - loop.time()))
        yield AudioFrame(sound[start : start + FRAME], SAMPLE_RATE, start * NS_PER_S // SAMPLE_RATE)
    await asyncio.Event().wait()


@asynccontextmanager
async def session_in(
    room: FakeRoom, engines: Engines, folder: Path
) -> AsyncIterator[tuple[Session, Store]]:
    settings = Settings(
        stage=StageSettings(width=320, height=180, fps=2), store=StoreSettings(folder=folder)
    )
    async with await Store.open(folder) as store:
        parts = Parts(engines, ModelStore(), store, Metrics())
        session = Session(room, settings, parts, MeetingClock())
        running = asyncio.create_task(session.run())
        yield session, store
        session.leave()
        await running


class CrashesOnce:
    """The real recognizer, but for its first call."""

    def __init__(self, real: Recognizer) -> None:
        self._real = real
        self.calls = 0

    async def recognize(
        self, audio: NDArray[np.float32], *, language: str | None = None, words: bool = False
    ) -> Recognition:
        self.calls += 1
        if self.calls == 1:
            raise MemoryError("no memory for the beam")
        return await self._real.recognize(audio, language=language, words=words)

    async def time_words(self, audio: NDArray[np.float32], recognition: Recognition) -> Recognition:
        return await self._real.time_words(audio, recognition)


async def test_a_crashed_recognizer_is_loaded_anew_and_no_word_is_missing(
    engines: Engines, call: NDArray[np.float32], tmp_path: Path
) -> None:
    crashing = CrashesOnce(engines.recognizer)
    room = FakeRoom(tmp_path / "meetbot.sqlite3")
    async with session_in(room, replace(engines, recognizer=crashing), tmp_path) as (_, store):
        room.join(ANNA)
        room.speak(ANNA, spoken(call))
        await until(lambda: "Chicago" in " ".join(final.text for final in room.finals), 60)
        (meeting,) = await store.meetings()
        events = await store.events(meeting.id)
        kept = await store.utterances(meeting.id)
    assert crashing.calls == 1
    text = " ".join(final.text for final in room.finals)
    assert "New Jersey" in text
    assert any("no memory for the beam" in notice for notice in room.notices)
    assert "no memory for the beam" in events[0].text
    assert {u.id for u in kept} == {final.utterance_id for final in room.finals}
    assert all(room.kept)


async def test_words_cut_off_in_mid_sentence_are_final(
    engines: Engines, call: NDArray[np.float32], tmp_path: Path
) -> None:
    room = FakeRoom(tmp_path / "meetbot.sqlite3")
    async with session_in(room, engines, tmp_path):
        room.join(ANNA)
        room.speak(ANNA, spoken(call[: round(1.6 * SAMPLE_RATE)]))
        await until(lambda: room.finals, 60)
    assert "Diane" in room.finals[-1].text
