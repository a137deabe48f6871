"""Pictures painted by the real stage, sent through a real encoder and decoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
import pytest

from meetbot.core.pictures import Painting, PaintRequest, Picture
from meetbot.core.types import Participant, Speaker
from meetbot.demo.pictures_seen import PicturesSeen, first_visible
from meetbot.stage.layout import load_layout
from meetbot.stage.painter import Painter
from meetbot.stage.picture_scene import PictureScene, with_begun, with_picture
from meetbot.stage.widgets.pictures import OVERLAYS, WIDGETS
from meetbot_webrtc.client import ReceivedPicture
from meetbot_webrtc.colour import as_yuv420p
from meetbot_webrtc.video import VideoEncoder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

S = 1_000_000_000
FPS = 15
FRAME = S // FPS
ANNA = Participant("a", "Anna")
VOICE = Speaker("1", "Anna", "#7aa2ff")
LATE = 40_000_000
"""From a frame to its arrival."""


def picture(number: int) -> Picture:
    rng = np.random.default_rng(number)
    coarse = rng.integers(0, 255, (9, 16, 3), np.uint8)
    pixels = cv2.resize(coarse, (512, 288), interpolation=cv2.INTER_CUBIC)
    request = PaintRequest("a house", "a house", "en", number, 512, 288)
    return Picture(f"m-{number}", request, Painting(pixels, "x"), "timer", ANNA, (VOICE,), 0, 0)


def received(
    shows: Mapping[int, Picture], begins: tuple[int, ...], count: int
) -> Iterator[tuple[int, av.VideoFrame]]:
    """Decoded frames by number; ``shows``: from which frame on a picture is there."""
    layout = load_layout("picture").sized(640, 360).without(("subtitles",))
    painter, scene = Painter(layout, WIDGETS, OVERLAYS), PictureScene()
    encoder, decoder = VideoEncoder("h264", 800_000, FPS), av.CodecContext.create("h264", "r")
    for number in range(count):
        now = number * FRAME
        if number in begins:
            scene = with_begun(scene, ANNA, "a house", now)
        if number in shows:
            scene = with_picture(scene, shows[number], now)
        planes = as_yuv420p(painter.paint(scene, now))
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        for packet in encoder.encode(frame, number * 6000, number % 30 == 0):
            for decoded in decoder.decode(packet):
                assert isinstance(decoded, av.VideoFrame)
                yield number, decoded


def watched(
    shows: Mapping[int, Picture],
    told: Mapping[str, int],
    *,
    count: int,
    begins: tuple[int, ...] = (),
) -> dict[str, int | None]:
    """Frame numbers at which pictures were seen; ``told``: at which frame each is announced."""
    seen, numbers = PicturesSeen(), {}
    for number, frame in received(shows, begins, count):
        arrival = number * FRAME + LATE
        numbers[arrival] = number
        for name, at in told.items():
            if at == number:
                seen.message({"type": "picture", "id": name}, arrival - LATE // 2)
        seen.message({"type": "caption", "id": "u"}, arrival)
        seen.picture(ReceivedPicture("bot", frame, arrival, "pictures"))
        seen.picture(ReceivedPicture("bot", frame, arrival, "stage"))
    return {name: None if at is None else numbers[at] for name, at in seen.visible().items()}


def test_each_picture_is_seen_in_the_first_frame_that_shows_it() -> None:
    shows = {10: picture(1), 40: picture(2), 90: picture(3), 125: picture(4)}
    told = {"m-1": 10, "m-2": 41, "m-3": 89, "m-4": 125}
    seen = watched(shows, told, count=190, begins=(30, 80))
    assert seen == {"m-1": 10, "m-2": 40, "m-3": 90, "m-4": 125}


def test_one_that_comes_two_seconds_after_it_was_told_is_seen_when_it_comes() -> None:
    shows = {5: picture(1), 70: picture(2)}
    assert watched(shows, {"m-2": 40}, count=130) == {"m-2": 70}


@pytest.mark.parametrize("begins", [(), (62,)])
def test_the_slow_move_and_a_picture_being_begun_are_no_new_picture(
    begins: tuple[int, ...],
) -> None:
    seen = watched({5: picture(1)}, {"m-2": 60}, count=120, begins=begins)
    assert seen == {"m-2": None}


def test_where_no_frames_came_nothing_is_told() -> None:
    seen = PicturesSeen()
    seen.message({"type": "picture", "id": "m-1"}, S)
    assert seen.visible() == {"m-1": None}


def test_memory_stays_bounded() -> None:
    seen = PicturesSeen()
    frame = av.VideoFrame.from_ndarray(np.zeros((72, 128, 3), np.uint8), format="rgb24")
    for number in range(600):
        seen.picture(ReceivedPicture("bot", frame, number * FRAME, "pictures"))
    assert len(seen._looks) <= 5 * FPS + 2


def test_a_steady_drift_is_not_sudden() -> None:
    frames = [np.full((4, 4), 4.0 * number, np.float32) for number in range(50)]
    assert first_visible(frames, [number * FRAME for number in range(50)]) is None
