"""The hearing lane of one meeting: every microphone, one recognizer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from meetbot.hearing.desk import RecognitionDesk
from meetbot.hearing.echo import EchoReference
from meetbot.hearing.microphone import Microphone
from meetbot.hearing.parts import HearingSink, MicrophoneParts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.config import HearingSettings
    from meetbot.core.ports import Recognizer, TurnDetector, VoiceActivity
    from meetbot.core.types import AudioFrame, Participant
    from meetbot.people import VoiceIdentifier

__all__ = ["HearingLane", "HearingSink"]


class HearingLane:
    """``run`` serves recognitions for ever; ``listen`` hears one microphone to its end.

    ``live`` False is for recordings: no guesses, no partial captions, as fast as it goes.
    """

    def __init__(
        self,
        settings: HearingSettings,
        *,
        voice_activity: VoiceActivity,
        turn_detector: TurnDetector,
        recognizer: Recognizer,
        rebuild: Callable[[], Awaitable[Recognizer]],
        identifier: VoiceIdentifier | None,
        sink: HearingSink,
        live: bool = True,
    ) -> None:
        self._voice_activity = voice_activity
        self._desk = RecognitionDesk(recognizer, rebuild=rebuild, report=sink.trouble)
        self._stopping = asyncio.Event()
        self._parts = MicrophoneParts(
            settings,
            self._desk,
            turn_detector,
            identifier,
            sink,
            live,
            self._stopping,
            EchoReference(),
        )

    @property
    def dropped_partials(self) -> int:
        """Partial captions that a newer one overtook."""
        return self._desk.dropped_partials

    async def run(self) -> None:
        """Serve recognitions until cancelled."""
        await self._desk.run()

    async def listen(self, participant: Participant, frames: AsyncIterator[AudioFrame]) -> None:
        """Hear one participant until the frames end and all that was said is handed on."""
        voice = self._voice_activity.open()
        await Microphone(participant, voice, self._parts).listen(frames)

    def played(self, samples: NDArray[np.int16], rate: int, pts_ns: int) -> None:
        """The bot's next sound, mono at 16 or 48 kHz, heard from meeting time ``pts_ns`` on.

        Where it comes back from a loudspeaker it is not taken for that participant's voice.
        """
        self._parts.bot_sound.played(samples, rate, pts_ns)

    def stop(self) -> None:
        """End all ``listen`` calls well: what was said so far is still handed on."""
        self._stopping.set()

    def forget(self, participant: Participant) -> None:
        """The participant left for good."""
        self._desk.forget(participant.id)
