"""The virtual camera's thread with a device in memory, in real time."""

from __future__ import annotations

import asyncio
import logging
import threading
from statistics import median

import numpy as np
import pytest
import pyvirtualcam

from meetbot.config import CameraSettings
from meetbot.core.clock import monotonic_ns
from meetbot.core.errors import RoomRefused
from meetbot_virtualcam import camera as camera_module
from meetbot_virtualcam import v4l2
from meetbot_virtualcam.camera import VirtualCamera
from support.cameras import Bench

SIZE = (320, 180)
NS_PER_S = 1_000_000_000
MS = 1_000_000
GONE = "the camera Memory is gone (No such device); the bot goes on, and tries again each second"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The only camera of this machine."""
    bench = Bench()
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {"memory": bench.backend()})
    monkeypatch.setattr(camera_module, "RETRY_SECONDS", 0.05)
    return bench


def _camera(**settings: object) -> VirtualCamera:
    return VirtualCamera(CameraSettings(**settings), SIZE)  # type: ignore[arg-type]


def _grey(level: int) -> np.ndarray:
    return np.full((180, 320, 3), level, np.uint8)


async def test_thirty_frames_go_out_each_second_the_same_one_unconverted(bench: Bench) -> None:
    async with _camera() as camera:
        camera.show(_grey(90), monotonic_ns())
        await bench.until(lambda: len(bench.times) >= 105)
    times = bench.times
    second = median(times[n + 30] - times[n] for n in range(len(times) - 30))
    assert second == pytest.approx(NS_PER_S, rel=0.01)
    assert bench.opened == [(320, 180, "raw ", 30)]
    assert camera.conversions == 1
    assert bench.frames[-1].base is bench.frames[50].base
    assert bench.frames[-1][0] == 90
    assert threading.get_ident() not in bench.threads
    assert len(bench.threads) == 1
    assert bench.closed == 1


async def test_a_picture_is_shown_when_it_is_due_and_not_before(bench: Bench) -> None:
    async with _camera() as camera:
        await bench.until(lambda: bench.times)
        due_ns = monotonic_ns() + 300 * MS
        camera.show(_grey(10), monotonic_ns())
        camera.show(_grey(200), due_ns)
        await bench.until(lambda: bench.frames and bench.frames[-1][0] == 200)
    first = next(n for n, frame in enumerate(bench.frames) if frame[0] == 200)
    assert bench.frames[first - 1][0] == 10
    assert bench.times[first] >= due_ns - 17 * MS


async def test_of_pictures_that_nobody_shows_the_oldest_go(bench: Bench) -> None:
    async with _camera() as camera:
        far_ns = monotonic_ns() + 60 * NS_PER_S
        for level in range(40):
            camera.show(_grey(level), far_ns)
    assert camera.dropped == 8
    assert camera.counts["video"] == 8


async def test_a_size_that_the_device_does_not_take_is_fitted_into_one_that_it_does(
    bench: Bench,
) -> None:
    bench.sizes = {(640, 480)}
    bench.formats = {"I420"}
    async with _camera(fps=25) as camera:
        camera.show(_grey(255), monotonic_ns())
        await bench.until(lambda: bench.frames and bench.frames[-1][640 * 240] > 200)
    assert camera.size == (640, 480)
    assert bench.opened == [(640, 480, "I420", 25)]
    luma = bench.frames[-1][: 640 * 480].reshape(480, 640)
    assert 16 < luma[:59].max() < 130
    assert luma[62:418].min() == 235


async def test_a_camera_that_vanishes_is_told_once_and_taken_again_when_it_is_back(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with _camera() as camera:
        camera.show(_grey(90), monotonic_ns())
        await bench.until(lambda: len(bench.frames) > 3)
        bench.failure = "No such device"
        tries = bench.tries
        await bench.until(lambda: bench.tries >= tries + 25)
        assert not camera.is_open
        assert [record.getMessage() for record in caplog.records] == [GONE]
        bench.failure = None
        sent = len(bench.frames)
        await bench.until(lambda: len(bench.frames) > sent + 3)
        assert camera.is_open
        assert bench.frames[-1][0] == 90
    assert caplog.records[-1].getMessage() == "the camera Memory is back"
    assert len(caplog.records) == 2
    assert camera.losses == 1


async def test_a_device_file_that_is_another_one_now_is_opened_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = v4l2.Loopback("/dev/video7", "Meetbot")
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {"v4l2loopback": bench.backend()})
    monkeypatch.setattr(v4l2, "loopbacks", lambda: [one])
    monkeypatch.setattr(v4l2, "held_size", lambda *_: (640, 360))
    monkeypatch.setattr(camera_module, "LOOK_NS", 0)
    same = True
    monkeypatch.setattr(v4l2, "same_device", lambda *_: same)
    async with _camera() as camera:
        assert (camera.label, camera.size) == ("Meetbot", (640, 360))
        await bench.until(lambda: len(bench.frames) > 3)
        same = False
        await bench.until(lambda: bench.closed == 1)
        same = True
        await bench.until(lambda: len(bench.opened) == 2)
    assert bench.opened[0][2] == "I420"


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        ("Device is already in use.", "in use by another program"),
        ("missing permissions", "usermod -aG video"),
        ("device not found", "is not there: "),
    ],
)
async def test_what_keeps_it_from_opening_is_one_line_that_says_what_to_do(
    bench: Bench, failure: str, says: str
) -> None:
    bench.failure = failure
    with pytest.raises(RoomRefused, match=says) as refused:
        async with _camera():
            raise AssertionError("it opened")
    assert "\n" not in str(refused.value)


async def test_without_any_camera_the_line_says_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})
    with pytest.raises(RoomRefused, match="there is no virtual camera: "):
        async with _camera():
            raise AssertionError("it opened")


async def test_a_device_that_hangs_does_not_hold_up_the_event_loop(bench: Bench) -> None:
    async with _camera() as camera:
        await bench.until(lambda: bench.frames)
        with bench.grown:  # the next send waits for this
            begun = monotonic_ns()
            for level in range(20):
                camera.show(_grey(level), monotonic_ns())
                await asyncio.sleep(0)
            assert monotonic_ns() - begun < 200 * MS
        sent = len(bench.frames)
        await bench.until(lambda: len(bench.frames) > sent)
