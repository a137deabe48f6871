"""Sound of any audio or video file that FFmpeg's libraries open (by PyAV)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import av
import numpy as np

from meetbot.core.errors import InputError
from meetbot.core.types import SAMPLE_RATE, AudioFrame

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

__all__ = ["read_frames", "read_sound"]

NS_PER_S = 1_000_000_000
BLOCK_SAMPLES = SAMPLE_RATE


async def read_frames(path: Path) -> AsyncIterator[AudioFrame]:
    """The file's first sound track, float32 mono at 16 kHz in blocks of about a second.

    Raises ``InputError`` for a file that is missing, no media, damaged, or without sound.
    """
    blocks = _blocks(path)
    position = 0
    while (block := await asyncio.to_thread(next, blocks, None)) is not None:
        yield AudioFrame(block, SAMPLE_RATE, position * NS_PER_S // SAMPLE_RATE)
        position += len(block)
    if position == 0:
        raise InputError(f"{path} holds no sound; give a recording with speech in it")


def read_sound(
    path: Path, sample_rate: int = SAMPLE_RATE
) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """All of the file's sound at once, float32 mono at ``sample_rate``. Raises ``InputError``."""
    blocks = list(_blocks(path, sample_rate))
    if not blocks:
        raise InputError(f"{path} holds no sound; give a recording with speech in it")
    return np.concatenate(blocks)


def _blocks(
    path: Path, sample_rate: int = SAMPLE_RATE
) -> Iterator[np.ndarray[tuple[int], np.dtype[np.float32]]]:
    if not path.is_file():
        raise InputError(f"there is no file {path}")
    held: list[np.ndarray[tuple[int], np.dtype[np.float32]]] = []
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise InputError(f"{path} has no sound track")
            resampler = av.AudioResampler(format="flt", layout="mono", rate=sample_rate)
            for frame in container.decode(container.streams.audio[0]):
                held += [part.to_ndarray()[0] for part in resampler.resample(frame)]
                if sum(map(len, held)) >= BLOCK_SAMPLES:
                    yield np.concatenate(held)
                    held = []
            held += [part.to_ndarray()[0] for part in resampler.resample(None)]
    except (av.FFmpegError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path} cannot be read as sound or video: {reason}") from error
    if sum(map(len, held)):
        yield np.concatenate(held)
