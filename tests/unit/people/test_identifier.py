"""The rules of naming, with voices made by a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import pytest_asyncio

from meetbot.core.errors import ConfigError
from meetbot.core.types import Participant, SpeakerSpan, Word
from meetbot.people import PeopleDirectory, VoiceIdentifier
from meetbot.store import Store
from support.voices import PitchEncoder, pitch_scorer, silence, tone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from numpy.typing import NDArray

ANN = Participant("ann-laptop", "Ann")
ROOM = Participant("room", "Meeting room", shared_microphone=True)
LOW, HIGH, MIDDLE = 120.0, 360.0, 240.0


@pytest_asyncio.fixture
async def directory(tmp_path: Path) -> AsyncIterator[PeopleDirectory]:
    async with await Store.open(tmp_path) as store:
        yield PeopleDirectory(store)


def identifier(directory: PeopleDirectory) -> VoiceIdentifier:
    return VoiceIdentifier(PitchEncoder(), directory, scorer=pitch_scorer())


def turn(*parts: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.concatenate([silence(0.2), *parts, silence(0.2)])


def names(spans: tuple[SpeakerSpan, ...]) -> list[str | None]:
    return [span.speaker.name if span.speaker else None for span in spans]


async def test_the_first_voice_on_someones_own_microphone_bears_their_name(
    directory: PeopleDirectory,
) -> None:
    who = identifier(directory)
    spans = await who.attribute(turn(tone(LOW, 3)), participant=ANN)
    assert names(spans) == ["Ann"]
    assert names(await who.attribute(turn(tone(HIGH, 3)), participant=ANN)) == ["Guest 1"]
    assert names(await who.attribute(turn(tone(LOW, 2, 5)), participant=ANN)) == ["Ann"]


async def test_nobody_at_a_shared_microphone_bears_its_name(directory: PeopleDirectory) -> None:
    who = identifier(directory)
    spoken = [await who.attribute(turn(tone(p, 3)), participant=ROOM) for p in (LOW, HIGH, LOW)]
    assert [names(spans) for spans in spoken] == [["Guest 1"], ["Guest 2"], ["Guest 1"]]


async def test_one_voice_on_two_devices_is_one_person(directory: PeopleDirectory) -> None:
    who = identifier(directory)
    await who.attribute(turn(tone(LOW, 4)), participant=ANN)
    spans = await who.attribute(turn(tone(LOW, 4, 3)), participant=ROOM)
    assert names(spans) == ["Ann"]
    assert names(await who.attribute(turn(tone(HIGH, 4)), participant=ROOM)) == ["Guest 1"]
    assert len(await directory.people()) == 2


async def test_a_roster_name_that_belongs_to_another_voice_is_not_taken(
    directory: PeopleDirectory,
) -> None:
    await identifier(directory).attribute(turn(tone(LOW, 4)), participant=ANN)
    impostor = Participant("another", "ann")
    spans = await identifier(directory).attribute(turn(tone(HIGH, 4)), participant=impostor)
    assert names(spans) == ["Guest 1"]


async def test_a_voice_is_known_again_in_the_next_meeting(directory: PeopleDirectory) -> None:
    await identifier(directory).attribute(turn(tone(LOW, 4)), participant=ANN)
    spans = await identifier(directory).attribute(turn(tone(LOW, 4, 2)), participant=ROOM)
    assert names(spans) == ["Ann"]


@pytest.mark.parametrize("with_words", [True, False])
async def test_a_turn_of_two_voices_is_cut_between_them(
    directory: PeopleDirectory, *, with_words: bool
) -> None:
    audio = turn(tone(LOW, 3), silence(0.3), tone(HIGH, 3))
    words = tuple(
        Word("word", start * 10**6, (start + 280) * 10**6)
        for start in [*range(200, 3200, 300), *range(3500, 6500, 300)]
    )
    spans = await identifier(directory).attribute(
        audio, participant=ROOM, words=words if with_words else ()
    )
    assert names(spans) == ["Guest 1", "Guest 2"]
    assert [spans[0].start, spans[-1].end] == [0, len(audio)]
    assert spans[0].end == spans[1].start
    assert spans[0].end / 16_000 == pytest.approx(3.35, abs=0.25)


async def test_too_little_sound_is_left_unnamed_and_creates_nobody(
    directory: PeopleDirectory,
) -> None:
    who = identifier(directory)
    for audio in (silence(3), turn(tone(LOW, 0.3)), turn(tone(LOW, 1.0)), silence(0)):
        assert names(await who.attribute(audio, participant=ANN)) == [None]
    assert await directory.people() == ()


async def test_a_guess_names_those_known_and_creates_nobody(directory: PeopleDirectory) -> None:
    who = identifier(directory)
    assert await who.guess(tone(LOW, 3), participant=ANN) is None
    (span,) = await who.attribute(turn(tone(LOW, 4)), participant=ANN)
    assert await who.guess(tone(LOW, 2, 3), participant=ANN) == span.speaker
    assert await who.guess(tone(HIGH, 2), participant=ANN) is None
    assert await who.guess(tone(LOW, 0.5), participant=ANN) is None
    assert len(await directory.people()) == 1


async def test_what_is_done_to_people_counts_in_the_meeting_that_runs(
    directory: PeopleDirectory,
) -> None:
    who = identifier(directory)
    await who.attribute(turn(tone(LOW, 4)), participant=ROOM)
    await directory.rename("Guest 1", "Борис")
    assert names(await who.attribute(turn(tone(LOW, 4, 2)), participant=ROOM)) == ["Борис"]
    await directory.forget("Борис")
    assert names(await who.attribute(turn(tone(LOW, 4, 3)), participant=ROOM)) == ["Guest 1"]


async def test_one_who_was_merged_is_heard_under_the_other_name(
    directory: PeopleDirectory,
) -> None:
    who = identifier(directory)
    await who.attribute(turn(tone(LOW, 4)), participant=ROOM)
    hoarse = tone(LOW, 4) + tone(MIDDLE, 4)
    assert names(await who.attribute(turn(hoarse), participant=ROOM)) == ["Guest 2"]
    await directory.merge("Guest 2", "Guest 1")
    again = await who.attribute(turn(hoarse), participant=ROOM)
    assert names(again) == ["Guest 1"]
    assert [person.name for person in await directory.people()] == ["Guest 1"]


async def test_an_encoder_without_a_calibration_is_a_config_error(
    directory: PeopleDirectory,
) -> None:
    who = VoiceIdentifier(PitchEncoder(), directory)
    with pytest.raises(ConfigError, match="calibrate_speakers"):
        await who.attribute(turn(tone(LOW, 3)), participant=ANN)
