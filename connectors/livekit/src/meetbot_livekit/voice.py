"""The bot's microphone in a LiveKit room."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
from livekit import rtc

from meetbot.core.channels import Channel, ChannelClosed, Overflow
from meetbot.core.clock import monotonic_ns
from meetbot.core.voice import VOICE_RATE
from meetbot_livekit.encoding import voice_options
from meetbot_livekit.publishing import Publisher

if TYPE_CHECKING:
    import asyncio

    from numpy.typing import NDArray

__all__ = ["CUSHION_NS", "Voice"]

log = logging.getLogger(__name__)

NS_PER_S = 1_000_000_000
CUSHION_NS = 20_000_000
"""How late a moment may come without a gap in the sound: what the sound is held back by."""
MOST_AHEAD_NS = 160_000_000
"""More than this is not waited for: what is queued goes, so that the sound catches up."""
STEP_NS = 10_000_000
"""What the SDK sends at a time."""
PAUSE_NS = 100_000_000
QUEUE_MS = 200
WAITING = 4


class Voice:
    """Says moments' sound at an even pace.

    Silence is told as well, and is where the sound comes back to its pace: it is shortened where
    moments came late, and lengthened where they came early. As speech ends (or is interrupted) at
    most ``CUSHION_NS`` of it is still to be heard.
    """

    def __init__(self, turn: asyncio.Lock) -> None:
        self._source = rtc.AudioSource(VOICE_RATE, 1, queue_size_ms=QUEUE_MS)
        self._sounds: Channel[NDArray[np.int16] | int] = Channel(WAITING, Overflow.DROP_OLDEST)
        self._dropped = 0
        self._end_ns = 0
        self.publisher = Publisher(
            voice_options(),
            lambda: rtc.LocalAudioTrack.create_audio_track("voice", self._source),
            turn,
        )

    @property
    def dropped(self) -> int:
        """Moments of sound that were not said, since they came too late."""
        return self._dropped + self._sounds.dropped

    def say(self, samples: NDArray[np.int16] | None, length: int) -> None:
        """A moment's sound, int16 mono at 48 kHz; None: ``length`` samples of silence."""
        try:
            self._sounds.offer(length if samples is None else samples)
        except ChannelClosed:
            self._dropped += 1

    async def run(self) -> None:
        """Say what comes until cancelled; what is queued by then goes unsaid."""
        self.publisher.want()
        try:
            async for sound in self._sounds:
                await self._feed(self._paced(sound))
        finally:
            self._clear()

    async def close(self) -> None:
        """Nothing more will be said."""
        self._sounds.close()
        await self._source.aclose()

    # ------------------------------------------------------------------ inside

    def _paced(self, sound: NDArray[np.int16] | int) -> NDArray[np.int16]:
        """``sound`` with silence before or instead of it, so that the cushion is as it should."""
        now_ns = monotonic_ns()
        ahead_ns = self._end_ns - now_ns
        if isinstance(sound, int):
            if ahead_ns > CUSHION_NS + 2 * STEP_NS:
                self._clear()
                ahead_ns = 0
            missing = round((CUSHION_NS - max(0, ahead_ns)) / STEP_NS) * _samples(STEP_NS)
            return np.zeros(max(0, sound + missing), np.int16)
        if ahead_ns > MOST_AHEAD_NS:
            self._dropped += 1
            self._clear()
        if ahead_ns < -PAUSE_NS:
            return np.concatenate([np.zeros(_samples(CUSHION_NS), np.int16), sound])
        return sound

    async def _feed(self, samples: NDArray[np.int16]) -> None:
        if not len(samples):
            return
        length_ns = len(samples) * NS_PER_S // VOICE_RATE
        self._end_ns = max(self._end_ns, monotonic_ns()) + length_ns
        frame = rtc.AudioFrame(samples.tobytes(), VOICE_RATE, 1, len(samples))
        try:
            await self._source.capture_frame(frame)
        except Exception as error:  # the SDK raises nothing narrower
            self._dropped += 1
            log.warning("40 ms of the voice went unsaid: %s", error)

    def _clear(self) -> None:
        self._source.clear_queue()
        self._end_ns = min(self._end_ns, monotonic_ns())


def _samples(length_ns: int) -> int:
    return VOICE_RATE * length_ns // NS_PER_S
