from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from meetbot.core.errors import EngineError, RoomLost, RoomRefused
from meetbot.core.types import Participant
from unit.hearing.fakes import (
    CountingRecognizer,
    FixedTurn,
    LoudnessActivity,
    LoudnessVoice,
    played,
    silence,
    speech,
)

from .fakes import ANNA, BORIS, FakeRoom, Scene

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.core.types import AudioFrame, Recognition
    from meetbot.store import Store

pytestmark = pytest.mark.virtual_time


async def test_every_final_is_on_the_disk_before_it_is_announced(
    store: Store, tmp_path: Path
) -> None:
    scene = Scene(store, tmp_path)
    async with scene.running():
        for who in (ANNA, BORIS):
            scene.room.join(who)
            scene.room.speak(who, played(*[speech(1), silence(1)] * 4))
        await asyncio.sleep(10)
    assert scene.room.kept == [True] * 8
    assert {c.utterance_id for c in scene.room.finals} == {u.id for u in await scene.stored()}


async def test_leaving_keeps_and_announces_what_was_said_so_far(
    store: Store, tmp_path: Path
) -> None:
    scene = Scene(store, tmp_path)
    async with scene.running():
        scene.room.join(ANNA)
        scene.room.speak(ANNA, played(silence(0.5), speech(30)))
        await asyncio.sleep(4)
    (final,) = scene.room.finals
    assert final.end_ns == pytest.approx(4e9, abs=1e8)
    assert scene.room.notices[-1] == "The bot is leaving."
    assert scene.room.left
    (meeting,) = await store.meetings()
    assert meeting.ended_at is not None


async def test_a_lost_room_ends_the_session_with_its_last_words_kept(
    store: Store, tmp_path: Path
) -> None:
    scene = Scene(store, tmp_path)
    running = asyncio.create_task(scene.session.run())
    scene.room.join(ANNA)
    scene.room.speak(ANNA, played(speech(30)))
    await asyncio.sleep(3)
    scene.room.lose()
    with pytest.raises(RoomLost, match="the room is gone"):
        await running
    (utterance,) = await scene.stored()
    assert utterance.end_ns == pytest.approx(3e9, abs=1e8)


async def test_a_refused_room_leaves_no_meeting_behind(store: Store, tmp_path: Path) -> None:
    class ClosedRoom(FakeRoom):
        async def __aenter__(self) -> ClosedRoom:
            raise RoomRefused("the token is wrong")

    scene = Scene(store, tmp_path)
    scene.session._room = ClosedRoom(tmp_path / "meetbot.sqlite3")
    with pytest.raises(RoomRefused):
        await scene.session.run()
    assert await store.meetings() == ()


async def test_one_who_vanishes_in_mid_sentence_is_kept_as_far_as_heard(
    store: Store, tmp_path: Path
) -> None:
    async def cut_off() -> AsyncIterator[AudioFrame]:
        async for frame in played(speech(2)):
            yield frame
        await asyncio.sleep(600)

    scene = Scene(store, tmp_path)
    async with scene.running():
        scene.room.join(ANNA)
        scene.room.speak(ANNA, cut_off())
        await asyncio.sleep(5)
        (final,) = scene.room.finals
        scene.room.depart(ANNA, "lost")
        await asyncio.sleep(1)
    assert final.end_ns == pytest.approx(2e9, abs=1e8)
    assert len(scene.room.finals) == 1


async def test_one_who_comes_back_is_heard_on(store: Store, tmp_path: Path) -> None:
    scene = Scene(store, tmp_path)
    async with scene.running():
        scene.room.join(ANNA)
        scene.room.speak(ANNA, played(speech(1), silence(1)))
        await asyncio.sleep(5)
        scene.room.speak(ANNA, played(speech(1), silence(1), start=5))
        await asyncio.sleep(9)
    assert [round(c.start_ns / 1e9) for c in scene.room.finals] == [0, 5]
    assert {c.participant.id for c in scene.room.finals} == {ANNA.id}


async def test_a_bot_does_not_hear_another_bot(store: Store, tmp_path: Path) -> None:
    scene = Scene(store, tmp_path)
    other = Participant("9", "Other (AI)", is_bot=True)
    async with scene.running():
        for who in (other, ANNA):
            scene.room.join(who)
            scene.room.speak(who, played(speech(2), silence(1)))
        await asyncio.sleep(5)
    assert [c.participant for c in scene.room.finals] == [ANNA]


class CrashingRecognizer(CountingRecognizer):
    """Breaks ``times`` times, in a way that no engine should."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def recognize(
        self, audio: NDArray[np.float32], *, language: str | None = None, words: bool = False
    ) -> Recognition:
        if self.times:
            self.times -= 1
            raise KeyError("a bug")
        return await super().recognize(audio, language=language, words=words)


@pytest.mark.parametrize("broken", [CountingRecognizer(breaks=1), CrashingRecognizer(1)])
async def test_a_recognizer_that_crashes_once_is_made_anew_and_the_meeting_goes_on(
    broken: CountingRecognizer, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[CountingRecognizer] = []

    async def load(*_: object) -> CountingRecognizer:
        made.append(CountingRecognizer())
        return made[-1]

    monkeypatch.setattr("meetbot.session.session.load_recognizer", load)
    scene = Scene(store, tmp_path, recognizer=broken)
    async with scene.running():
        scene.room.join(ANNA)
        scene.room.speak(ANNA, played(speech(1), silence(1), speech(1), silence(1)))
        await asyncio.sleep(8)
    assert len(scene.room.finals) == 2
    assert len(made) == 1
    assert len(made[0].heard) == 2
    assert "Speech recognition stopped and is being restarted" in scene.room.notices[0]
    (meeting,) = await store.meetings()
    assert [event.kind for event in await store.events(meeting.id)] == ["trouble"]


async def test_a_recognizer_that_stays_broken_loses_words_but_not_the_meeting(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = CrashingRecognizer(1_000)

    async def load(*_: object) -> CountingRecognizer:
        raise EngineError("no memory left")

    monkeypatch.setattr("meetbot.session.session.load_recognizer", load)
    scene = Scene(store, tmp_path, recognizer=broken)
    async with scene.running():
        scene.room.join(ANNA)
        scene.room.speak(ANNA, played(speech(3), silence(1), silence(9), speech(3), silence(1)))
        await asyncio.sleep(8)
        said = "\n".join(scene.room.notices)
        assert "What Anna just said could not be recognised" in said
        assert "no memory left" in said
        broken.times = 0
        await asyncio.sleep(12)
    (final,) = scene.room.finals
    assert final.start_ns == pytest.approx(13e9, abs=1e8)


class FalteringVoice(LoudnessVoice):
    """Breaks once, in the middle of what is said second."""

    def probability(self, window: NDArray[np.float32]) -> float:
        found = super().probability(window)
        if self.calls == 60:
            raise ValueError("a bug in the voice activity detector")
        return found


class FalteringActivity(LoudnessActivity):
    def open(self) -> LoudnessVoice:
        self.opened.append(LoudnessVoice() if self.opened else FalteringVoice())
        return self.opened[-1]


async def test_a_microphone_that_fails_keeps_what_was_said_and_is_heard_again(
    store: Store, tmp_path: Path
) -> None:
    scene = Scene(store, tmp_path, voice_activity=FalteringActivity())
    room = scene.room
    async with scene.running():
        room.join(ANNA)
        sound = played(speech(3), silence(1), speech(2), silence(1))
        room.speak(ANNA, _as_a_connector_gives_it(sound))
        await asyncio.sleep(10)
    assert "Hearing Anna failed and is being restarted: a bug" in room.notices[0]
    cut, rest, after = room.finals
    assert cut.end_ns == pytest.approx(60 * 0.032e9, abs=1e8)
    assert rest.end_ns == pytest.approx(3e9, abs=1e8)
    assert after.start_ns == pytest.approx(4e9, abs=1e8)


def _as_a_connector_gives_it(sound: AsyncIterator[AudioFrame]) -> AsyncIterator[AudioFrame]:
    """A stream that can be read on after its reader broke, as a channel can."""

    class Stream:
        def __aiter__(self) -> Stream:
            return self

        async def __anext__(self) -> AudioFrame:
            return await asyncio.shield(asyncio.ensure_future(anext(sound)))

    return Stream()


async def test_without_an_end_of_turn_detector_captions_come_later_and_it_is_said_once(
    store: Store, tmp_path: Path
) -> None:
    class BrokenTurn(FixedTurn):
        async def completion(self, audio: NDArray[np.float32]) -> float:
            raise RuntimeError("a bug")

    scene = Scene(store, tmp_path, turn_detector=BrokenTurn())
    async with scene.running():
        scene.room.join(ANNA)
        scene.room.speak(ANNA, played(*[speech(1), silence(2)] * 3))
        await asyncio.sleep(10)
    assert len(scene.room.finals) == 3
    assert sum("ends of turns" in text for text in scene.room.notices) == 1


async def test_a_picture_that_fails_is_restarted_and_captions_go_on(
    store: Store, tmp_path: Path
) -> None:
    scene = Scene(store, tmp_path)
    scene.room.broken_pictures = 2
    async with scene.running():
        scene.room.join(ANNA)
        scene.room.speak(ANNA, played(speech(1), silence(1)))
        await asyncio.sleep(6)
    assert sum("The bot's picture failed" in text for text in scene.room.notices) == 2
    assert len(scene.room.finals) == 1
    assert scene.room.frames > 4


async def test_sessions_end_soon_even_when_a_recognition_never_does(
    store: Store, tmp_path: Path
) -> None:
    scene = Scene(store, tmp_path, recognizer=CountingRecognizer(seconds=100_000))
    async with scene.running():
        scene.room.join(ANNA)
        scene.room.speak(ANNA, played(speech(2), silence(2)))
        await asyncio.sleep(5)
    assert asyncio.get_running_loop().time() < 40
    assert scene.room.left
