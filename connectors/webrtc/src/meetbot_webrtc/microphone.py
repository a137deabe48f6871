"""A Python member's microphone: paced, encoded once, sent to everyone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av
import numpy as np

from meetbot.core.clock import monotonic_ns
from meetbot_webrtc.packets import AudioPackets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Any

    from numpy.typing import NDArray

__all__ = ["Microphone", "Played"]

RATE = 48_000
FRAME = 960
FRAME_SECONDS = FRAME / RATE
BITRATE = 40_000
HANGOVER_FRAMES = 15
SILENCE_EVERY_FRAMES = 20
LATEST_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Played:
    """Monotonic ns at which the first and the last sample of a clip went out."""

    first_ns: int
    last_ns: int


class Microphone:
    """Sends 20 ms Opus frames at absolute deadlines: what is played, else silence.

    In silence one packet in 400 ms goes out, as a browser's discontinuous transmission does.
    """

    def __init__(self) -> None:
        self._tracks: list[AudioPackets] = []
        self._frames = 0
        self._clip: AsyncIterator[NDArray[np.int16]] | None = None
        self._done: asyncio.Future[Played] | None = None
        self._first_ns = 0
        self._silent = HANGOVER_FRAMES
        self._toc = b"\x08"
        encoder = cast("Any", av.CodecContext.create("libopus", "w"))
        encoder.format, encoder.layout, encoder.sample_rate = "s16", "mono", RATE
        encoder.bit_rate, encoder.time_base = BITRATE, Fraction(1, RATE)
        encoder.options = {"application": "voip", "frame_duration": "20"}
        self._encoder = encoder

    def track(self) -> AudioPackets:
        """A track for one peer."""
        track = AudioPackets()
        self._tracks.append(track)
        return track

    def release(self, track: AudioPackets) -> None:
        """That peer is gone."""
        track.stop()
        with contextlib.suppress(ValueError):
            self._tracks.remove(track)

    async def play(self, clip: NDArray[np.int16] | AsyncIterable[NDArray[np.int16]]) -> Played:
        """Play ``clip`` (int16 mono, 48 kHz; whole or in pieces of any length) to its end."""
        if self._done is not None:
            await asyncio.wait({self._done})
        self._done = asyncio.get_running_loop().create_future()
        self._first_ns = 0
        self._clip = _frames(clip)
        return await asyncio.shield(self._done)

    async def run(self) -> None:
        """Send until cancelled."""
        loop = asyncio.get_running_loop()
        deadline = loop.time()
        while True:
            deadline += FRAME_SECONDS
            if loop.time() - deadline > LATEST_SECONDS:
                behind = int((loop.time() - deadline) / FRAME_SECONDS)
                deadline += behind * FRAME_SECONDS
                self._frames += behind
            await asyncio.sleep(max(0.0, deadline - loop.time()))
            await self._tick()

    async def _tick(self) -> None:
        samples = await anext(self._clip, None) if self._clip is not None else None
        if samples is not None:
            self._silent = 0
            self._first_ns = self._first_ns or monotonic_ns()
            self._send(samples)
        else:
            if self._clip is not None:
                self._finish()
            self._silence()
        self._frames += 1

    def _finish(self) -> None:
        self._clip = None
        done, self._done = self._done, None
        if done is not None and not done.done():
            done.set_result(Played(self._first_ns, monotonic_ns()))

    def _silence(self) -> None:
        self._silent += 1
        if self._silent <= HANGOVER_FRAMES:
            self._send(np.zeros(FRAME, dtype=np.int16))
        elif self._silent % SILENCE_EVERY_FRAMES == (HANGOVER_FRAMES + 1) % SILENCE_EVERY_FRAMES:
            self._push(self._toc)

    def _send(self, samples: NDArray[np.int16]) -> None:
        if not self._tracks:
            return
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = (
            RATE,
            self._frames * FRAME,
            Fraction(1, RATE),
        )
        for packet in self._encoder.encode(frame):
            data = bytes(packet)
            self._toc = bytes([data[0] & 0xFC])
            self._push(data)

    def _push(self, data: bytes) -> None:
        packet = av.Packet(data)
        packet.pts, packet.time_base = self._frames * FRAME, Fraction(1, RATE)
        for track in self._tracks:
            track.push(packet)


async def _frames(
    clip: NDArray[np.int16] | AsyncIterable[NDArray[np.int16]],
) -> AsyncIterator[NDArray[np.int16]]:
    """``clip`` in frames of 960 samples, the last one padded."""
    held = np.zeros(0, dtype=np.int16)
    if isinstance(clip, AsyncIterable):
        async for piece in clip:
            held = np.concatenate((held, piece))
            whole = len(held) - len(held) % FRAME
            for start in range(0, whole, FRAME):
                yield held[start : start + FRAME]
            held = held[whole:]
    else:
        whole = len(clip) - len(clip) % FRAME
        for start in range(0, whole, FRAME):
            yield clip[start : start + FRAME]
        held = clip[whole:]
    if len(held):
        yield np.concatenate((held, np.zeros(FRAME - len(held), dtype=np.int16)))
