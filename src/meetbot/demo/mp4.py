"""Segments of a recording encoded into an mp4. Blocking: runs on the recorder's thread."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.demo.timeline import Segment

__all__ = ["Mp4Writer"]

GROUND = (14, 17, 22)
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
        ground = np.empty((size[1], size[0], 3), np.uint8)
        ground[:] = GROUND
        self._shown = self._picture(ground)
        self._source: object = None
        self._slot = self._sample = 0

    def write(self, segment: Segment) -> None:
        """Encode ``segment``; what is missing before it is silence and the picture shown last."""
        start = segment.start * self._rate // self._fps
        if start > self._sample:
            self._pictures({}, segment.start)
            self._sound(np.zeros(start - self._sample, np.int16))
        self._pictures(dict(segment.pictures), segment.end)
        self._sound(segment.sound)

    def finish(self) -> None:
        """Write the rest and close the file."""
        for stream in (self._video, self._audio):
            self._file.mux(stream.encode(None))
        self._file.close()

    def _pictures(self, new: dict[int, Any], end: int) -> None:
        while self._slot < end:
            picture = new.get(self._slot)
            if picture is not None and picture is not self._source:
                self._source, self._shown = picture, self._picture(picture)
            self._shown.pts = self._slot
            self._shown.time_base = Fraction(1, self._fps)
            self._file.mux(self._video.encode(self._shown))
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

    def _picture(self, picture: av.VideoFrame | NDArray[np.uint8]) -> av.VideoFrame:
        """A frame of our own, of our size: scaled, with bars where the shape differs."""
        if isinstance(picture, np.ndarray):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        width, height = self._size
        scale = min(width / picture.width, height / picture.height)
        inner = (round(picture.width * scale) // 2 * 2, round(picture.height * scale) // 2 * 2)
        if inner != self._size:
            picture = self._framed(picture, inner)
        pixels = picture.reformat(width, height, "yuv420p").to_ndarray()
        return av.VideoFrame.from_ndarray(pixels, format="yuv420p")

    def _framed(self, picture: av.VideoFrame, inner: tuple[int, int]) -> av.VideoFrame:
        width, height = self._size
        small = picture.reformat(max(2, inner[0]), max(2, inner[1]), "rgb24").to_ndarray()
        whole = np.empty((height, width, 3), np.uint8)
        whole[:] = GROUND
        top, left = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
        whole[top : top + small.shape[0], left : left + small.shape[1]] = small
        return av.VideoFrame.from_ndarray(whole, format="rgb24")
