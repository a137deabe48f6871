from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.core.errors import InputError
from meetbot.transcribe.media import read_frames, read_sound
from support.recordings import write_mute_video, write_sound, write_video

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

RATE = 44_100


def tone(seconds: float = 2.0, rate: int = RATE, loudness: float = 0.5) -> NDArray[np.float32]:
    """A sine of 440 Hz, shape ``(1, n)``."""
    time = np.arange(round(seconds * rate)) / rate
    return (loudness * np.sin(2 * np.pi * 440 * time)).astype(np.float32)[None]


def pitch(sound: NDArray[np.float32]) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(spectrum.argmax() * 16_000 / len(sound))


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 96_000])
def test_any_rate_comes_at_16_khz(rate: int, tmp_path: Path) -> None:
    sound = read_sound(write_sound(tmp_path / "a.wav", tone(rate=rate), rate))
    assert len(sound) == pytest.approx(32_000, abs=16)
    assert sound.dtype == np.float32
    assert pitch(sound) == pytest.approx(440, abs=1)


@pytest.mark.parametrize(("layout", "channels"), [("stereo", 2), ("5.1", 6), ("7.1", 8)])
def test_the_same_sound_on_all_channels_is_as_loud_as_on_one(
    layout: str, channels: int, tmp_path: Path
) -> None:
    everywhere = np.repeat(tone(loudness=0.95), channels, axis=0)
    file = write_sound(
        tmp_path / "a.wav", everywhere, RATE, codec="pcm_f32le", sample_format="flt", layout=layout
    )
    assert np.abs(read_sound(file)).max() == pytest.approx(0.95, abs=0.01)


def test_the_centre_of_a_film_is_heard(tmp_path: Path) -> None:
    channels = np.zeros((6, RATE), np.float32)
    channels[2] = tone(1)[0]
    file = write_sound(tmp_path / "a.wav", channels, RATE, layout="5.1")
    assert np.abs(read_sound(file)).max() > 0.1


def test_samples_that_are_no_numbers_are_silence_and_spoil_nothing(tmp_path: Path) -> None:
    broken = tone()
    broken[0, 20_000:21_000] = np.nan
    broken[0, 40_000], broken[0, 50_000] = np.inf, -np.inf
    file = write_sound(tmp_path / "a.wav", broken, RATE, codec="pcm_f32le", sample_format="flt")
    sound = read_sound(file)
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= 1
    assert np.abs(sound[7_300:7_550]).max() < 0.01
    clean = read_sound(write_sound(tmp_path / "b.wav", tone(), RATE))
    np.testing.assert_allclose(sound[8_000:14_000], clean[8_000:14_000], atol=0.001)


def test_samples_beyond_full_scale_are_clipped(tmp_path: Path) -> None:
    loud = tone(loudness=8)
    file = write_sound(tmp_path / "a.wav", loud, RATE, codec="pcm_f32le", sample_format="flt")
    assert np.abs(read_sound(file)).max() == pytest.approx(1, abs=1e-4)


def test_the_sound_of_a_video_is_read(tmp_path: Path) -> None:
    sound = read_sound(write_video(tmp_path / "a.mp4", tone()[0], RATE))
    assert pitch(sound) == pytest.approx(440, abs=1)


def test_a_rate_that_changes_on_the_way_is_followed(tmp_path: Path) -> None:
    parts = []
    for rate, channels, layout in ((44_100, 1, "mono"), (22_050, 2, "stereo")):
        sound = np.repeat(tone(rate=rate), channels, axis=0)
        file = tmp_path / f"{rate}.mp3"
        write_sound(file, sound, rate, codec="mp3", sample_format="fltp", layout=layout)
        parts.append(file.read_bytes())
    both = tmp_path / "both.mp3"
    both.write_bytes(b"".join(parts))
    sound = read_sound(both)
    assert len(sound) == pytest.approx(64_000, abs=3_000)
    assert pitch(sound[40_000:60_000]) == pytest.approx(440, abs=1)


def test_damage_in_the_middle_leaves_the_rest_and_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "a.m4a"
    write_sound(file, tone(10), RATE, codec="aac", sample_format="fltp")
    whole = file.read_bytes()
    middle = len(whole) // 2
    noise = np.random.default_rng(1).bytes(1_000)
    file.write_bytes(whole[:middle] + noise + whole[middle + len(noise) :])
    with caplog.at_level(logging.WARNING):
        sound = read_sound(file)
    assert len(sound) > 8 * 16_000
    assert "is damaged" in caplog.text


def test_a_recording_that_breaks_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    file = write_sound(tmp_path / "a.wav", tone(4), RATE)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert len(read_sound(file)) == pytest.approx(32_000, abs=50)


async def test_blocks_are_short_and_their_times_add_up(tmp_path: Path) -> None:
    file = write_sound(tmp_path / "a.wav", tone(5), RATE)
    frames = [frame async for frame in read_frames(file)]
    assert max(len(frame.samples) for frame in frames) < 2 * 16_000
    position = 0
    for frame in frames:
        assert frame.pts_ns == position * 1_000_000_000 // 16_000
        position += len(frame.samples)
    assert position == pytest.approx(80_000, abs=16)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.wav", b"", "is empty"),
        ("text.wav", b"These are words, not sound.\n" * 50, "cannot be read as sound or video"),
        ("header.wav", b"RIFF\x24\x00\x00\x00WAVEfmt ", "cannot be read as sound or video"),
        ("noise.mp4", bytes(range(256)) * 20, "cannot be read as sound or video"),
    ],
)
def test_what_is_no_recording_is_said_in_one_line_that_names_it(
    name: str, content: bytes, said: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(InputError, match=said) as told:
        read_sound(file)
    assert name in str(told.value)


def test_a_video_without_sound_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"mute\.mp4 has no sound track"):
        read_sound(write_mute_video(tmp_path / "mute.mp4"))


def test_a_missing_file_and_a_folder_say_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no file .*gone\.wav"):
        read_sound(tmp_path / "gone.wav")
    with pytest.raises(InputError, match="is a folder"):
        read_sound(tmp_path)


def test_a_file_of_no_samples_says_so(tmp_path: Path) -> None:
    file = write_sound(tmp_path / "a.wav", np.zeros((1, 0), np.float32), RATE)
    with pytest.raises(InputError, match=r"a\.wav"):
        read_sound(file)
