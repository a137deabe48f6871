"""What was said in the meeting, and who said it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meetbot.conversation.vocabulary import vocabulary
from meetbot.wording.words import STOP_WORDS, alike, plain, tokens

if TYPE_CHECKING:
    from meetbot.core.types import Utterance

__all__ = ["Line", "Memory"]

INTRODUCTION = re.compile(
    r"(?:\b[Mm]y name(?: is|'s)|\b[Tt]his is|\bI am|\bI['’]m|[Мм]еня зовут|[Мм]о[её] имя|\b[Ээ]то)"
    r"\s+([A-ZА-ЯЁ][a-zа-яё]{2,})\b"
)
NOT_NAMES = vocabulary("not_names")
UNNAMED = re.compile(r"(?:Guest|Speaker|Гость) \d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One finished utterance. ``person`` is the same for the same voice (or microphone).

    ``with_bot``: said by the bot or to it, so it is no evidence of what the meeting was about.
    """

    id: str
    participant: str
    person: str
    text: str
    language: str
    start_ns: int
    end_ns: int
    with_bot: bool = False


class Memory:
    """Lines in the order in which they came, and the names of who said them."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._names: dict[str, str] = {}
        self._introduced: dict[str, str] = {}
        self._bots: set[str] = set()

    def add(self, utterance: Utterance, *, to_bot: bool = False) -> Line:
        """Keep what was said; an unnamed person who says their name bears it from now on."""
        who, speaker = utterance.participant, utterance.speaker
        person = speaker.person_id if speaker is not None and not who.is_bot else who.id
        self._names[person] = speaker.name if speaker is not None else who.name
        if who.is_bot:
            self._bots.add(person)
        line = Line(
            utterance.id,
            who.id,
            person,
            utterance.text.strip(),
            utterance.language,
            utterance.start_ns,
            utterance.end_ns,
            who.is_bot or to_bot,
        )
        self.lines.append(line)
        if not who.is_bot and (speaker is None or UNNAMED.fullmatch(speaker.name)):
            self._introduce(line, shared=who.shared_microphone)
        return line

    def name(self, person: str) -> str:
        """What to call the person of a line."""
        return self._introduced.get(person) or self._names.get(person, person)

    def people(self) -> dict[str, str]:
        """The names of all who spoke, but the bot's, by person."""
        return {person: self.name(person) for person in self._names if person not in self._bots}

    def find_people(self, text: str) -> list[str]:
        """Persons who spoke and whose name occurs in ``text``, in either script."""
        words = [word for word in tokens(text) if plain(word) not in STOP_WORDS]
        return [
            person
            for person in self.people()
            if self._names[person].casefold() in text.casefold()
            or any(self._is_called(person, word) for word in words)
        ]

    def _is_called(self, person: str, word: str) -> bool:
        both = {self.name(person), self._names[person]}
        names = [part for name in both if not UNNAMED.fullmatch(name) for part in tokens(name)]
        return any(len(part) > 1 and alike(part, word) for part in names)

    def _introduce(self, line: Line, *, shared: bool) -> None:
        """Take the first name that an unnamed voice gives itself."""
        unnamed = shared or UNNAMED.fullmatch(self._names[line.person]) is not None
        found = INTRODUCTION.search(line.text)
        if not unnamed or found is None or line.person in self._introduced:
            return
        name = found.group(1)
        if plain(name) not in NOT_NAMES | STOP_WORDS:
            self._introduced[line.person] = name
