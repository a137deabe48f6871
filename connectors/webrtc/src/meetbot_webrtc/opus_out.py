"""Sound encoded once as Opus and given to every peer."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av
import numpy as np

from meetbot_webrtc.packets import AudioPackets

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

__all__ = ["FRAME", "FRAME_SECONDS", "LOOKAHEAD_NS", "OPUS_RATE", "OpusBroadcast"]

OPUS_RATE = 48_000
FRAME = 960
FRAME_SECONDS = FRAME / OPUS_RATE
LOOKAHEAD_NS = 6_500_000
"""By this much what an Opus decoder gives lags behind its packet's time stamp (voip, 48 kHz)."""
BITRATE = 40_000
HANGOVER_FRAMES = 15
SILENCE_EVERY_FRAMES = 20


class OpusBroadcast:
    """One stream of 20 ms frames. Nothing is encoded while nobody listens.

    In silence one packet in 400 ms goes out, as a browser's discontinuous transmission does.
    """

    def __init__(self, name: str | None = None) -> None:
        self._name = name
        self._tracks: list[AudioPackets] = []
        self._silent = HANGOVER_FRAMES
        self._toc = b"\x08"
        encoder = cast("Any", av.CodecContext.create("libopus", "w"))
        encoder.format, encoder.layout, encoder.sample_rate = "s16", "mono", OPUS_RATE
        encoder.bit_rate, encoder.time_base = BITRATE, Fraction(1, OPUS_RATE)
        encoder.options = {"application": "voip", "frame_duration": "20"}
        self._encoder = encoder

    def track(self) -> AudioPackets:
        """A track for one peer; nothing comes by it until ``listen``."""
        return AudioPackets(self._name)

    def listen(self, track: AudioPackets) -> None:
        """The peer of ``track`` takes what is sent from now on."""
        if track not in self._tracks:
            self._tracks.append(track)

    def release(self, track: AudioPackets) -> None:
        """That peer is gone."""
        track.stop()
        with contextlib.suppress(ValueError):
            self._tracks.remove(track)

    def close(self) -> None:
        """End all tracks."""
        for track in list(self._tracks):
            self.release(track)

    def send(self, samples: NDArray[np.int16] | None, pts: int) -> None:
        """The next 960 samples (int16 mono; None: silence), at ``pts`` (1/48000 s)."""
        if samples is not None:
            self._silent = 0
            self._encode(samples, pts)
            return
        self._silent += 1
        if self._silent <= HANGOVER_FRAMES:
            self._encode(np.zeros(FRAME, dtype=np.int16), pts)
        elif self._silent % SILENCE_EVERY_FRAMES == (HANGOVER_FRAMES + 1) % SILENCE_EVERY_FRAMES:
            self._push(self._toc, pts)

    def _encode(self, samples: NDArray[np.int16], pts: int) -> None:
        if not self._tracks:
            return
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="s16", layout="mono")
        frame.sample_rate, frame.pts = OPUS_RATE, pts
        frame.time_base = Fraction(1, OPUS_RATE)
        for packet in self._encoder.encode(frame):
            data = bytes(packet)
            self._toc = bytes([data[0] & 0xFC])
            self._push(data, pts)

    def _push(self, data: bytes, pts: int) -> None:
        packet = av.Packet(data)
        packet.pts, packet.time_base = pts, Fraction(1, OPUS_RATE)
        for track in self._tracks:
            track.push(packet)
