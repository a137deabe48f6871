"""What all microphones of a meeting share, and where what was heard goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio

    from meetbot.config import HearingSettings
    from meetbot.core.ports import TurnDetector
    from meetbot.core.types import Caption, SpeechEvent, Utterance
    from meetbot.hearing.desk import RecognitionDesk
    from meetbot.hearing.echo import EchoReference
    from meetbot.people import VoiceIdentifier

__all__ = ["HearingSink", "MicrophoneParts"]


class HearingSink(Protocol):
    """Where what was heard goes."""

    def noticed(self, event: SpeechEvent) -> None:
        """Someone speaks, pauses or has finished, told at once; in order for each participant.

        Must return within a millisecond: sound waits.
        """

    async def partial(self, caption: Caption) -> None:
        """What someone has said so far; an empty text withdraws it."""

    async def final(self, utterance: Utterance) -> None:
        """What someone said, in order; each is kept before it is shown to anyone."""

    def level(self, participant_id: str, level: float) -> None:
        """How loudly someone speaks, 0…1, about ten times a second; 0 when they stop."""

    async def trouble(self, text: str) -> None:
        """A part failed, in a line for people; the meeting goes on."""


@dataclass(frozen=True, slots=True)
class MicrophoneParts:
    """What all microphones of a meeting share. ``live``: windows come in real time.

    ``stopping`` ends every microphone. ``bot_sound``: what the bot plays.
    """

    settings: HearingSettings
    desk: RecognitionDesk
    turn_detector: TurnDetector
    identifier: VoiceIdentifier | None
    sink: HearingSink
    live: bool
    stopping: asyncio.Event
    bot_sound: EchoReference
