"""A persona is prepared once: from a photo and samples to something that can talk."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image

from meetbot.core.errors import EngineError, InputError
from meetbot.core.voice import Voice
from meetbot.personas import PersonaDirectory, load_persona
from meetbot.personas.photo import Photo
from meetbot.personas.preparing import Draft, Workshop, prepare_persona
from meetbot.store import Store
from support.caches import MemoryCache
from support.personas import ColourFace, KnowingFinder, LevelActivity, ToneSynthesizer, face_at
from support.voices import PitchEncoder, pitch_scorer, tone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.personas.preparing import Stage


@pytest.fixture(autouse=True)
def _pitch_is_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meetbot.people.enrolment.load_scorer", lambda _model: pitch_scorer())


@pytest_asyncio.fixture
async def directory(tmp_path: Path) -> AsyncIterator[PersonaDirectory]:
    async with await Store.open(tmp_path) as store:
        yield PersonaDirectory(store, tmp_path / "personas")


def photo(shade: int = 90) -> Photo:
    file = io.BytesIO()
    Image.new("RGB", (600, 600), (shade, 120, 150)).save(file, "PNG")
    return Photo.of("me.png", file.getvalue())


def sample(pitch: float = 240.0) -> NDArray[np.float32]:
    sound = tone(pitch, 6)
    at = np.arange(len(sound)) / 16_000
    return np.where(at % 1 < 0.75, sound, 0.001 * sound).astype(np.float32)


def workshop(**parts: object) -> Workshop:
    given: dict[str, object] = {
        "finder": KnowingFinder(face_at(180, 180, 200)),
        "face": ColourFace(),
        "size": 128,
        "upscaler": None,
        "encoder": PitchEncoder(),
        "voice_activity": LevelActivity(),
        "synthesizers": {"tone": (ToneSynthesizer({"low": 120.0, "high": 240.0}), "en")},
        "cache": MemoryCache(),
    }
    return Workshop(**{**given, **parts})  # type: ignore[arg-type]


def draft(name: str = "Anna", **parts: object) -> Draft:
    made = Draft(name, "Kind and brief.", photo(), "she agreed", {"a.wav": sample()})
    return replace(made, **parts)


def files(folder: Path) -> list[str]:
    """All that lies under a folder."""
    return sorted(str(path) for path in folder.rglob("*") if path.is_file())


class Progress:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Stage, float]] = []

    def __call__(self, stage: Stage, share: float) -> None:
        self.told.append((stage, share))


async def test_a_persona_is_ready_to_talk(directory: PersonaDirectory) -> None:
    parts, progress = workshop(), Progress()
    made = await prepare_persona(draft(), directory, parts, progress)
    assert made.notes == ()
    assert made.persona.voice_hz == pytest.approx(240, rel=0.02)
    anna = await load_persona("anna", directory, parts.face, 128)
    assert (anna.name, anna.prompt) == ("Anna", "Kind and brief.")
    assert anna.face_folder == made.face_folder
    assert await asyncio.to_thread((anna.face_folder / "colour").is_file)
    assert anna.voices["tone"].name == "high"
    assert anna.voices["tone"].reference is None
    assert list(dict.fromkeys(stage for stage, _ in progress.told)) == [
        "photo", "face", "voice", "likeness",
    ]  # fmt: skip
    assert all((["photo", "face", "voice", "likeness"][i], 1) in progress.told for i in range(4))


async def test_a_photo_is_prepared_once(directory: PersonaDirectory) -> None:
    finder, face = KnowingFinder(face_at(180, 180, 200)), ColourFace()
    parts = workshop(finder=finder, face=face)
    await prepare_persona(draft("Anna"), directory, parts)
    asked = finder.asked
    await prepare_persona(draft("Anna, formal"), directory, parts)
    assert (finder.asked, face.prepared) == (asked, 1)


class Counting(LevelActivity):
    """Counts how often it is listened with."""

    opened = 0

    def open(self) -> LevelActivity:
        self.opened += 1
        return super().open()


async def test_the_same_samples_are_heard_once(directory: PersonaDirectory) -> None:
    activity = Counting()
    parts = workshop(voice_activity=activity)
    first = await prepare_persona(draft("Anna"), directory, parts)
    second = await prepare_persona(draft("Anna, formal"), directory, parts)
    assert activity.opened == 1
    assert second.persona.voice_hz == first.persona.voice_hz
    assert second.persona.voices == first.persona.voices
    await prepare_persona(draft("Boris", sounds={"b": sample(120)}), directory, parts)
    assert activity.opened == 2


async def test_another_face_engine_prepares_anew_without_the_photo(
    directory: PersonaDirectory,
) -> None:
    await prepare_persona(draft(), directory, workshop())
    newer, told = ColourFace("colour-2"), list[float]()
    for _ in range(2):
        await load_persona("Anna", directory, newer, 128, progress=told.append)
    assert newer.prepared == 1
    assert told == [0.5, 1.0]


async def test_another_size_is_made_from_the_kept_portrait(directory: PersonaDirectory) -> None:
    await prepare_persona(draft(), directory, workshop())
    face = ColourFace()
    persona = await load_persona("Anna", directory, face, 256)
    assert face.prepared == 1
    assert persona.face_folder.name.startswith("256-")


async def test_a_persona_without_samples_speaks_with_the_engines_voices(
    directory: PersonaDirectory,
) -> None:
    parts = workshop()
    made = await prepare_persona(draft(sounds={}), directory, parts)
    assert made.persona.voice_model is None
    assert (await load_persona("Anna", directory, parts.face, 128)).voices == {}


class Cloning(ToneSynthesizer):
    """A synthesizer that writes down what it was given."""

    async def clone(
        self, samples: Sequence[NDArray[np.float32]], sample_rate: int, folder: Path
    ) -> None:
        text = f"{len(samples)} at {sample_rate}"
        await asyncio.to_thread((folder / "latents").write_text, text)


async def test_an_engine_that_clones_does_so_once(directory: PersonaDirectory) -> None:
    parts = workshop(synthesizers={"xtts": (Cloning({"any": 120.0}), "en")})
    await prepare_persona(draft(), directory, parts)
    voice = (await load_persona("Anna", directory, parts.face, 128)).voices["xtts"]
    assert voice.reference is not None
    latents = voice.reference / "latents"
    assert await asyncio.to_thread(latents.read_text) == "1 at 16000"
    await directory.remove("Anna")
    assert not await asyncio.to_thread(voice.reference.exists)


async def test_an_engine_that_breaks_is_left_its_own_voice(directory: PersonaDirectory) -> None:
    broken = ToneSynthesizer({"low": 120.0}, broken=("low",))
    made = await prepare_persona(
        draft(), directory, workshop(synthesizers={"tone": (broken, "en")})
    )
    assert made.persona.voices == ()
    assert "tone" in made.notes[0]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": "default"}, "comes with the program"),
        ({"prompt": "x" * 5_000}, "4000 at most"),
        ({"consent": " "}, "nobody has agreed"),
        ({"photo": Photo.of("me.png", b"text")}, "is text"),
        ({"sounds": {"a.wav": np.zeros(64_000, np.float32)}}, "a.wav is silent"),
    ],
    ids=["name", "prompt", "consent", "photo", "voice"],
)
async def test_nothing_is_kept_where_something_is_wrong(
    directory: PersonaDirectory, tmp_path: Path, changed: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        await prepare_persona(draft(**changed), directory, workshop())
    assert await directory.personas() == ()
    assert await asyncio.to_thread(files, tmp_path / "personas") == []


async def test_a_face_in_use_stays_when_another_persona_fails(directory: PersonaDirectory) -> None:
    parts = workshop()
    await prepare_persona(draft(), directory, parts)
    silent = {"b.wav": np.zeros(64_000, np.float32)}
    with pytest.raises(InputError, match="silent"):
        await prepare_persona(draft("Boris", sounds=silent), directory, parts)
    assert (await load_persona("Anna", directory, parts.face, 128)).face_folder.name
    assert parts.face.prepared == 1  # type: ignore[attr-defined]


async def test_a_face_engine_that_fails_leaves_nothing_behind(
    directory: PersonaDirectory, tmp_path: Path
) -> None:
    with pytest.raises(EngineError, match="no paint left"):
        await prepare_persona(draft(), directory, workshop(face=ColourFace(fails=True)))
    assert await directory.personas() == ()
    assert await asyncio.to_thread(files, tmp_path / "personas") == []
    made = await prepare_persona(draft(), directory, workshop())
    assert made.persona.name == "Anna"


async def test_a_new_face_engine_that_fails_leaves_the_old_face(
    directory: PersonaDirectory, tmp_path: Path
) -> None:
    parts = workshop()
    await prepare_persona(draft(), directory, parts)
    before = await asyncio.to_thread(files, tmp_path / "personas")
    with pytest.raises(EngineError, match="no paint left"):
        await load_persona("Anna", directory, ColourFace("colour-2", fails=True), 128)
    assert await asyncio.to_thread(files, tmp_path / "personas") == before


async def test_the_default_persona_is_prepared_once_in_the_cache(
    directory: PersonaDirectory, tmp_path: Path
) -> None:
    face = ColourFace()
    for name in ("default", "Default"):
        persona = await load_persona(name, directory, face, 128, cache=tmp_path / "cache")
    assert face.prepared == 1
    assert persona.face_folder.is_relative_to(tmp_path / "cache")
    assert persona.voices["hibari"] == Voice("heart")
    assert "friendly" in persona.prompt
    assert "по-русски" in persona.prompt


async def test_a_persona_nobody_made_is_said_so(directory: PersonaDirectory) -> None:
    with pytest.raises(InputError, match="no persona is called 'Anna'; see: meetbot persona list"):
        await load_persona("Anna", directory, ColourFace(), 128)


async def test_a_persona_whose_files_are_gone_says_what_to_do(directory: PersonaDirectory) -> None:
    made = await prepare_persona(draft(), directory, workshop())
    await asyncio.to_thread(directory.face(made.persona.photo, 128).remove)
    with pytest.raises(InputError, match="add it again"):
        await load_persona("Anna", directory, ColourFace(), 128)
