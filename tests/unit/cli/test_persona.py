"""``meetbot persona`` and ``meetbot say`` on the command line: what needs no engine."""

from __future__ import annotations

import asyncio
import io
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from meetbot.personas import EngineVoice, PersonaDirectory
from meetbot.personas.samples import VoicePrint
from meetbot.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def anna(tmp_path: Path) -> str:
    """A persona in the store; its id."""

    async def add() -> str:
        folder = tmp_path / "store"
        async with await Store.open(folder) as store:
            directory = PersonaDirectory(store, folder / "personas")
            print_ = VoicePrint("samples", "ge2e", np.ones(4, np.float32), 190.0)
            made = await directory.add("Anna", "Kind.", "a" * 64, "she agreed", print_)
            await directory.set_voices(made.id, (EngineVoice("hibari", "heart", 1.1, 0.6),))
            return made.id

    return asyncio.run(add())


@pytest.fixture
def photo(tmp_path: Path) -> str:
    path = tmp_path / "me.png"
    Image.new("RGB", (64, 64)).save(path)
    return str(path)


def test_the_default_persona_is_listed_before_any_is_made(run: Run) -> None:
    code, out, _ = run("persona", "list")
    assert code == 0
    assert "default" in out
    assert json.loads(run("persona", "list", "--json")[1]) == []


def test_personas_are_listed_with_their_voices(run: Run, anna: str) -> None:
    code, out, _ = run("persona", "list")
    assert code == 0
    assert "Anna" in out
    assert "hibari: heart ×1.10" in out
    (listed,) = json.loads(run("persona", "list", "--json")[1])
    assert (listed["id"], listed["voices"][0]["name"]) == (anna, "heart")


def test_show_tells_who_agreed(run: Run, anna: str) -> None:
    code, out, _ = run("persona", "show", "anna")
    assert code == 0
    assert "consent (she agreed)" in out
    shown = json.loads(run("persona", "show", anna, "--json")[1])
    assert [entry["action"] for entry in shown["audit"]] == ["consent", "persona"]
    assert shown["voice_hz"] == 190.0


def test_rm_deletes(run: Run, anna: str) -> None:
    assert anna
    assert run("persona", "rm", "Anna", "--yes")[0] == 0
    code, _, err = run("persona", "show", "Anna")
    assert code == 2
    assert err == "meetbot: no persona is called 'Anna'; see: meetbot persona list\n"


def test_people_purge_deletes_the_voices_of_unused_personas_too(run: Run, anna: str) -> None:
    assert anna
    code, out, _ = run("people", "purge", "--days", "30")
    assert code == 0
    assert "the voices of 0 personas" in out
    assert json.loads(run("persona", "show", "Anna", "--json")[1])["voice_model"] == "ge2e"


def test_without_a_terminal_consent_must_be_given_by_flag(run: Run, photo: str) -> None:
    code, _, err = run("persona", "add", "Boris", "--photo", photo)
    assert code == 2
    assert "--consent" in err
    assert err.count("\n") == 1


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("typed", ["n\n", "\n"])
def test_who_does_not_agree_makes_no_persona(
    run: Run, photo: str, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    code, out, err = run("persona", "add", "Boris", "--photo", photo)
    assert code == 2
    assert "Has the person shown agreed" in out + err
    assert "there is no persona" in err
    assert json.loads(run("persona", "list", "--json")[1]) == []


@pytest.mark.parametrize(
    ("name", "said"), [("Anna", "there is a persona called"), ("default", "comes with the program")]
)
def test_a_name_that_is_taken_is_refused_first(
    run: Run, anna: str, photo: str, name: str, said: str
) -> None:
    assert anna
    code, _, err = run("persona", "add", name, "--photo", photo, "--consent")
    assert code == 2
    assert said in err


def test_a_photo_or_recording_that_is_missing_is_named(run: Run, photo: str) -> None:
    code, _, err = run("persona", "add", "Boris", "--photo", "nobody.png", "--consent")
    assert (code, "nobody.png" in err) == (2, True)
    wrong = ("--photo", photo, "--voice", "nothing.wav", "--consent")
    code, _, err = run("persona", "add", "Boris", *wrong)
    assert (code, "nothing.wav" in err) == (2, True)


def test_a_prompt_that_is_no_text_is_refused(run: Run, photo: str) -> None:
    noise = photo.replace("me.png", "prompt.txt")
    with open(noise, "wb") as file:  # noqa: PTH123 - a path in a string, as given to the command
        file.write(b"\xff\xfe\x00")
    code, _, err = run("persona", "add", "B", "--photo", photo, "--prompt", noise, "--consent")
    assert (code, "no text in UTF-8" in err) == (2, True)


def test_a_clip_is_written_as_mp4_only(run: Run, tmp_path: Path) -> None:
    code, _, err = run("say", "Hello", "--out", str(tmp_path / "x.avi"))
    assert (code, "no .mp4" in err) == (2, True)
