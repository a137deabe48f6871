"""The figures of the bot's face, from when its pictures and sounds came."""

from __future__ import annotations

import av
import numpy as np
import pytest

from meetbot.demo.face_seen import FaceSeen
from meetbot_webrtc.client import ReceivedPicture, ReceivedSound

MS = 1_000_000
FRAME = av.VideoFrame(16, 16, "yuv420p")


def picture(at_ms: int, *, late_ms: int = 30, track: str = "avatar") -> ReceivedPicture:
    return ReceivedPicture("b", FRAME, (at_ms + late_ms) * MS, track, at_ms * MS)


def sound(at_ms: int, *, late_ms: int = 20) -> ReceivedSound:
    samples = np.zeros(960, np.int16)
    at_ns, arrival_ns = at_ms * MS, (at_ms + late_ms) * MS
    return ReceivedSound("b", "Meetbot", samples, at_ns, arrival_ns, True, at_ns)


def test_pictures_that_are_missing_are_late_and_the_rate_is_what_came() -> None:
    seen = FaceSeen()
    for at in range(0, 2_000, 20):
        seen.sound(sound(at))
    for at in range(0, 2_000, 40):
        if at not in (400, 800, 840):
            seen.picture(picture(at))
        seen.picture(picture(at, track="stage"))
    figures = seen.figures()
    assert figures is not None
    assert figures["late_frames"] == 3
    assert figures["fps"] == pytest.approx(46 / 1.96)
    assert figures["av_skew_ms"] == {"p50": pytest.approx(10), "p95": pytest.approx(10)}


def test_a_face_that_never_spoke_has_no_figures() -> None:
    seen = FaceSeen()
    for at in range(0, 2_000, 40):
        seen.picture(picture(at))
    assert seen.figures() is None
