"""``meetbot demo`` as a stranger runs it."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
import webvtt

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.server, pytest.mark.model]

LEAST_SECONDS = 25


@pytest.mark.timeout(240)
async def test_the_demo_names_both_people_at_one_microphone_and_leaves_its_files(
    tmp_path: Path,
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "meetbot", "demo", "--out", str(tmp_path), "--port", "0"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()

    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert report["room"] == "webrtc"
    assert report["pictures"] == report["answers"] == []
    assert report["face"] is None
    captions = report["captions"]
    assert {caption["participant"] for caption in captions} == {"Phone"}
    assert len({caption["speaker"] for caption in captions if caption["speaker"]}) == 2
    text = " ".join(caption["text"] for caption in captions)
    for word in ("Chicago", "Jersey", "Texas"):
        assert word in text
    assert all(0 < caption["delay_s"] < 20 for caption in captions)
    assert len(webvtt.read(str(tmp_path / "captions.vtt")).captions) >= len(captions)

    with av.open(str(tmp_path / "demo.mp4")) as recording:
        pictures = [frame.to_ndarray(format="gray") for frame in recording.decode(video=0)]
    with av.open(str(tmp_path / "demo.mp4")) as recording:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in recording.decode(audio=0)])
    assert len(pictures) > LEAST_SECONDS * 20
    assert np.abs(pictures[-60].astype(int) - pictures[30]).mean() > 1, "captions never appeared"
    assert np.sqrt(np.mean(np.square(sound))) > 0.005, "nothing was heard"
