"""Which icon a word names: by the lexicon first, then by the names and tags of the icons."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Self

from meetbot.core.errors import EngineError
from meetbot.engines.painter.storyboard.reading.forms import forms_of
from meetbot.engines.painter.storyboard.reading.lexicon import LANGUAGES, plain, read_lexicon
from meetbot.engines.painter.storyboard.reading.roles import is_shown
from meetbot.models.icons import LANGUAGES as KEYWORD_LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from meetbot.engines.painter.storyboard.reading.icons import IconSet

__all__ = ["KEYWORD_LANGUAGES", "Keywords", "Named"]

_FACES: Final = 0
"""Unicode's group of faces: what they are tagged with is a mood, no subject."""

_TAG: Final = 0.7
_FAR: Final = 0.2
"""A tag whose cosine to the icon's own name is less has little to do with it."""

_UNKNOWN: Final = 1.0
"""The cosine that stands for that of a language without vectors, for an icon of one tag."""

_COMMON_TAG: Final = 7
"""A tag of more icons than this says too little about any."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a word names. ``strength``: 0…1, how surely."""

    icons: tuple[str, ...]
    strength: float
    source: Literal["lexicon", "label", "tag"] = "lexicon"


@dataclass(frozen=True, slots=True)
class Keywords:
    """The words of one language."""

    language: str
    _named: Mapping[str, Named]
    _labels: Mapping[str, str]

    @classmethod
    def load(
        cls,
        icons: IconSet,
        folder: Path,
        language: str,
        alike: Callable[[str, str], float | None],
    ) -> Self:
        """The words of ``language`` in the icons' folder. Raises ``EngineError``.

        ``alike``: the cosine of two words, None where it is not known.
        """
        named: dict[str, Named] = {}
        words: dict[str, list[str]] = {}
        if language in KEYWORD_LANGUAGES:
            try:
                words = json.loads((folder / f"words.{language}.json").read_bytes())
            except (OSError, ValueError) as error:
                raise EngineError(f"the words of icons cannot be read: {error}") from error
            named = _keyed(icons, words, alike)
        if language not in LANGUAGES:
            named |= _stemmed(named, language)
        things = read_lexicon(language).things
        named |= {word: Named(found, 1.0) for word, found in things.items()}
        return cls(language, named, {icon: label for icon, (label, *_) in words.items()})

    def find(self, words: str) -> Named | None:
        """What these words, in ``plain`` writing and base form, name."""
        return self._named.get(words)

    def label(self, icon: str) -> str | None:
        """What an icon is called in this language."""
        return self._labels.get(icon)

    @property
    def words(self) -> tuple[str, ...]:
        """All that name something."""
        return tuple(self._named)


def _keyed(
    icons: IconSet, words: dict[str, list[str]], alike: Callable[[str, str], float | None]
) -> dict[str, Named]:
    labels: dict[str, Named] = {}
    owners: dict[str, list[tuple[float, str]]] = {}
    for icon, (label, *tags) in words.items():
        if not is_shown(icons, icon) or icons.kind(icon)[0] == _FACES:
            continue
        labels.setdefault(plain(label), Named((icon,), 1.0, "label"))
        if icon.startswith(("man-", "woman-")):
            continue
        for tag in {plain(tag) for tag in tags}:
            nearness = alike(tag, label)
            nearness = _UNKNOWN / len(tags) ** 0.5 if nearness is None else nearness
            inside = tag in icon.split("-")
            owners.setdefault(tag, []).append((nearness + inside, icon))
    tagged = {
        tag: Named((icon,), _TAG / len(found) ** 0.25, "tag")
        for tag, found in owners.items()
        if len(found) <= _COMMON_TAG
        for nearness, icon in [max(found)]
        if nearness > _FAR
    }
    return tagged | labels


def _stemmed(named: dict[str, Named], language: str) -> dict[str, Named]:
    """The same words by their stems, which is how words of this language are looked up too."""
    forms = forms_of(language)
    stems: dict[str, Named] = {}
    for word, what in named.items():
        if " " not in word and len(word) > 3:
            stem = forms(word)[-1].base
            if stem not in stems or stems[stem].strength < what.strength:
                stems[stem] = what
    return stems
