"""Hands what was heard to everyone in the session who needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meetbot.core.types import Caption, SpeechEvent, Utterance
    from meetbot.session.announcer import Announcer
    from meetbot.session.answering import Answering

__all__ = ["Ears"]


class Ears:
    """A ``HearingSink``: captions to the announcer; all of it to the one who answers, if any."""

    def __init__(self, announcer: Announcer, answering: Answering | None) -> None:
        self._announcer = announcer
        self._answering = answering

    def noticed(self, event: SpeechEvent) -> None:
        """Someone speaks, pauses, or has finished: for answering in time and for barge-in."""
        if self._answering is not None:
            self._answering.noticed(event)

    async def partial(self, caption: Caption) -> None:
        """What someone has said so far."""
        await self._announcer.partial(caption)

    async def final(self, utterance: Utterance) -> None:
        """What someone said."""
        if self._answering is not None:
            self._answering.heard(utterance)
        await self._announcer.final(utterance)

    def level(self, participant_id: str, level: float) -> None:
        """How loudly someone speaks."""
        self._announcer.level(participant_id, level)

    async def trouble(self, text: str) -> None:
        """A part failed."""
        await self._announcer.trouble(text)
