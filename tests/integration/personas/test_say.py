"""``meetbot say`` with the machine's own voices and face: a clip that is heard and seen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from meetbot.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Run = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.model

TEXTS = {
    "en": "Hello everyone. We agreed to meet again on Monday, and I will send the notes today.",
    "ru": "Всем привет. Мы договорились встретиться в понедельник, а заметки я пришлю сегодня.",
}
LIPS = (slice(310, 350), slice(200, 305))
"""Where the default face has its mouth, in 512 pixels."""
BESIDE = (slice(0, 60), slice(0, 60))


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``meetbot …`` with a store and a cache of its own."""
    monkeypatch.setenv("MEETBOT_STORE__FOLDER", str(tmp_path / "store"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stopped:
            main(list(arguments))
        out, err = capsys.readouterr()
        return int(stopped.value.code or 0), out, err

    return call


@pytest.fixture(autouse=True)
def _models_stay_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    from meetbot.models import default_folder

    monkeypatch.setenv("MEETBOT_MODELS__FOLDER", str(default_folder()))


def frames(path: Path) -> NDArray[np.uint8]:
    with av.open(str(path)) as file:
        return np.stack([frame.to_ndarray(format="gray") for frame in file.decode(video=0)])


def loudness(path: Path) -> NDArray[np.float64]:
    """RMS of the sound of each frame's 40 ms."""
    with av.open(str(path)) as file:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in file.decode(audio=0)])
        slot = file.streams.audio[0].rate // 25
    whole = sound[: len(sound) // slot * slot].reshape(-1, slot).astype(np.float64)
    return np.asarray(np.sqrt(np.square(whole).mean(axis=1)))


def motion(pictures: NDArray[np.uint8], place: tuple[slice, slice]) -> NDArray[np.float64]:
    """How much of a place changes from each frame to the next."""
    part = pictures[:, place[0], place[1]].astype(np.float64)
    return np.asarray(np.abs(np.diff(part, axis=0)).mean(axis=(1, 2)))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_mouth_moves_while_it_is_heard(run: Run, tmp_path: Path, language: str) -> None:
    path = tmp_path / f"{language}.mp4"
    code, out, err = run("say", TEXTS[language], "--out", str(path), "--json")
    assert code == 0, err
    told = json.loads(out)
    assert told["seconds"] > 3
    pictures, level = frames(path), loudness(path)
    assert pictures.shape == (told["frames"], 512, 512)
    count = min(len(level), len(pictures) - 1)
    sounding = level[:count] > 0.02
    lips = motion(pictures, LIPS)[:count]
    assert sounding.mean() > 0.5
    assert lips[sounding].mean() > 2 * np.median(lips[~sounding])
    assert lips[sounding].mean() > 4 * motion(pictures, BESIDE)[:count].mean()


def test_a_clip_is_made_faster_than_it_plays(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "twice.mp4"
    for _ in range(2):  # the first prepares the face
        told = json.loads(run("say", TEXTS["en"] * 2, "--out", str(path), "--json")[1])
    assert told["took_s"] < told["seconds"]


def test_a_persona_nobody_made_is_one_clear_line(run: Run, tmp_path: Path) -> None:
    code, _, err = run("say", "Hello", "--persona", "Anna", "--out", str(tmp_path / "x.mp4"))
    assert code == 2
    assert err == "meetbot: no persona is called 'Anna'; see: meetbot persona list\n"


def test_a_language_that_no_voice_speaks_says_which(run: Run, tmp_path: Path) -> None:
    clip = ("--out", str(tmp_path / "x.mp4"), "--language", "xx")
    code, _, err = run("say", "Hello", *clip)
    assert code == 2
    assert "no installed voice speaks 'xx'" in err


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_to_say_is_refused(run: Run, tmp_path: Path, text: str) -> None:
    code, _, err = run("say", text, "--out", str(tmp_path / "x.mp4"))
    assert code == 2
    assert "nothing to say" in err
