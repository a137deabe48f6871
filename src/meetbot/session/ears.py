"""Hands what was heard to everyone in the session who needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetbot.core.types import Caption, SpeechEvent, Utterance
    from meetbot.session.announcer import Announcer

__all__ = ["Ears", "Listener"]


class Listener(Protocol):
    """Who does something about what is heard; each call returns at once."""

    def noticed(self, event: SpeechEvent) -> None: ...
    def growing(self, caption: Caption) -> None: ...
    def heard(self, utterance: Utterance) -> None: ...


class Ears:
    """A ``HearingSink``: captions to the announcer, and all of it to the ``listeners``."""

    def __init__(self, announcer: Announcer, listeners: Sequence[Listener]) -> None:
        self._announcer = announcer
        self._listeners = listeners

    def noticed(self, event: SpeechEvent) -> None:
        """Someone speaks, pauses, or has finished: for answering in time and for barge-in."""
        for listener in self._listeners:
            listener.noticed(event)

    async def partial(self, caption: Caption) -> None:
        """What someone has said so far."""
        for listener in self._listeners:
            listener.growing(caption)
        await self._announcer.partial(caption)

    async def final(self, utterance: Utterance) -> None:
        """What someone said."""
        for listener in self._listeners:
            listener.heard(utterance)
        await self._announcer.final(utterance)

    def level(self, participant_id: str, level: float) -> None:
        """How loudly someone speaks."""
        self._announcer.level(participant_id, level)

    async def trouble(self, text: str) -> None:
        """A part failed."""
        await self._announcer.trouble(text)
