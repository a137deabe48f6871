"""What the bot says, for everyone to read: growing captions, then what was really spoken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from meetbot.core.types import Caption, Utterance

if TYPE_CHECKING:
    from meetbot.core.clock import Clock
    from meetbot.core.types import Participant
    from meetbot.core.voice import Answer, Spoken
    from meetbot.session.activity import Activities
    from meetbot.session.announcer import Announcer

__all__ = ["Listener", "Mouth"]


class Listener(Protocol):
    """Who has to know what the bot has said."""

    def said(self, utterance: Utterance) -> None: ...
    def spoken(self, spoken: Spoken) -> None: ...


class Mouth:
    """A ``TalkSink``. Every answer that was heard is stored and announced as an utterance.

    ``listener``: told of it as well, for the conversation's history.
    """

    def __init__(
        self, announcer: Announcer, clock: Clock, bot: Participant, activities: Activities
    ) -> None:
        self._activities = activities
        self._announcer = announcer
        self._clock = clock
        self._bot = bot
        self.listener: Listener | None = None
        self._begun: dict[str, int] = {}

    async def spoken_so_far(self, answer: Answer, text: str) -> None:
        """Show what has begun to sound."""
        self._activities.sounds(answer.id)
        start_ns = self._begun.setdefault(answer.id, self._clock.now_ns())
        await self._show(answer.id, text, answer.language, start_ns)

    async def spoken(self, spoken: Spoken) -> None:
        """Keep and announce what was heard; where nothing was, take the caption back."""
        start_ns = self._begun.pop(spoken.answer_id, None)
        self._activities.over(spoken.answer_id)
        if self.listener is not None:
            self.listener.spoken(spoken)
        if not spoken.text.strip():
            if start_ns is not None:
                await self._show(spoken.answer_id, "", spoken.language, start_ns)
            return
        utterance = Utterance(
            id=spoken.answer_id,
            participant=self._bot,
            speaker=None,
            text=spoken.text,
            language=spoken.language,
            start_ns=spoken.start_ns,
            end_ns=spoken.end_ns,
        )
        if self.listener is not None:
            self.listener.said(utterance)
        await self._announcer.final(utterance)

    async def trouble(self, text: str) -> None:
        """A part of the bot's speech failed."""
        await self._announcer.trouble(text)

    async def _show(self, answer_id: str, text: str, language: str, start_ns: int) -> None:
        await self._announcer.partial(
            Caption(
                utterance_id=answer_id,
                participant=self._bot,
                speaker=None,
                text=text,
                language=language,
                start_ns=start_ns,
                end_ns=self._clock.now_ns(),
                final=False,
            )
        )
