"""The bot leaves by itself: when it is alone, when nobody says anything, and when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from meetbot.conversation.dismissal import Dismissal
from meetbot.core.types import TurnGuessed, TurnTaken
from meetbot.wording.words import as_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from meetbot.config import LeaveSettings
    from meetbot.core.clock import Clock
    from meetbot.core.types import Caption, ChatReceived, Participant, SpeechEvent, Utterance

__all__ = ["Departure", "Leaver", "Told", "goodbye"]

NS_PER_MINUTE = 60_000_000_000
LOOK_SECONDS = 1.0
CALL_NS = 6_000_000_000
GOODBYE = {"en": "All right, I am leaving. Goodbye!", "ru": "Хорошо, я ухожу. До свидания!"}


@dataclass(frozen=True, slots=True)
class Told:
    """Who sent the bot away, when the words ended, and whether they were ``written``."""

    by: Participant
    language: str
    at_ns: int
    written: bool


class Departure(Protocol):
    """What is done before the bot goes; it goes when this returns."""

    async def __call__(self, told: Told | None, reason: str) -> None:
        """``told`` None: it goes by itself, for ``reason``, a line for everyone."""


def goodbye(language: str) -> str:
    """What the bot says when it was told to leave; English where it has no other words."""
    return GOODBYE.get(language, GOODBYE["en"])


class Leaver:
    """``run`` returns when it is time to go, after ``depart``; all else is told to it."""

    def __init__(
        self, settings: LeaveSettings, clock: Clock, names: Iterable[str], depart: Departure
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._dismissal = Dismissal(names)
        self._depart = depart
        self._people: tuple[Participant, ...] = ()
        self._called: dict[str, int] = {}
        self._alone_since_ns: int | None = clock.now_ns()
        self._heard_ns = clock.now_ns()
        self._told: Told | None = None
        self._was_told = asyncio.Event()

    def participants(self, present: Sequence[Participant]) -> None:
        """Who is in the room; bots are nobody's company."""
        self._people = tuple(who for who in present if not who.is_bot)
        if self._people:
            self._alone_since_ns = None
        elif self._alone_since_ns is None:
            self._alone_since_ns = self._clock.now_ns()

    def noticed(self, event: SpeechEvent) -> None:
        """Words that were heard, and turns that are over."""
        if not isinstance(event, TurnGuessed | TurnTaken) or event.participant.is_bot:
            return
        self._heard_ns = self._clock.now_ns()
        if isinstance(event, TurnTaken):
            told = Told(event.participant, event.language, event.end_ns, written=False)
            self._consider(event.text, told, event.start_ns)

    def growing(self, caption: Caption) -> None:
        """What is not said to its end tells nothing."""

    def heard(self, utterance: Utterance) -> None:
        """The same words came as ``TurnTaken``."""

    def chat(self, message: ChatReceived) -> None:
        """Someone wrote to the room."""
        if message.participant.is_bot:
            return
        self._heard_ns = self._clock.now_ns()
        language = as_language(message.text)
        told = Told(message.participant, language, message.at_ns, written=True)
        self._consider(message.text, told, message.at_ns)

    def claims(self, text: str, called: bool) -> bool:
        """Whether ``text``, said to the bot (by its name if ``called``), is not to be answered."""
        if self._told is not None:
            return True
        if not self._settings.when_told:
            return False
        now_ns = self._clock.now_ns()
        expected = len(self._people) == 1 or any(until > now_ns for until in self._called.values())
        return self._dismissal.meant(text, expected=called or expected)

    async def run(self) -> None:
        """Wait for a reason to go."""
        while self._told is None and not (reason := self._reason()):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._was_told.wait(), LOOK_SECONDS)
        await self._depart(self._told, "" if self._told is not None else reason)

    def _reason(self) -> str:
        """Why to go now; empty: there is no reason."""
        now_ns = self._clock.now_ns()
        alone, silence = self._settings.alone_minutes, self._settings.silence_minutes
        since_ns = self._alone_since_ns
        if alone and since_ns is not None and now_ns - since_ns >= alone * NS_PER_MINUTE:
            return f"Nobody else has been here for {alone:g} minutes: the bot leaves."
        if silence and now_ns - self._heard_ns >= silence * NS_PER_MINUTE:
            return f"Nobody has said or written anything for {silence:g} minutes: the bot leaves."
        return ""

    def _consider(self, text: str, told: Told, start_ns: int) -> None:
        if not self._settings.when_told or self._told is not None:
            return
        who = told.by
        expected = start_ns <= self._called.pop(who.id, -1) or self._is_alone_with(who)
        if self._dismissal.meant(text, expected=expected):
            self._told = told
            self._was_told.set()
        elif self._dismissal.calls(text):
            self._called[who.id] = told.at_ns + CALL_NS

    def _is_alone_with(self, who: Participant) -> bool:
        return [one.id for one in self._people] == [who.id] and not who.shared_microphone
