"""``meetbot transcribe`` as people and programs run it."""

from __future__ import annotations

import json
import os
import re
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import webvtt

from meetbot.models import ModelStore
from support.program import LIGHT, meetbot
from support.recordings import talk, write_mute_video, write_sound

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.model, pytest.mark.server]


@pytest.fixture
def call(tmp_path: Path) -> Path:
    return write_sound(tmp_path / "call.wav", talk()[None], 16_000)


def test_json_has_the_contracts_shape_and_a_bad_file_does_not_stop_the_others(
    call: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "notes.wav"
    bad.write_text("These are words, not sound.\n" * 50)
    quiet = write_sound(tmp_path / "quiet.wav", np.zeros((1, 32_000), np.float32), 16_000)
    done = meetbot("transcribe", "--json", bad, call, quiet, store=tmp_path / "store")
    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("meetbot: ")]
    assert "notes.wav cannot be read as sound or video" in line
    said, silent = json.loads(done.stdout)
    _check_document(said, call)
    assert silent == {"file": str(quiet), "language": "", "segments": [], "speakers": []}


def _check_document(document: dict[str, Any], file: Path) -> None:
    assert list(document) == ["file", "language", "segments", "speakers"]
    assert (document["file"], document["language"]) == (str(file), "en")
    assert "New Jersey" in " ".join(segment["text"] for segment in document["segments"])
    names = {speaker["name"] for speaker in document["speakers"]}
    for segment in document["segments"]:
        assert list(segment) == ["start", "end", "speaker", "text", "words"]
        assert 0 <= segment["start"] < segment["end"] <= 6.3
        assert segment["speaker"] in names
        assert " ".join(word["text"] for word in segment["words"]) == segment["text"]
        times = [(word["start"], word["end"]) for word in segment["words"]]
        assert times == sorted(times)
    for speaker in document["speakers"]:
        assert list(speaker) == ["name", "seconds"]
        assert 0 < speaker["seconds"] < 6.3


@pytest.mark.parametrize("form", ["srt", "vtt"])
def test_subtitles_can_be_read_back(form: str, call: Path, tmp_path: Path) -> None:
    done = meetbot("transcribe", f"--{form}", call, store=tmp_path / "store", **LIGHT)
    assert done.returncode == 0, done.stderr
    file = tmp_path / f"call.{form}"
    file.write_text(done.stdout)
    captions = webvtt.from_srt(file) if form == "srt" else webvtt.read(file)
    assert "New Jersey" in " ".join(caption.text.replace("\n", " ") for caption in captions)
    starts = [caption.start_in_seconds for caption in captions]
    assert starts == sorted(starts)
    assert all(caption.start_in_seconds <= caption.end_in_seconds for caption in captions)


def test_every_file_that_cannot_be_heard_is_named_and_nothing_else_is_said(
    tmp_path: Path,
) -> None:
    mute = write_mute_video(tmp_path / "mute.mp4")
    empty = tmp_path / "empty.wav"
    empty.touch()
    gone = tmp_path / "gone.wav"
    done = meetbot("transcribe", mute, empty, gone, tmp_path, store=tmp_path / "store", **LIGHT)
    assert done.returncode == 2
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if line.startswith("meetbot: ")]
    assert len(lines) == 1
    for said in (
        "mute.mp4 has no sound track",
        "empty.wav is empty",
        "there is no file",
        "is a folder",
    ):
        assert said in lines[0]
    assert "Traceback" not in done.stderr


def test_two_forms_at_once_are_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    done = meetbot("transcribe", "--json", "--srt", "a.wav", store=tmp_path / "store")
    assert done.returncode == 2
    assert "choose one of --json, --srt and --vtt" in done.stderr


@pytest.mark.parametrize("harm", ["cut short", "other bytes"])
def test_a_model_file_that_was_harmed_is_one_clear_line(harm: str, tmp_path: Path) -> None:
    models = tmp_path / "models"
    shutil.copytree(ModelStore().folder, models, copy_function=os.link)
    file = models / "silero-vad" / "silero_vad.onnx"
    whole = file.read_bytes()
    file.unlink()  # the other end of the link stays as it is
    file.write_bytes(whole[: len(whole) // 2] if harm == "cut short" else whole[::-1])
    done = meetbot("transcribe", "a.wav", store=tmp_path / "store", MEETBOT_MODELS__FOLDER=models)
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert re.match(r"meetbot: .*silero.*meetbot models pull silero-vad", line), line
