"""Sound of any audio or video file that FFmpeg's libraries open (by PyAV)."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, TypeAlias

import av
import numpy as np

from meetbot.core.errors import InputError
from meetbot.core.types import SAMPLE_RATE, AudioFrame

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    Sound: TypeAlias = np.ndarray[tuple[int], np.dtype[np.float32]]

__all__ = ["read_frames", "read_sound"]

log = logging.getLogger(__name__)

NS_PER_S = 1_000_000_000
BLOCK_SAMPLES = SAMPLE_RATE
FULL_SCALE = 32768


async def read_frames(path: Path) -> AsyncIterator[AudioFrame]:
    """The file's first sound track, float32 mono at 16 kHz in blocks of about a second.

    Parts that are damaged are left out, with a warning in the log. Raises ``InputError`` for a
    file that is missing, no media, or without sound that can be read.
    """
    blocks = _blocks(path, SAMPLE_RATE)
    position = 0
    while (block := await asyncio.to_thread(next, blocks, None)) is not None:
        yield AudioFrame(block, SAMPLE_RATE, position * NS_PER_S // SAMPLE_RATE)
        position += len(block)
    if position == 0:
        raise _soundless(path)


def read_sound(path: Path, sample_rate: int = SAMPLE_RATE) -> Sound:
    """All of the file's sound at once, float32 mono at ``sample_rate``. Raises ``InputError``."""
    blocks = list(_blocks(path, sample_rate))
    if not blocks:
        raise _soundless(path)
    return np.concatenate(blocks)


def _soundless(path: Path) -> InputError:
    return InputError(f"{path} holds no sound; give a recording with speech in it")


def _blocks(path: Path, sample_rate: int) -> Iterator[Sound]:
    if path.is_dir():
        raise InputError(f"{path} is a folder; give the files in it")
    if not path.exists():
        raise InputError(f"there is no file {path}")
    if path.is_file() and path.stat().st_size == 0:
        raise InputError(f"{path} is empty; give a recording with speech in it")
    held: list[Sound] = []
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise InputError(f"{path} has no sound track")
            for part in _resampled(_decoded(container, path), sample_rate):
                held.append(part)
                if sum(map(len, held)) >= BLOCK_SAMPLES:
                    yield np.concatenate(held)
                    held = []
    except (av.FFmpegError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path} cannot be read as sound or video: {reason}") from error
    if sum(map(len, held)):
        yield np.concatenate(held)


def _decoded(container: av.container.InputContainer, path: Path) -> Iterator[av.AudioFrame]:
    """The frames that can be decoded; raises the last error when there is none."""
    packets = container.demux(container.streams.audio[0])
    read, damaged = 0, 0
    error: av.FFmpegError | None = None
    while True:
        try:
            packet = next(packets, None)
            frames = packet.decode() if packet is not None else None
        except av.error.InvalidDataError as found:
            error, damaged = found, damaged + 1
            continue
        if frames is None:
            break
        read += len(frames)
        yield from frames
    if error is not None and not read:
        raise error
    if damaged:
        log.warning("%s is damaged: %d parts of it could not be read", path, damaged)


def _resampled(frames: Iterator[av.AudioFrame], sample_rate: int) -> Iterator[Sound]:
    """As mono at ``sample_rate``, also where the rate or the channels change on the way.

    To 16 bits, since FFmpeg then weighs the channels so that their sum cannot be too loud.
    """
    resampler: av.AudioResampler | None = None
    shape: tuple[object, ...] = ()
    for frame in frames:
        present = (frame.sample_rate, frame.layout.name, frame.format.name)
        if resampler is not None and present != shape:
            yield from map(_samples, resampler.resample(None))
            resampler = None
        if resampler is None:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=sample_rate)
            shape = present
        yield from map(_samples, resampler.resample(_clean(frame)))
    if resampler is not None:
        yield from map(_samples, resampler.resample(None))


def _clean(frame: av.AudioFrame) -> av.AudioFrame:
    """The frame without samples that are no numbers, which the resampler would spread."""
    if not frame.format.name.startswith(("flt", "dbl")):
        return frame
    samples: Any = frame.to_ndarray()
    if np.isfinite(samples).all():
        return frame
    finite = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0)
    cleaned = av.AudioFrame.from_ndarray(finite, format=frame.format.name, layout=frame.layout.name)
    cleaned.sample_rate, cleaned.pts = frame.sample_rate, frame.pts
    cleaned.time_base = frame.time_base
    return cleaned


def _samples(frame: av.AudioFrame) -> Sound:
    samples: Sound = frame.to_ndarray()[0].astype(np.float32) / FULL_SCALE
    return samples
