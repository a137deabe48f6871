from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from meetbot.core.errors import EngineError
from meetbot.engines.tts.router import VoiceRouter
from meetbot.personas import Persona
from meetbot.session.answering import Answers
from unit.conversation.fakes import WritingModel
from unit.hearing.fakes import played, silence, speech
from unit.talking.fakes import HummingSynthesizer, KeepingFace

from .fakes import ANNA, BORIS, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from meetbot.core.ports import LanguageModel
    from meetbot.core.voice import Portrait
    from meetbot.store import Store

pytestmark = pytest.mark.virtual_time


class StandingFace:
    name = "standing"

    async def prepare(
        self, portrait: Portrait, folder: Path, progress: Callable[[float], None]
    ) -> None:
        raise AssertionError("a session prepares no face")

    async def open(self, folder: Path) -> KeepingFace:
        return KeepingFace()


class EmptyCache:
    async def get(self, key: str) -> bytes | None:
        return None

    async def put(self, key: str, value: bytes) -> None:
        pass

    async def close(self) -> None:
        pass


def answering(text: str = "That is fine.", spare: LanguageModel | None = None) -> Answers:
    async def load_spare() -> LanguageModel:
        assert spare is not None
        return spare

    model = WritingModel(text if spare is None else "")
    if spare is not None:
        model.error = EngineError("the server is gone")
    return Answers(
        model=model,
        load_spare=load_spare if spare is not None else None,
        voices=VoiceRouter({"": ("hum", HummingSynthesizer())}),
        face=StandingFace(),
        persona=Persona("1", "Meetbot", "", Path()),
        cache=EmptyCache(),
    )


async def test_a_question_in_the_chat_is_answered_aloud_and_kept(
    store: Store, tmp_path: Path
) -> None:
    scene = Scene(store, tmp_path, answers=answering())
    async with scene.running():
        scene.room.join(ANNA)
        scene.room.join(BORIS)
        scene.room.write(ANNA, "Meetbot, is this fine?")
        await asyncio.sleep(5)
    (answer,) = scene.room.answers
    assert answer.text == "That is fine."
    assert scene.room.kept[-1]
    assert scene.room.seconds_of_sound == pytest.approx(0.76, abs=0.05)
    assert [u.text for u in await scene.stored() if u.participant.is_bot] == ["That is fine."]


async def test_a_single_person_is_answered_without_calling_the_bot(
    store: Store, tmp_path: Path
) -> None:
    scene = Scene(store, tmp_path, answers=answering())
    async with scene.running():
        scene.room.join(ANNA)
        scene.room.speak(ANNA, played(silence(0.5), speech(2), silence(6)))
        await asyncio.sleep(8)
    assert [caption.text for caption in scene.room.answers] == ["That is fine."]
    assert scene.metrics.summary("answer.taken_s") is not None
    assert scene.metrics.summary("talking.question_to_sound_s") is not None


async def test_what_was_said_of_an_answer_when_the_bot_leaves_is_kept(
    store: Store, tmp_path: Path
) -> None:
    scene = Scene(store, tmp_path, answers=answering("one two three four five six. " * 10))
    async with scene.running():
        scene.room.join(ANNA)
        scene.room.write(ANNA, "Count, please.")
        await asyncio.sleep(3)
    (answer,) = scene.room.answers
    assert answer.text.startswith("one two three")
    assert len(answer.text.split()) < 20
    assert [u.text for u in await scene.stored() if u.participant.is_bot] == [answer.text]


async def test_a_spare_model_answers_where_the_first_is_gone_and_says_so(
    store: Store, tmp_path: Path
) -> None:
    scene = Scene(store, tmp_path, answers=answering(spare=WritingModel("I stand in.")))
    async with scene.running():
        scene.room.join(ANNA)
        scene.room.write(ANNA, "Who is there?")
        await asyncio.sleep(5)
    assert [caption.text for caption in scene.room.answers] == ["I stand in."]
    assert any("the server is gone" in notice for notice in scene.room.notices)


async def test_a_bot_that_only_listens_shows_no_face(store: Store, tmp_path: Path) -> None:
    scene = Scene(store, tmp_path)
    async with scene.running():
        scene.room.join(ANNA)
        scene.room.write(ANNA, "Meetbot, are you there?")
        await asyncio.sleep(3)
    assert scene.room.answers == []
    assert scene.room.moments == []
