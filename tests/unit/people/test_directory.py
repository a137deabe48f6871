"""Operations on people, on real SQLite files."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
import pytest_asyncio
from sqlalchemy import update

from meetbot.core.clock import wall_now
from meetbot.core.errors import InputError
from meetbot.core.types import Participant, Speaker, Utterance
from meetbot.people import PeopleDirectory
from meetbot.people.colours import PALETTE, distance, next_colour
from meetbot.people.rows import MAX_PRINTS
from meetbot.store import Store
from meetbot.store.schema import EmbeddingRow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from numpy.typing import NDArray

MODEL = "model-1"


def prints(seed: int, count: int = 2) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((count, 256)).astype(np.float32)


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def directory(store: Store) -> PeopleDirectory:
    return PeopleDirectory(store)


async def someone(directory: PeopleDirectory, name: str | None, seed: int = 1) -> Speaker:
    return await directory.create(name, MODEL, prints(seed), seconds=1.6)


async def speak(store: Store, speaker: Speaker, text: str = "words") -> str:
    meeting = await store.begin_meeting("room")
    device = Participant("device-1", speaker.name)
    await store.commit_utterance(meeting, Utterance(text, device, speaker, text, "en", 0, 1))
    return meeting


async def test_new_voices_without_a_name_are_numbered_guests(directory: PeopleDirectory) -> None:
    names = [(await someone(directory, None)).name for _ in range(3)]
    assert names == ["Guest 1", "Guest 2", "Guest 3"]


async def test_a_name_that_belongs_to_another_voice_is_not_given_twice(
    directory: PeopleDirectory,
) -> None:
    assert (await someone(directory, "Анна")).name == "Анна"
    assert (await someone(directory, "АННА ", 2)).name == "Guest 1"


async def test_someone_named_whose_prints_have_expired_gets_new_ones(
    directory: PeopleDirectory, store: Store
) -> None:
    first = await someone(directory, "Ann")
    await _age(store)
    assert await directory.purge(30) == 2
    assert await directory.voices(MODEL) == ()
    assert await someone(directory, "ann", 2) == first


async def test_prints_of_another_model_are_never_handed_out(directory: PeopleDirectory) -> None:
    await someone(directory, "Ann")
    (known,) = await directory.voices(MODEL)
    assert np.array_equal(known.prints, prints(1))
    assert await directory.voices("model-2") == ()


async def test_at_most_twenty_prints_are_kept_and_enrolled_ones_stay(
    directory: PeopleDirectory,
) -> None:
    speaker = await directory.enrol("Ann", MODEL, prints(1, 5), seconds=1.6)
    for seed in range(2, 12):
        await directory.add_prints(speaker.person_id, MODEL, prints(seed, 4), seconds=1.6)
    (known,) = await directory.voices(MODEL)
    assert len(known.prints) == MAX_PRINTS
    assert np.array_equal(known.prints[:5], prints(1, 5))
    assert np.array_equal(known.prints[-4:], prints(11, 4))


async def test_a_new_name_shows_in_old_transcripts(
    directory: PeopleDirectory, store: Store
) -> None:
    meeting = await speak(store, await someone(directory, None))
    await directory.rename("guest 1", " Борис\n")
    (said,) = await store.utterances(meeting)
    assert said.speaker is not None
    assert said.speaker.name == "Борис"


async def test_a_name_in_use_is_refused_with_the_command_to_merge(
    directory: PeopleDirectory,
) -> None:
    await someone(directory, "Ann")
    await someone(directory, "Bob", 2)
    with pytest.raises(InputError, match=r"people merge 'Bob' 'Ann'"):
        await directory.rename("Bob", "ann")


@pytest.mark.parametrize("name", ["", " \t\n", "x" * 65])
async def test_a_name_must_have_one_to_64_characters(directory: PeopleDirectory, name: str) -> None:
    await someone(directory, "Ann")
    with pytest.raises(InputError, match="64"):
        await directory.rename("Ann", name)


async def test_merging_moves_prints_presets_and_what_was_said(
    directory: PeopleDirectory, store: Store
) -> None:
    guest, ann = await someone(directory, None), await someone(directory, "Ann", 2)
    meeting = await speak(store, guest)
    await directory.set_presets("Guest 1", {"style": "oil", "size": "large"})
    await directory.set_presets("Ann", {"style": "ink", "size": None})
    assert await directory.merge("Guest 1", "Ann") == ann
    person = await directory.find("Ann")
    assert person.prints == ((MODEL, 4),)
    assert dict(person.presets) == {"style": "ink", "size": "large"}
    assert [u.speaker for u in await store.utterances(meeting)] == [ann]
    with pytest.raises(InputError, match="Guest 1"):
        await directory.find("Guest 1")


async def test_what_one_says_after_being_merged_is_the_others(
    directory: PeopleDirectory, store: Store
) -> None:
    guest, ann = await someone(directory, None), await someone(directory, "Ann", 2)
    await directory.merge("Guest 1", "Ann")
    assert [u.speaker for u in await store.utterances(await speak(store, guest))] == [ann]


async def test_forgetting_leaves_no_byte_of_the_voice_or_the_name(
    directory: PeopleDirectory, store: Store, tmp_path: Path
) -> None:
    speaker = await someone(directory, "Zinaida Unforgettable", 7)
    meeting = await speak(store, speaker)
    await directory.set_presets(speaker.name, {"likes": "chrysanthemums"})
    secrets = [row.tobytes() for row in prints(7)]
    secrets += [b"Zinaida Unforgettable", b"zinaida unforgettable", b"chrysanthemums"]
    assert all(secret in _bytes(tmp_path) for secret in secrets)
    await directory.forget("zinaida unforgettable")
    assert not [secret for secret in secrets if secret in _bytes(tmp_path)]
    (said,) = await store.utterances(meeting)
    assert (said.text, said.speaker, said.participant.name) == ("words", None, "")
    assert await directory.people() == ()


async def test_forgetting_with_words_deletes_what_was_said(
    directory: PeopleDirectory, store: Store, tmp_path: Path
) -> None:
    meeting = await speak(store, await someone(directory, "Ann"), "an embarrassing remark")
    await directory.forget("Ann", words=True)
    assert await store.utterances(meeting) == ()
    assert b"an embarrassing remark" not in _bytes(tmp_path)


async def test_what_is_committed_after_forgetting_bears_no_name(
    directory: PeopleDirectory, store: Store
) -> None:
    ann, guest = await someone(directory, "Ann"), await someone(directory, None, 2)
    await directory.merge("Guest 1", "Ann")
    await directory.forget("Ann")
    for speaker in (ann, guest):
        (said,) = await store.utterances(await speak(store, speaker, speaker.person_id))
        assert said.speaker is None


async def test_only_prints_not_used_for_long_expire(
    directory: PeopleDirectory, store: Store, tmp_path: Path
) -> None:
    await someone(directory, "Ann", 7)
    await _age(store)
    await someone(directory, "Bob", 8)
    assert await directory.purge(30) == 2
    assert [voice.speaker.name for voice in await directory.voices(MODEL)] == ["Bob"]
    assert [person.name for person in await directory.people()] == ["Ann", "Bob"]
    assert prints(7)[0].tobytes() not in _bytes(tmp_path)


async def test_being_heard_keeps_prints_from_expiring(
    directory: PeopleDirectory, store: Store
) -> None:
    ann = await someone(directory, "Ann")
    await _age(store)
    await directory.heard(ann.person_id, MODEL)
    assert await directory.purge(30) == 0


async def test_the_audit_tells_what_was_done_and_names_nobody(
    directory: PeopleDirectory,
) -> None:
    ann = await directory.enrol("Ann", MODEL, prints(1), seconds=1.6)
    guest = await someone(directory, None, 2)
    await directory.merge("Guest 1", "Ann")
    await directory.forget("Ann")
    done = await directory.audit()
    assert [(e.person_id, e.action) for e in done] == [
        (ann.person_id, "enrolled"),
        (guest.person_id, "created"),
        (guest.person_id, "merged"),
        (ann.person_id, "forgotten"),
    ]
    assert not [e for e in done if "Ann" in e.basis]


async def test_history_is_what_someone_said_the_latest_meeting_first(
    directory: PeopleDirectory, store: Store
) -> None:
    ann = await someone(directory, "Ann")
    for text in ("first", "second"):
        await speak(store, ann, text)
    assert [said.text for said in await directory.history("Ann")] == ["second", "first"]


async def test_every_change_to_people_is_noticed_by_another_program(
    directory: PeopleDirectory, tmp_path: Path
) -> None:
    async with await Store.open(tmp_path) as other:
        theirs = PeopleDirectory(other)
        seen = [await theirs.revision()]
        await someone(directory, "Ann")
        seen.append(await theirs.revision())
        await directory.rename("Ann", "Anna")
        seen.append(await theirs.revision())
        await directory.forget("Anna")
        seen.append(await theirs.revision())
    assert seen == sorted(set(seen))


def test_people_get_colours_that_differ_and_can_be_read_on_dark() -> None:
    colours: list[str] = []
    for _ in range(16):
        colours.append(next_colour(colours))
    assert len(set(colours)) == 16
    assert colours[: len(PALETTE)] == list(PALETTE)
    assert min(distance(a, b) for a in PALETTE for b in PALETTE if a != b) > 60
    assert min(_contrast(colour, "#10141c") for colour in colours) > 4.5


def _contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


async def _age(store: Store) -> None:

    then = wall_now() - timedelta(days=40)
    await store.database.write(lambda s: s.execute(update(EmbeddingRow).values(used_at=then)))


def _bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
