"""The pictures that a participant keeps."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import av
import numpy as np

from meetbot.demo.picture_files import PictureFiles
from meetbot_webrtc.client import ReceivedPicture

if TYPE_CHECKING:
    from pathlib import Path

S = 1_000_000_000


def received(shade: int, at_s: float, track: str = "pictures") -> ReceivedPicture:
    pixels = np.full((72, 128, 3), shade, np.uint8)
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")
    return ReceivedPicture("bot", frame, round(at_s * S), track)


def shade(path: Path) -> float:
    with av.open(str(path)) as file:
        return float(next(file.decode(video=0)).to_ndarray(format="rgb24").mean())


async def test_a_picture_is_kept_as_it_is_seen_once_the_fade_is_over(tmp_path: Path) -> None:
    files = PictureFiles(tmp_path)
    files.picture(received(20, 0.9))
    files.message({"type": "picture", "id": "a"}, S)
    files.picture(received(90, 1.2))
    files.picture(received(5, 2.6, track="stage"))
    files.picture(received(200, 2.7))
    await files.finish()
    assert files.files == {"a": "picture-01.png"}
    assert abs(shade(tmp_path / "picture-01.png") - 200) < 3


async def test_one_that_is_overtaken_is_kept_as_it_was_seen_last(tmp_path: Path) -> None:
    files = PictureFiles(tmp_path)
    files.message({"type": "picture", "id": "a"}, S)
    files.picture(received(60, 1.5))
    files.message({"type": "picture", "id": "b"}, 2 * S)
    files.picture(received(160, 2.5))
    await files.finish()
    assert files.files == {"a": "picture-01.png", "b": "picture-02.png"}
    assert abs(shade(tmp_path / "picture-01.png") - 60) < 3
    assert abs(shade(tmp_path / "picture-02.png") - 160) < 3


async def test_nothing_is_kept_of_what_was_never_told_or_never_seen(tmp_path: Path) -> None:
    files = PictureFiles(tmp_path)
    files.message({"type": "caption", "id": "a"}, S)
    files.picture(received(60, 3))
    await files.finish()
    unseen = PictureFiles(tmp_path)
    unseen.message({"type": "picture", "id": "a"}, S)
    await unseen.finish()
    assert files.files == unseen.files == {}
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []
