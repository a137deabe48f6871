"""From what people say to what a picture of it shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Self

from meetbot.engines.painter.storyboard.reading.circumstances import circumstances_of
from meetbot.engines.painter.storyboard.reading.names import find_names, journey_of
from meetbot.engines.painter.storyboard.reading.roles import role_of
from meetbot.engines.painter.storyboard.reading.subjects import Subject, find_subjects
from meetbot.engines.painter.storyboard.reading.titles import LONGEST, title_of
from meetbot.engines.painter.storyboard.reading.words import Vocabulary
from meetbot.engines.painter.storyboard.values import Reading, Thing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from meetbot.engines.painter.storyboard.reading.icons import IconSet
    from meetbot.models import ModelStore

__all__ = ["Reader"]

_LONGEST: Final = 2_000
"""Characters of a text that are read."""

_MOST_THINGS: Final = 12
_LIKED: Final = 1.15
_NAME: Final = 0.8
"""What a proper name weighs in a title."""

_ACCENT: Final = 0.15
"""What a liked thing weighs that nobody spoke of."""


class Reader:
    """Reads texts. Pure: the same text gives the same reading. For one thread at a time."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    @property
    def icons(self) -> IconSet:
        """The icons that its readings name."""
        return self._vocabulary.icons

    @classmethod
    def load(cls, models: ModelStore) -> Self:
        """A reader with the catalogue's icons. Raises ``ModelMissing``, ``EngineError``."""
        return cls(Vocabulary.load(models))

    def warm(self) -> None:
        """Open what the first English and the first Russian text need: a third of a second."""
        self.read("A walrus sleeps.", "en")
        self.read("Кот спит.", "ru")

    def read(
        self, subject: str, language: str, likes: Sequence[str] = (), dislikes: Sequence[str] = ()
    ) -> Reading:
        """What ``subject`` is about, of which the first 2,000 characters are read.

        ``language``: ISO 639-1; words in another alphabet are read as Russian or English.
        ``likes`` weigh a little more and lend an accent, ``dislikes`` are left out.
        """
        text = self._vocabulary.text(_cut(subject), language)
        subjects, left_out = find_subjects(text, self._vocabulary.hits(text, language))
        names = find_names(text)
        journey = journey_of(text, names)
        unwanted = self._icons_of(dislikes, language)
        shown = [found for found in subjects if unwanted.isdisjoint(found.icons)]
        things = self._things(shown, self._icons_of(likes, language) - unwanted)
        about = circumstances_of(text, left_out, names, journey)
        weights = {
            index: found.weight / len(found.words) for found in shown for index in found.words
        }
        named = {index for name in names for index in range(name.first, name.last + 1)}
        weights |= dict.fromkeys(named, _NAME)
        return Reading(
            title=title_of(text, weights, named) or self._emoji_title(things, language),
            language=language,
            things=things,
            actions=about.actions,
            place=about.place,
            names=tuple(name.text for name in names),
            journey=journey,
            daytime=about.daytime,
            weather=about.weather,
            season=about.season,
            mood=about.mood,
            energy=about.energy,
        )

    def _icons_of(self, words: Iterable[str], language: str) -> set[str]:
        """The icons that likes or dislikes name."""
        found: set[str] = set()
        for word in words:
            text = self._vocabulary.text(word, language)
            found |= {
                icon for hit in self._vocabulary.hits(text, language) for icon in hit.named.icons
            }
        return found

    def _things(self, subjects: list[Subject], liked: set[str]) -> tuple[Thing, ...]:
        things: dict[str, Thing] = {}
        for found in subjects:
            for rank, icon in enumerate(found.icons):
                weight = found.weight * (1 - 0.05 * rank) * (_LIKED if icon in liked else 1)
                known = things.get(icon)
                if known:
                    weight = max(weight, known.weight) + 0.25 * min(weight, known.weight)
                    count = max(found.count, known.count)
                    things[icon] = replace(known, weight=weight, count=count)
                else:
                    role = role_of(self.icons, icon)
                    things[icon] = Thing(icon, found.word, role, weight, found.count)
        for icon in sorted(liked - things.keys())[:1]:
            things[icon] = Thing(icon, icon, role_of(self.icons, icon), _ACCENT)
        heaviest = max((thing.weight for thing in things.values()), default=1.0)
        scale = 1 / max(heaviest, 1.0)
        ranked = sorted(things.values(), key=lambda thing: -thing.weight)[:_MOST_THINGS]
        return tuple(replace(thing, weight=round(thing.weight * scale, 3)) for thing in ranked)

    def _emoji_title(self, things: tuple[Thing, ...], language: str) -> str:
        """The names of what is shown, for a text without words."""
        labels = [self._vocabulary.label(thing.icon, language) for thing in things]
        title = ""
        for label in labels:
            longer = f"{title}, {label}" if title else label
            if len(longer) > LONGEST:
                break
            title = longer
        return title[:1].upper() + title[1:]


def _cut(subject: str) -> str:
    """No more than is read, cut between two words."""
    if len(subject) <= _LONGEST:
        return subject
    return subject[: subject.rfind(" ", 0, _LONGEST + 1)] if " " in subject[:_LONGEST] else ""
