"""Whether what someone says is for the bot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from meetbot.conversation.vocabulary import vocabulary
from meetbot.wording.names import NameFinder
from meetbot.wording.words import parts, plain, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetbot.config import ConversationSettings
    from meetbot.conversation.memory import Memory
    from meetbot.core.types import Participant

__all__ = ["Asked", "Attention"]

CALL_NS = 6_000_000_000
MAX_ACKNOWLEDGED_WORDS = 4
ACKNOWLEDGEMENTS = vocabulary("acknowledgements")
THANKS = vocabulary("thanks")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the bot; ``text`` is empty where it was only called.

    ``thanked``: nothing is asked, it was thanked.
    """

    text: str
    by_name: bool
    thanked: bool = False

    def followed_by(self, text: str) -> Asked:
        """The same question when its speaker went on after a pause."""
        begun = self.text.rstrip(" .…,")
        return Asked(f"{begun} {text.strip()}".strip(), by_name=self.by_name)


class Attention:
    """Knows the bot's names, who is there, and whom the bot has just talked with."""

    def __init__(
        self, settings: ConversationSettings, names: Sequence[str], memory: Memory
    ) -> None:
        self._settings = settings
        self._memory = memory
        self._bot = NameFinder([*settings.names, *names])
        self._present: tuple[Participant, ...] = ()
        self._called: dict[str, int] = {}
        self._follow_up: tuple[str, int] | None = None
        self._others: tuple[frozenset[str], NameFinder] = (frozenset(), NameFinder([]))

    def participants(self, present: Sequence[Participant]) -> None:
        """Who is in the room."""
        self._present = tuple(who for who in present if not who.is_bot)

    def called(self, who: Participant, at_ns: int) -> None:
        """Somebody said the bot's name and no more: what they say next is for the bot."""
        self._called[who.id] = at_ns + CALL_NS

    def answered(self, who: Participant, at_ns: int) -> None:
        """The bot has just answered ``who``, who may go on without its name for a while."""
        until = at_ns + round(self._settings.follow_up_seconds * 1e9)
        self._follow_up = None if who.shared_microphone else (who.id, until)

    def hears(self, who: Participant, text: str, start_ns: int) -> Asked | None:
        """What ``who``, from ``start_ns`` on, asked of the bot; None: it was not for the bot."""
        call = self._bot.addressed(text)
        if call is not None:
            thanked = not call.text and bool(THANKS & {plain(word) for word in tokens(text)})
            return Asked(call.text, by_name=True, thanked=thanked)
        if self.addresses_another(text) or _acknowledges(text):
            return None
        if self._expects(who, start_ns):
            return Asked(text.strip(), by_name=False)
        return None

    def reads(self, who: Participant, text: str, at_ns: int) -> Asked | None:
        """The same for something written, where a question needs no name."""
        asked = self.hears(who, text, at_ns)
        if asked is not None or self.addresses_another(text):
            return asked
        if text.rstrip().endswith("?") or self._bot.mentioned(text):
            return Asked(text.strip(), by_name=False)
        return None

    def addresses_another(self, text: str) -> bool:
        """Whether ``text`` calls somebody else who is there or was heard."""
        present = {who.name for who in self._present if not who.shared_microphone}
        names = frozenset(present | set(self._memory.people().values()))
        if names != self._others[0]:
            first = {part for name in names for part in [name, *tokens(name)[:1]] if len(part) > 2}
            self._others = (names, NameFinder(first, strict=True))
        return self._others[1].addressed(text) is not None

    def _expects(self, who: Participant, start_ns: int) -> bool:
        if start_ns <= self._called.get(who.id, -1) or self._is_alone(who):
            return True
        if self._follow_up is None:
            return False
        asker, until = self._follow_up
        return asker == who.id and start_ns <= until

    def _is_alone(self, who: Participant) -> bool:
        return (
            self._settings.one_to_one
            and [one.id for one in self._present] == [who.id]
            and not self._present[0].shared_microphone
        )


def _acknowledges(text: str) -> bool:
    """Whether nothing is asked: it is only agreed, or thanked."""
    words = [plain(word) for word in parts(text)]
    if THANKS & set(words) and "?" not in text:
        return True
    return len(words) <= MAX_ACKNOWLEDGED_WORDS and all(word in ACKNOWLEDGEMENTS for word in words)
