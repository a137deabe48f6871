"""A text to an mp4: what is said is where the mouth moves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from meetbot.clip import MOST_CHARACTERS, language_of, render_clip
from meetbot.core.errors import EngineError, InputError
from meetbot.core.voice import Speech, Voice
from support.personas import ColourStream, ToneSynthesizer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.clip import Clip

GREY = np.array([90, 90, 90], np.uint8)


async def made(path: Path, text: str = "Hello everyone.", language: str = "en") -> Clip:
    voices = ToneSynthesizer({"low": 150.0})
    return await render_clip(text, language, voices, Voice(), ColourStream(GREY), path)


def decoded(path: Path) -> tuple[list[float], NDArray[np.float32], int]:
    """The brightness of each frame, the sound, its rate."""
    with av.open(str(path)) as file:
        bright = [float(frame.to_ndarray(format="gray").mean()) for frame in file.decode(video=0)]
    with av.open(str(path)) as file:
        parts = [frame.to_ndarray()[0] for frame in file.decode(audio=0)]
        rate = file.streams.audio[0].rate
    return bright, np.concatenate(parts), rate


async def test_sound_and_moving_face_are_in_the_file_at_the_same_time(tmp_path: Path) -> None:
    path = tmp_path / "hello.mp4"
    clip = await made(path)
    bright, sound, rate = await asyncio.to_thread(decoded, path)
    assert (clip.path, clip.frames) == (path, len(bright))
    assert clip.seconds == pytest.approx(2.2, abs=0.05)
    assert len(sound) / rate == pytest.approx(clip.seconds, abs=0.1)
    moving = np.flatnonzero(np.array(bright) > 200)
    sounding = np.flatnonzero(np.abs(sound) > 0.05)
    assert moving[0] / 25 == pytest.approx(sounding[0] / rate, abs=0.04)
    assert (moving[-1] + 1) / 25 == pytest.approx(sounding[-1] / rate, abs=0.06)
    assert moving[0] / 25 == pytest.approx(0.4, abs=0.04)


async def test_the_file_is_what_players_play(tmp_path: Path) -> None:
    path = tmp_path / "hello.mp4"
    await made(path)

    def codecs() -> tuple[str, str, int, int]:
        with av.open(str(path)) as file:
            video, audio = file.streams.video[0], file.streams.audio[0]
            return video.codec_context.name, audio.codec_context.name, video.width, video.height

    assert await asyncio.to_thread(codecs) == ("h264", "aac", 128, 96)


async def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    clip = await made(tmp_path / "a" / "b" / "c.mp4")
    assert await asyncio.to_thread(clip.path.is_file)


@pytest.mark.parametrize("text", ["", "   \n", "\u200b", "…"])
async def test_nothing_to_say_is_said_so(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="nothing"):
        await made(tmp_path / "x.mp4", text)
    assert not await asyncio.to_thread((tmp_path / "x.mp4").exists)


async def test_an_endless_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="5000 at most"):
        await made(tmp_path / "x.mp4", "a " * MOST_CHARACTERS)


async def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    await asyncio.to_thread((tmp_path / "file").write_text, "in the way")
    with pytest.raises(InputError, match="cannot be written"):
        await made(tmp_path / "file" / "x.mp4")


class Breaking(ColourStream):
    """Breaks at one second."""

    async def render(self, at_s: float) -> NDArray[np.uint8]:
        if at_s >= 1:
            raise EngineError("the face fell off")
        return await super().render(at_s)


async def test_a_face_that_breaks_leaves_no_half_made_clip(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    voices = ToneSynthesizer({"low": 150.0})
    with pytest.raises(EngineError, match="fell off"):
        await render_clip("Hello.", "en", voices, Voice(), Breaking(GREY), path)
    assert not await asyncio.to_thread(path.exists)


class Mute(ToneSynthesizer):
    """Has nothing to say."""

    async def speak(self, text: str, *, language: str, voice: Voice) -> AsyncGenerator[Speech]:
        for speech in ():
            yield speech


async def test_a_voice_without_sound_makes_no_clip(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the voice can say"):
        await render_clip(
            "Hm.", "en", Mute({"low": 1.0}), Voice(), ColourStream(GREY), tmp_path / "x.mp4"
        )


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello everyone", "en"),
        ("Всем привет", "ru"),
        ("Привет, GitHub и Python!", "ru"),
        ("The word привет means hello", "en"),
        ("Γεια σας", "el"),
        ("こんにちは", "ja"),
        ("12:30 😀", "en"),
        ("", "en"),
    ],
)
def test_the_script_tells_the_language(text: str, language: str) -> None:
    assert language_of(text) == language
