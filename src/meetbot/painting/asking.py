"""Whether what someone says is for the painter, and what of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from meetbot.painting.context import clean
from meetbot.wording.names import NameFinder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetbot.core.clock import Clock
    from meetbot.core.types import Participant
    from meetbot.painting.commands import Command, Commands

__all__ = ["Asking", "Understood"]

CALL_NS = 6_000_000_000


@dataclass(frozen=True, slots=True)
class Understood:
    """``words``: cleaned, without the bot's name. ``command``: None in ordinary talk."""

    words: str
    command: Command | None = None


class Asking:
    """Knows the bot's names, who is there, and who has just called the bot."""

    def __init__(self, bot_names: Sequence[str], commands: Commands, clock: Clock) -> None:
        self._bot = NameFinder(bot_names)
        self._commands = commands
        self._clock = clock
        self._present: tuple[Participant, ...] = ()
        self._called: dict[str, int] = {}

    def participants(self, present: Sequence[Participant]) -> None:
        """Who is in the room."""
        self._present = tuple(who for who in present if not who.is_bot)
        here = {who.id for who in self._present}
        self._called = {who: until for who, until in self._called.items() if who in here}

    def hears(self, who: Participant, text: str, start_ns: int, end_ns: int) -> Understood:
        """What ``who`` said from ``start_ns`` to ``end_ns``."""
        words = clean(text, last=True)
        call = self._bot.addressed(words)
        if call is not None and not call.text:
            self._called[who.id] = end_ns + CALL_NS
            return Understood("")
        named = call is not None
        bare = call.text if call is not None else words
        if named or start_ns <= self._called.get(who.id, -1) or self._is_alone(who):
            return Understood(bare, self._commands.parse(bare, named=named))
        return Understood(bare)

    def claims(self, text: str, *, called: bool) -> bool:
        """Whether ``text``, said to the bot, is for the painter."""
        call = self._bot.addressed(clean(text))
        bare = call.text if call is not None else clean(text)
        named = called or call is not None
        now_ns = self._clock.now_ns()
        expected = len(self._present) == 1 or any(until > now_ns for until in self._called.values())
        if not named and not expected:
            return False
        return self._commands.parse(bare, named=named) is not None

    def _is_alone(self, who: Participant) -> bool:
        return [one.id for one in self._present] == [who.id] and not who.shared_microphone
