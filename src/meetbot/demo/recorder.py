"""Records what one participant received as an mp4: H.264 and AAC, each in its place in time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from meetbot.core.channels import Channel, ChannelClosed, Overflow
from meetbot.core.errors import EngineError, InputError
from meetbot.core.worker import ModelThread
from meetbot.demo.timeline import RATE, Segment, Timeline

if TYPE_CHECKING:
    from pathlib import Path

    import av
    from numpy.typing import NDArray

    from meetbot.demo.mp4 import Mp4Writer
    from meetbot.demo.timeline import Tile

__all__ = ["Recorder", "Recording"]

WAITING = 50
"""Segments that may wait for the encoder, about 10 s; then the oldest is left out."""
FULL = 4
"""Waiting segments over which a new one keeps the last picture of each tile only."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What was written. ``dropped_*``: what the encoder was too slow for; time stays right."""

    path: Path
    seconds: float
    pictures: int
    dropped_pictures: int
    dropped_segments: int


class Recorder:
    """An async context manager; ``video`` and ``audio`` only note what came and never wait.

    Pictures are shown from when they arrived, held until the next; sound of all sources is
    mixed, silence where none came. Frames have a constant rate. Memory is bounded. The file can
    be played up to about its last 2 s even if the program is killed. Opening raises
    ``InputError`` where the file cannot be written; closing raises ``EngineError`` where the
    encoder failed.

    ``origin_ns``: arrival time that becomes 0 in the file; None: that of the first thing to come.
    """

    def __init__(
        self,
        path: Path,
        *,
        width: int = 1280,
        height: int = 720,
        fps: int = 25,
        origin_ns: int | None = None,
    ) -> None:
        self._path, self._size, self._fps = path, (width, height), fps
        self._timeline = Timeline(fps, origin_ns)
        self._segments: Channel[Segment] = Channel(WAITING, Overflow.DROP_OLDEST)
        self._thread = ModelThread("recorder", niceness=5)
        self._writing: asyncio.Task[None] | None = None
        self._pictures = self._dropped = 0

    @property
    def waiting(self) -> int:
        """Segments that wait for the encoder; over ``FULL`` pictures are left out."""
        return len(self._segments)

    async def __aenter__(self) -> Self:
        try:
            writer = await self._thread.run(_open, self._path, self._size, self._fps)
        except OSError as error:
            self._thread.close()
            reason = error.strerror or error
            raise InputError(f"cannot write the recording {self._path}: {reason}") from error
        self._writing = asyncio.create_task(self._write(writer), name="recorder")
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    def video(
        self, frame: av.VideoFrame | NDArray[np.uint8], arrival_ns: int, *, tile: Tile = "stage"
    ) -> None:
        """A picture arrived: any ``av.VideoFrame``, or uint8 RGB of shape (height, width, 3)."""
        self._pictures += 1
        self._timeline.picture(frame, arrival_ns, tile=tile)
        self._pass_on(self._timeline.finished())

    def audio(self, source: str, samples: NDArray[np.int16], arrival_ns: int) -> None:
        """The next chunk of ``source``: int16 mono at 48 kHz, shape (n,), whole at ``arrival_ns``.

        Chunks of one source must come in order.
        """
        if samples.dtype != np.int16 or samples.ndim != 1:
            raise ValueError(f"needs int16 mono sound, not {samples.dtype} {samples.shape}")
        self._timeline.sound(source, samples, arrival_ns)
        self._pass_on(self._timeline.finished())

    async def close(self, until_ns: int | None = None) -> Recording:
        """Write what is left, up to arrival time ``until_ns``, and finish the file."""
        if not self._segments.closed:
            self._pass_on(self._timeline.rest(until_ns))
            self._segments.close()
        try:
            if self._writing is not None:
                await self._writing
        finally:
            self._thread.close()
        return Recording(
            self._path,
            self._timeline.slots / self._fps,
            self._pictures,
            self._dropped,
            self._segments.dropped,
        )

    def _pass_on(self, segments: list[Segment]) -> None:
        for segment in segments:
            if len(self._segments) >= FULL:
                kept = segment.latest()
                self._dropped += len(segment.pictures) - len(kept.pictures)
                segment = kept  # noqa: PLW2901
            try:
                self._segments.offer(segment)
            except ChannelClosed:
                return

    async def _write(self, writer: Mp4Writer) -> None:
        try:
            async for segment in self._segments:
                await self._thread.run(writer.write, segment)
            await self._thread.run(writer.finish)
        except (OSError, ValueError) as error:
            self._segments.close()
            raise EngineError(f"the recording {self._path} broke off: {error}") from error


def _open(path: Path, size: tuple[int, int], fps: int) -> Mp4Writer:
    from meetbot.demo.mp4 import Mp4Writer

    path.parent.mkdir(parents=True, exist_ok=True)
    return Mp4Writer(path, size, fps, RATE)
