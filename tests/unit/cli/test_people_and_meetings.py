"""``meetbot people`` and ``meetbot meetings`` as a person and as a program see them."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import webvtt
from PIL import Image

from meetbot.core.types import Participant, Utterance
from meetbot.gallery import Gallery
from meetbot.people import PeopleDirectory
from meetbot.store import Store
from support.painting import picture, pixels

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

NS_PER_S = 1_000_000_000


@pytest.fixture
def meeting(tmp_path: Path) -> str:
    """One meeting, in which Guest 1 and Анна said a line each; its id."""
    return asyncio.run(_hold(tmp_path / "store"))


async def _hold(folder: Path) -> str:
    async with await Store.open(folder) as store:
        directory = PeopleDirectory(store)
        prints = np.eye(2, 256, dtype=np.float32)
        people = [
            await directory.create(name, "model-1", prints, seconds=1.6) for name in (None, "Анна")
        ]
        meeting_id = await store.begin_meeting("The room")
        device = Participant("d", "Desk", shared_microphone=True)
        for number, (speaker, text) in enumerate(zip(people, ("Hello.", "Привет!"), strict=True)):
            start = number * 2 * NS_PER_S
            said = Utterance(f"u{number}", device, speaker, text, "en", start, start + NS_PER_S)
            await store.commit_utterance(meeting_id, said)
        await store.log_event(meeting_id, "joined", "Desk")
        await store.end_meeting(meeting_id)
        return meeting_id


def test_an_empty_store_says_so_in_words_and_in_json(run: Run) -> None:
    for command, words in (("people", "nobody is known yet"), ("meetings", "no meetings yet")):
        code, out, _ = run(command, "list")
        assert (code, words in out) == (0, True)
        assert run(command, "list", "--json")[:2] == (0, "[]\n")


def test_meetings_are_listed_with_their_people(run: Run, meeting: str) -> None:
    code, out, _ = run("meetings", "list", "--json")
    (row,) = json.loads(out)
    assert code == 0
    assert (row["id"], row["room"], row["utterances"]) == (meeting, "The room", 2)
    assert row["speakers"] == ["Guest 1", "Анна"]
    assert "Анна" in run("meetings", "list")[1]


def test_a_meeting_is_shown_line_by_line(run: Run, meeting: str) -> None:
    code, out, _ = run("meetings", "show", meeting[:15])
    assert code == 0
    assert out.splitlines() == ["00:00:00  Guest 1: Hello.", "00:00:02  Анна: Привет!"]
    shown = json.loads(run("meetings", "show", meeting, "--json")[1])
    assert [segment["speaker"] for segment in shown["segments"]] == ["Guest 1", "Анна"]
    assert [event["kind"] for event in shown["events"]] == ["joined"]


@pytest.fixture
def painted(meeting: str, tmp_path: Path) -> str:
    """The meeting, in which a picture of Анна's words was painted, and one for nobody."""
    asyncio.run(_paint(tmp_path / "store", meeting))
    return meeting


async def _paint(folder: Path, meeting: str) -> None:
    async with await Store.open(folder) as store:
        anna = await Gallery(store).speaker("Анна")
        for number, who in enumerate(((anna,), ())):
            made = picture(f"p{number}", *who, text=f"кот {number}", at_s=number + 1.0)
            await Gallery(store).keep(meeting, made)


def test_export_writes_the_files_and_the_pictures(run: Run, painted: str, tmp_path: Path) -> None:
    out = tmp_path / "a" / "folder"
    run("people", "rename", "Анна", "Аня")
    assert run("meetings", "export", painted, "--out", str(out))[0] == 0
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*.*")) == [
        "pictures/001.png",
        "pictures/002.png",
        "transcript.html",
        "transcript.json",
        "transcript.md",
        "transcript.srt",
        "transcript.vtt",
    ]
    captions = webvtt.read(str(out / "transcript.vtt"))
    assert [(c.voice, c.text) for c in captions] == [("Guest 1", "Hello."), ("Аня", "Привет!")]
    document = json.loads((out / "transcript.json").read_text("utf-8"))
    assert document["id"] == painted
    assert [shown["file"] for shown in document["pictures"]] == [
        "pictures/001.png",
        "pictures/002.png",
    ]
    page = (out / "transcript.html").read_text("utf-8")
    assert page.count('src="pictures/001.png"') == 2
    assert "кот 0" in page
    with Image.open(out / "pictures" / "001.png") as shown:
        assert shown.text["speaker"] == "Аня"  # type: ignore[attr-defined]


def test_a_picture_whose_file_is_gone_is_left_out_of_an_export(
    run: Run, painted: str, tmp_path: Path
) -> None:
    next((tmp_path / "store" / "pictures").iterdir()).unlink()
    code, out, err = run("meetings", "export", painted, "--out", str(tmp_path / "out"))
    assert (code, "1 pictures written" in out, "1 pictures are gone" in err) == (0, True, True)
    assert len(list((tmp_path / "out" / "pictures").iterdir())) == 1


def test_pictures_are_shown_with_their_meeting_and_their_person(
    run: Run, painted: str, tmp_path: Path
) -> None:
    lines = run("meetings", "show", painted)[1].splitlines()
    assert [line.split("  ")[1] for line in lines] == [
        "Guest 1: Hello.",
        "[picture] кот 0",
        "[picture] кот 1",
        "Анна: Привет!",
    ]
    shown = json.loads(run("meetings", "show", painted, "--json")[1])["pictures"]
    assert [(row["speakers"], row["subject"], row["at"]) for row in shown] == [
        (["Анна"], "кот 0", 1.0),
        ([], "кот 1", 2.0),
    ]
    (row,) = json.loads(run("people", "pictures", "Анна", "--json")[1])
    assert (row["id"], row["prompt"], row["seed"]) == ("p0", "кот 0, flat", 7)
    assert row["file"].startswith(str(tmp_path))
    assert "кот 0" in run("people", "pictures", "Анна")[1]
    assert "was painted yet" in run("people", "pictures", "Guest 1")[1]


def test_a_removed_meeting_takes_its_pictures_along(run: Run, painted: str, tmp_path: Path) -> None:
    assert run("meetings", "rm", painted, "--yes")[0] == 0
    assert list((tmp_path / "store" / "pictures").iterdir()) == []


def test_export_to_a_place_that_cannot_be_written_is_bad_input(
    run: Run, meeting: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = run("meetings", "export", meeting, "--out", str(tmp_path / "file" / "x"))
    assert code == 2
    assert "--out" in err


def test_a_removed_meeting_is_gone(run: Run, meeting: str) -> None:
    assert run("meetings", "rm", meeting, "--yes")[0] == 0
    assert run("meetings", "list", "--json")[1] == "[]\n"
    code, _, err = run("meetings", "show", meeting)
    assert (code, "meetings list" in err) == (2, True)


@pytest.mark.usefixtures("meeting")
def test_people_are_renamed_merged_and_forgotten(run: Run) -> None:
    assert run("people", "rename", "Guest 1", "Борис")[0] == 0
    rows = json.loads(run("people", "list", "--json")[1])
    assert [(row["name"], row["utterances"]) for row in rows] == [("Анна", 1), ("Борис", 1)]
    assert run("people", "merge", "Борис", "Анна")[0] == 0
    rows = json.loads(run("people", "list", "--json")[1])
    assert [(row["name"], row["utterances"]) for row in rows] == [("Анна", 2)]
    assert run("people", "forget", "Анна", "--yes")[0] == 0
    assert run("people", "list", "--json")[1] == "[]\n"


@pytest.mark.usefixtures("meeting")
def test_presets_are_set_shown_and_taken_away(run: Run) -> None:
    assert run("people", "preset", "Анна")[1].startswith("nothing is set for Анна")
    wishes = ["--style", "акварель", "--like", "cats", "--like", "горы", "--seed", "7"]
    assert run("people", "preset", "Анна", *wishes, "--palette", "#112233,#ddeeff")[0] == 0
    run("people", "preset", "Анна", "--dislike", "cats", "--seed", "")
    assert json.loads(run("people", "preset", "Анна", "--json")[1]) == {
        "style": "watercolour",
        "palette": ["#112233", "#ddeeff"],
        "likes": ["горы"],
        "dislikes": ["cats"],
        "references": [],
        "seed": None,
        "strength": None,
    }
    assert "style = watercolour" in run("people", "preset", "Анна")[1].splitlines()
    run("people", "preset", "Анна", "--clear", "--strength", "0.4")
    assert run("people", "preset", "Анна")[1] == "strength = 0.4\n"


@pytest.mark.usefixtures("meeting")
@pytest.mark.parametrize(
    ("option", "value", "hint"),
    [
        ("--style", "baroque-ish", "watercolour"),
        ("--palette", "#12", "#rrggbb"),
        ("--seed", "many", "whole number"),
        ("--strength", "2", "0 to 1"),
        ("--reference", "nowhere.png", "nowhere.png"),
        ("--reference", "http://127.0.0.1:9/cat.png", "not on the public web"),
        ("--drop-reference", "cat", "there are: none"),
    ],
)
def test_a_preset_that_makes_no_sense_is_one_line_and_changes_nothing(
    run: Run, option: str, value: str, hint: str
) -> None:
    run("people", "preset", "Анна", "--like", "cats")
    code, _, err = run("people", "preset", "Анна", option, value)
    assert (code, hint in err, err.count("\n")) == (2, True, 1)
    assert run("people", "preset", "Анна")[1] == "likes = cats\n"


@pytest.mark.usefixtures("meeting")
def test_a_reference_is_given_shown_and_taken_away(run: Run, tmp_path: Path) -> None:
    Image.fromarray(pixels()).save(tmp_path / "cat.png")
    run("people", "preset", "Анна", "--reference", str(tmp_path / "cat.png"))
    assert run("people", "preset", "Анна")[1] == "references = cat\n"
    run("people", "preset", "Анна", "--drop-reference", "cat")
    assert run("people", "preset", "Анна")[1].startswith("nothing is set")
    assert list((tmp_path / "store" / "references").iterdir()) == []


@pytest.mark.usefixtures("meeting")
def test_one_person_is_shown_with_what_they_said_and_what_was_done(run: Run) -> None:
    shown = json.loads(run("people", "show", "анна", "--json")[1])
    assert [said["text"] for said in shown["history"]] == ["Привет!"]
    assert [entry["action"] for entry in shown["audit"]] == ["created"]
    assert "Привет!" in run("people", "show", "Анна")[1]


def test_an_unknown_person_is_bad_input_with_a_hint(run: Run) -> None:
    code, _, err = run("people", "rename", "Nobody", "Ann")
    assert (code, "people list" in err) == (2, True)


@pytest.mark.usefixtures("meeting")
def test_purging_tells_how_many_prints_went(run: Run) -> None:
    assert "0 voice-prints and 0 references" in run("people", "purge", "--days", "1")[1]
