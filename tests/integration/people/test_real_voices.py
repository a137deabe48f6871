"""Two women on one telephone channel, by the real encoder: the hardest talk there is here."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.bench.speaker import phone_talk_segments, tally
from meetbot.config import PeopleSettings
from meetbot.core.errors import InputError
from meetbot.core.types import Participant
from meetbot.engines.registry import load_engine
from meetbot.models import ModelStore
from meetbot.people import PeopleDirectory, VoiceIdentifier
from meetbot.people.enrolment import enrol
from meetbot.store import Store
from meetbot.transcribe.media import read_sound

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.core.ports import SpeakerEncoder
    from meetbot.core.types import SpeakerSpan

pytestmark = pytest.mark.model

PHONE = Participant("phone", "Phone", shared_microphone=True)
RATE = 16_000
FIRST_TURN, SECOND_TURN = (6.49, 21.69), (21.58, 30.0)


@pytest.fixture(scope="module")
def encoder() -> SpeakerEncoder:
    loaded: SpeakerEncoder = load_engine("speaker", "ge2e", ModelStore(), PeopleSettings())
    return loaded


@pytest.fixture(scope="module")
def call() -> NDArray[np.float32]:
    return read_sound(ModelStore().path("phone-talk") / "sample.wav")


@pytest.fixture(scope="module")
def segments() -> list[tuple[float, float, str]]:
    return phone_talk_segments(ModelStore())


def cut(sound: NDArray[np.float32], start: float, end: float) -> NDArray[np.float32]:
    return sound[int(start * RATE) : int(end * RATE)]


def ids(spans: tuple[SpeakerSpan, ...]) -> list[str | None]:
    return [span.speaker.person_id if span.speaker else None for span in spans]


async def test_each_segment_of_the_talk_is_named_rightly_or_left_open(
    encoder: SpeakerEncoder,
    call: NDArray[np.float32],
    segments: list[tuple[float, float, str]],
    tmp_path: Path,
) -> None:
    said = []
    async with await Store.open(tmp_path) as store:
        directory = PeopleDirectory(store)
        identifier = VoiceIdentifier(encoder, directory)
        for start, end, who in segments:
            spans = await identifier.attribute(cut(call, start, end), participant=PHONE)
            for span, name in zip(spans, ids(spans), strict=True):
                said.append((who, name, (span.end - span.start) / RATE))
        names = [person.name for person in await directory.people()]
    right, wrong, unnamed = tally(said)
    assert names == ["Guest 1", "Guest 2"]
    assert wrong == pytest.approx(0)
    assert right / (right + unnamed) >= 0.80


async def test_turns_in_which_the_two_alternate_are_cut_and_named(
    encoder: SpeakerEncoder,
    call: NDArray[np.float32],
    segments: list[tuple[float, float, str]],
    tmp_path: Path,
) -> None:
    heard: list[tuple[float, float, str | None]] = []
    async with await Store.open(tmp_path) as store:
        directory = PeopleDirectory(store)
        identifier = VoiceIdentifier(encoder, directory)
        for start, end in (FIRST_TURN, SECOND_TURN):
            spans = await identifier.attribute(cut(call, start, end), participant=PHONE)
            heard += [
                (start + span.start / RATE, start + span.end / RATE, name)
                for span, name in zip(spans, ids(spans), strict=True)
            ]
        assert len(await directory.people()) == 2
    said = [
        (who, next((n for a, b, n in heard if a <= at < b), None), 0.05)
        for at in np.arange(6.7, 30.0, 0.05)
        if len(speaking := [w for a, b, w in segments if a <= at < b]) == 1
        for who in speaking
    ]
    right, wrong, unnamed = tally(said)
    assert right / (right + wrong + unnamed) >= 0.85


async def test_a_voice_enrolled_from_a_recording_is_known_in_a_meeting(
    encoder: SpeakerEncoder, call: NDArray[np.float32], tmp_path: Path
) -> None:
    async with await Store.open(tmp_path) as store:
        directory = PeopleDirectory(store)
        await enrol(directory, encoder, "Вера", {"a.wav": cut(call, 21.8, 27.6)})
        identifier = VoiceIdentifier(encoder, directory)
        (span,) = await identifier.attribute(cut(call, 14.8, 17.9), participant=PHONE)
        assert span.speaker is not None
        assert span.speaker.name == "Вера"


@pytest.mark.parametrize(
    ("pieces", "reason"),
    [
        ({"short.wav": (21.8, 24.0)}, r"5 s or more"),
        ({"talk.wav": (10.6, 21.0)}, r"talk\.wav has more than one voice"),
        ({"quiet.wav": (0.0, 0.3)}, r"quiet\.wav has no speech"),
    ],
)
async def test_recordings_that_cannot_serve_are_refused_with_the_reason(
    encoder: SpeakerEncoder,
    call: NDArray[np.float32],
    tmp_path: Path,
    pieces: dict[str, tuple[float, float]],
    reason: str,
) -> None:
    sounds = {label: cut(call, *piece) for label, piece in pieces.items()}
    async with await Store.open(tmp_path) as store:
        directory = PeopleDirectory(store)
        with pytest.raises(InputError, match=reason):
            await enrol(directory, encoder, "Vera", sounds)
        assert await directory.people() == ()


async def test_prints_are_unit_vectors_and_do_not_depend_on_the_batch(
    encoder: SpeakerEncoder, call: NDArray[np.float32]
) -> None:
    pieces = [cut(call, 7, 8.6), cut(call, 10, 10.9), cut(call, 15, 16.6)]
    together = await encoder.embed_windows(pieces)
    alone = await asyncio.gather(*(encoder.embed_windows([piece]) for piece in pieces))
    assert np.allclose(together, np.concatenate(alone), atol=1e-5)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


async def test_broken_samples_and_scraps_of_sound_are_input_errors(
    encoder: SpeakerEncoder,
) -> None:
    with pytest.raises(InputError, match="too short"):
        await encoder.embed(np.zeros(1000, dtype=np.float32))
    with pytest.raises(InputError, match="NaN"):
        await encoder.embed(np.full(16_000, np.nan, dtype=np.float32))


@pytest.mark.parametrize("name", ["ge2e", "d-vector"])
async def test_each_encoder_finds_a_person_more_like_herself_than_like_the_other(
    name: str, call: NDArray[np.float32]
) -> None:
    loaded: SpeakerEncoder = await asyncio.to_thread(
        load_engine, "speaker", name, ModelStore(), PeopleSettings()
    )
    first, again, other = [
        await loaded.embed(cut(call, start, end))
        for start, end in ((14.9, 17.8), (22.0, 27.0), (10.9, 14.3))
    ]
    assert first @ again > first @ other + 0.05
    assert first @ again > again @ other + 0.05
