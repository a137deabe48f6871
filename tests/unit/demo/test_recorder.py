from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from meetbot.core.errors import InputError
from meetbot.demo.recorder import Recorder

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

S, MS = 1_000_000_000, 1_000_000
RATE, CHUNK = 48_000, 960
START = 5_000 * S
DARK = np.full((180, 320, 3), 16, np.uint8)
BRIGHT = np.full((180, 320, 3), 240, np.uint8)


def beep(count: int = CHUNK) -> NDArray[np.int16]:
    wave = np.sin(np.arange(count) * 2 * np.pi * 1000 / RATE) * 16000
    return wave.astype(np.int16)


def pictures(path: Path) -> list[tuple[float, float]]:
    """When each frame is shown, and how bright it is."""
    with av.open(str(path)) as file:
        return [
            (f.time or 0.0, float(f.to_ndarray(format="gray").mean())) for f in file.decode(video=0)
        ]


def sound(path: Path) -> tuple[float, NDArray[np.float32]]:
    """When the sound begins, and all of it."""
    with av.open(str(path)) as file:
        frames = list(file.decode(audio=0))
    return frames[0].time or 0.0, np.concatenate([frame.to_ndarray()[0] for frame in frames])


async def record(path: Path, seconds: int, events: tuple[int, ...], fps: int = 25) -> None:
    """A flash and a beep, both at each of ``events`` (ms), the sound in jittering chunks."""
    jitter = (0, 11, 3, 25, 7)
    async with Recorder(path, width=320, height=180, fps=fps, origin_ns=START) as recorder:
        for i in range(seconds * 50):
            at = i * 20
            on = any(event <= at < event + 200 for event in events)
            while recorder.waiting > 2:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            samples = beep() if on else np.zeros(CHUNK, np.int16)
            if i % 3 == 0:
                recorder.video(BRIGHT if on else DARK, START + at * MS)
            recorder.audio("a", samples, START + (at + 20 + jitter[i % 5]) * MS)


async def test_flash_and_beep_are_within_40_ms_of_each_other_and_of_when_they_came(
    tmp_path: Path,
) -> None:
    path, events = tmp_path / "out.mp4", (1020, 4320, 8880)
    await record(path, 10, events)
    frames = pictures(path)
    begin, samples = sound(path)
    for event in events:
        near = [time for time, light in frames if light > 120 and abs(time - event / 1000) < 0.5]
        at = int((event / 1000 - begin - 0.5) * RATE)
        loud = np.flatnonzero(np.abs(samples[at : at + RATE]) > 0.1)
        heard = begin + (at + loud[0]) / RATE
        assert abs(near[0] - heard) <= 0.040
        assert abs(heard - event / 1000) <= 0.040


async def test_length_rate_and_codecs_are_as_promised(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "out.mp4"
    await record(path, 6, (2000,), fps=15)
    with av.open(str(path)) as file:
        assert file.streams.video[0].codec_context.name == "h264"
        assert file.streams.audio[0].codec_context.name == "aac"
        assert (file.duration or 0) / 1e6 == pytest.approx(6, abs=0.1)
    times = [time for time, _ in pictures(path)]
    assert len(times) == pytest.approx(90, abs=1)
    assert np.allclose(np.diff(times), 1 / 15, atol=1e-3)


async def test_levels_are_kept_and_sources_are_mixed(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    async with Recorder(path, width=320, height=180, origin_ns=START) as recorder:
        for i in range(100):
            arrival = START + (i + 1) * 20 * MS
            recorder.audio("a", beep() // 2, arrival)
            if i >= 50:
                recorder.audio("b", beep() // 2, arrival)
    begin, samples = sound(path)
    one = samples[int((0.3 - begin) * RATE) : int((0.7 - begin) * RATE)]
    two = samples[int((1.3 - begin) * RATE) : int((1.7 - begin) * RATE)]
    assert np.sqrt(np.mean(one**2)) == pytest.approx(8000 / 32768 / np.sqrt(2), rel=0.1)
    assert np.sqrt(np.mean(two**2)) == pytest.approx(16000 / 32768 / np.sqrt(2), rel=0.1)


async def test_a_pause_of_pictures_holds_the_last_one(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    recorder = Recorder(path, width=320, height=180, origin_ns=START)
    async with recorder:
        recorder.video(BRIGHT, START)
        recorder.video(DARK, START + 3 * S)
        written = await recorder.close(START + 4 * S)
    assert written.seconds == 4
    assert written.pictures == 2
    for time, light in pictures(path):
        if abs(time - 3) > 0.06:
            assert (light > 120) == (time < 3)


async def test_pictures_of_another_shape_are_framed_and_left_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    tall = av.VideoFrame.from_ndarray(np.full((360, 240, 3), 240, np.uint8), format="rgb24")
    same = av.VideoFrame(320, 180, "yuv420p")
    same.pts = 77
    async with Recorder(path, width=320, height=180, origin_ns=START) as recorder:
        recorder.video(tall, START)
        recorder.video(same, START + S)
        await recorder.close(START + 2 * S)
    with av.open(str(path)) as file:
        first = next(file.decode(video=0)).to_ndarray(format="gray")
    assert first[90, 160] > 200
    assert first[90, 10] < 40
    assert same.pts == 77


async def test_the_face_stands_beside_the_stage_from_when_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    async with Recorder(path, width=640, height=360, origin_ns=START) as recorder:
        recorder.video(DARK, START)
        for number in range(25):
            face = np.full((512, 512, 3), 235, np.uint8)
            recorder.video(face, START + S + number * 40 * MS, tile="face")
        await recorder.close(START + 2 * S)
    with av.open(str(path)) as file:
        frames = [frame.to_ndarray(format="gray") for frame in file.decode(video=0)]
    assert [bool(frame[180, 520] > 200) for frame in frames] == [False] * 25 + [True] * 25
    assert all(frame[180, 100] < 60 for frame in frames)


async def test_a_place_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(InputError, match="cannot write the recording"):
        async with Recorder(blocked / "out.mp4"):
            pass


async def test_sound_of_another_kind_is_refused(tmp_path: Path) -> None:
    async with Recorder(tmp_path / "out.mp4", width=320, height=180) as recorder:
        recorder.video(DARK, START)
        with pytest.raises(ValueError, match="int16 mono"):
            recorder.audio("a", np.zeros(CHUNK, np.float32), START)


KILLED = """
import asyncio, os, sys
from pathlib import Path
import numpy as np
from meetbot.demo.recorder import Recorder

async def main():
    recorder = Recorder(Path(sys.argv[1]), width=320, height=180, origin_ns=0)
    await recorder.__aenter__()
    for i in range(500):
        recorder.video(np.full((180, 320, 3), i % 200, np.uint8), i * 20_000_000)
        recorder.audio("a", np.zeros(960, np.int16), (i + 1) * 20_000_000)
        if i % 10 == 0:
            await asyncio.sleep(0.01)
    await asyncio.sleep(1.0)
    os._exit(9)

asyncio.run(main())
"""


def test_a_killed_program_leaves_a_file_that_plays(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], timeout=60, check=False)
    assert done.returncode == 9
    assert pictures(path)[-1][0] > 6
