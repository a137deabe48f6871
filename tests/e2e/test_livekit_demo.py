"""``meetbot demo --room livekit`` as a stranger runs it, for a few seconds."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import av
import numpy as np
import psutil
import pytest
import webvtt

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.server, pytest.mark.model]

SECONDS = 12
FIELDS = [
    *("profile", "room", "seconds", "version", "captions", "pictures", "answers", "face"),
    *("drops", "peak_rss_mb", "cpu_cores_mean"),
]


def _servers() -> set[int]:
    return {one.pid for one in psutil.process_iter(["name"]) if "livekit" in one.info["name"]}


@pytest.mark.timeout(180)
async def test_a_demo_in_a_livekit_room_leaves_the_same_files_and_no_process(
    tmp_path: Path,
) -> None:
    before = await asyncio.to_thread(_servers)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "meetbot", "demo", "--room", "livekit", "--out", str(tmp_path)),
        *("--seconds", str(SECONDS)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    mine = await asyncio.to_thread(_servers) - before

    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert list(report) == FIELDS
    assert report["room"] == "livekit"
    assert report["seconds"] == pytest.approx(SECONDS, abs=1)
    captions = report["captions"]
    assert captions
    assert {one["participant"] for one in captions} == {"Phone"}
    assert all(one["language"] == "en" and 0 < one["delay_s"] < 20 for one in captions)
    assert "hello" in " ".join(one["text"] for one in captions).lower()
    assert report["peak_rss_mb"] > 100
    assert len(webvtt.read(str(tmp_path / "captions.vtt")).captions) >= len(captions)
    with av.open(str(tmp_path / "demo.mp4")) as recording:
        pictures = [frame.to_ndarray(format="gray") for frame in recording.decode(video=0)]
    with av.open(str(tmp_path / "demo.mp4")) as recording:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in recording.decode(audio=0)])
    assert len(pictures) > SECONDS * 20
    assert max(float(picture.std()) for picture in pictures) > 10, "nothing was seen"
    assert np.sqrt(np.mean(np.square(sound))) > 0.005, "nothing was heard"
    assert not any(_is_ours(pid) for pid in mine), "a LiveKit server was left behind"


def _is_ours(pid: int) -> bool:
    try:
        return any("meetbot-demo-" in word for word in psutil.Process(pid).cmdline())
    except psutil.NoSuchProcess:
        return False
