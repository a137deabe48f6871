"""Segments of a recording encoded into an mp4. Blocking: runs on the recorder's thread."""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import numpy as np

from meetbot.demo.canvas import Canvas

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.demo.timeline import Segment, Tile

__all__ = ["Mp4Writer"]

_MUXER = {"movflags": "hybrid_fragmented+frag_keyframe", "flush_packets": "1"}
"""Fragments on disk as it goes, one plain mp4 once it is finished (FFmpeg's mov muxer)."""
PRIMING = 1024
"""Samples that FFmpeg's AAC encoder puts before the first: as many are left out at the beginning,
since fragments have no edit list to tell players so."""
_X264 = {"preset": "superfast", "crf": "23", "tune": "zerolatency"}


class Mp4Writer:
    """H.264 of constant frame rate, AAC mono. Raises ``OSError`` where the file gives trouble."""

    def __init__(self, path: Path, size: tuple[int, int], fps: int, rate: int) -> None:
        self._size, self._fps, self._rate = size, fps, rate
        self._file = av.open(str(path), "w", format="mp4", options=dict(_MUXER))
        self._video = self._file.add_stream("libx264", rate=fps, options=dict(_X264))
        self._video.width, self._video.height = size
        self._video.pix_fmt = "yuv420p"
        self._video.codec_context.gop_size = 2 * fps
        self._video.codec_context.thread_count = 1
        self._audio = self._file.add_stream("aac", rate=rate, layout="mono")
        self._audio.bit_rate = 96_000
        self._canvas = Canvas(size)
        self._slot = self._sample = 0

    def write(self, segment: Segment) -> None:
        """Encode ``segment``; what is missing before it is silence and the picture shown last."""
        start = segment.start * self._rate // self._fps
        if start > self._sample:
            self._pictures((), segment.start)
            self._sound(np.zeros(start - self._sample, np.int16))
        self._pictures(segment.pictures, segment.end)
        self._sound(segment.sound)

    def finish(self) -> None:
        """Write the rest and close the file."""
        for stream in (self._video, self._audio):
            self._file.mux(stream.encode(None))
        self._file.close()

    def _pictures(self, pictures: Sequence[tuple[int, Tile, Any]], end: int) -> None:
        waiting = deque(pictures)
        while self._slot < end:
            while waiting and waiting[0][0] <= self._slot:
                _, tile, picture = waiting.popleft()
                self._canvas.show(tile, picture)
            shown = self._canvas.frame()
            shown.pts, shown.time_base = self._slot, Fraction(1, self._fps)
            self._file.mux(self._video.encode(shown))
            self._slot += 1

    def _sound(self, samples: NDArray[np.int16]) -> None:
        skip = max(0, PRIMING - self._sample)
        self._sample += min(skip, len(samples))
        samples = samples[skip:]
        if not len(samples):
            return
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="s16", layout="mono")
        frame.sample_rate, frame.pts = self._rate, self._sample
        frame.time_base = Fraction(1, self._rate)
        self._file.mux(self._audio.encode(frame))
        self._sample += len(samples)
