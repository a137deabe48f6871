"""Recordings for tests: real speech of the catalogue, and files of any kind made from sound."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import av
import numpy as np
import soxr

from meetbot.models import ModelStore
from meetbot.transcribe.media import read_sound

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["at_rate", "talk", "write_mute_video", "write_sound", "write_video"]

FULL_SCALE = 32_767
BLOCK = 1_024


@cache
def talk(rate: int = 16_000) -> NDArray[np.float32]:
    """Six seconds of two women: "…Diane in New Jersey. And I'm Sheila in Texas… Chicago."."""
    whole = read_sound(ModelStore().path("phone-talk") / "sample.wav", rate)
    return whole[12 * rate : round(18.2 * rate)]


def at_rate(sound: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Sound at 16 kHz, taken to another rate."""
    resampled: NDArray[np.float32] = soxr.resample(sound, 16_000, rate)
    return resampled


def write_sound(
    path: Path,
    channels: NDArray[np.float32],
    rate: int,
    *,
    codec: str = "pcm_s16le",
    sample_format: str = "s16",
    layout: str = "mono",
) -> Path:
    """``channels``, shape ``(channels, n)``, as a file of the kind that its name ends in."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.codec_context.layout = layout
        stream.codec_context.format = sample_format
        for start in range(0, channels.shape[1], BLOCK):
            block = channels[:, start : start + BLOCK]
            container.mux(stream.encode(_frame(block, rate, start, sample_format, layout)))
        container.mux(stream.encode(None))
    return path


def write_video(path: Path, sound: NDArray[np.float32], rate: int) -> Path:
    """An mp4 with a picture and AAC sound (mono)."""
    with av.open(str(path), "w") as container:
        video = _video_stream(container)
        audio = container.add_stream("aac", rate=rate)
        audio.codec_context.layout = "mono"
        audio.codec_context.format = "fltp"
        for number in range(len(sound) * 5 // rate):
            container.mux(video.encode(_picture(number)))
        for start in range(0, len(sound), BLOCK):
            block = sound[None, start : start + BLOCK]
            container.mux(audio.encode(_frame(block, rate, start, "fltp", "mono")))
        for stream in (video, audio):
            container.mux(stream.encode(None))
    return path


def write_mute_video(path: Path) -> Path:
    """An mp4 of two seconds without a sound track."""
    with av.open(str(path), "w") as container:
        video = _video_stream(container)
        for number in range(10):
            container.mux(video.encode(_picture(number)))
        container.mux(video.encode(None))
    return path


def _video_stream(container: av.container.OutputContainer) -> av.VideoStream:
    video = container.add_stream("mpeg4", rate=5)
    video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
    return video


def _picture(number: int) -> av.VideoFrame:
    pixels = np.full((64, 64, 3), 16 * number % 256, np.uint8)
    return av.VideoFrame.from_ndarray(pixels, format="rgb24")


def _frame(
    block: NDArray[np.float32], rate: int, pts: int, sample_format: str, layout: str
) -> av.AudioFrame:
    samples = block
    if sample_format.startswith("s16"):
        samples = (np.clip(block, -1, 1) * FULL_SCALE).astype(np.int16)
    if not sample_format.endswith("p"):
        samples = samples.T.reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(samples), format=sample_format, layout=layout
    )
    frame.sample_rate, frame.pts = rate, pts
    return frame
