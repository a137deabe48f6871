"""Words by what they tell: written by hand, a file of data for each language."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from meetbot.engines.painter.storyboard.values import Place

__all__ = [
    "LANGUAGES",
    "Gazetteer",
    "Lexicon",
    "listed",
    "plain",
    "read_gazetteer",
    "read_lexicon",
    "read_table",
    "spoken_names",
]

LANGUAGES: Final = ("en", "ru")
"""With a lexicon of their own; others have only the icons' keywords."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What the words of one language tell; keys are base forms as ``plain`` writes them."""

    things: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    actions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    daytime: Mapping[str, str] = field(default_factory=dict)
    weather: Mapping[str, str] = field(default_factory=dict)
    season: Mapping[str, str] = field(default_factory=dict)
    mood: Mapping[str, float] = field(default_factory=dict)
    energy: Mapping[str, float] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    grammar: Mapping[str, frozenset[str]] = field(default_factory=dict)
    stop: frozenset[str] = frozenset()
    openings: tuple[tuple[str, ...], ...] = ()
    weak_ends: frozenset[str] = frozenset()
    irregular: Mapping[str, str] = field(default_factory=dict)

    def rule(self, name: str) -> frozenset[str]:
        """The words of a grammatical rule; none where the language has no such rule."""
        return self.grammar.get(name, frozenset())


def plain(word: str) -> str:
    """As keys are written: lower case, ``ё`` as ``е``, a straight apostrophe."""
    return word.lower().replace("ё", "е").replace("’", "'")


def listed(words: str) -> list[str]:
    """The words of a line of data."""
    return [word for part in words.split(",") if (word := part.strip())]


def read_table(name: str) -> dict[str, Any]:
    """``data/NAME.toml``."""
    text = (files(__package__) / "data" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _inverted(table: dict[str, str]) -> dict[str, str]:
    return {plain(word): name for name, words in table.items() for word in listed(words)}


@cache
def read_lexicon(language: str) -> Lexicon:
    """The lexicon of a language; of one without its own, only words that show nothing."""
    if language not in LANGUAGES:
        others = read_table("others")["stop"]
        return Lexicon(stop=frozenset(plain(word) for word in listed(others.get(language, ""))))
    table = read_table(language)
    actions: dict[str, tuple[str, ...]] = {}
    for action, words in table["actions"].items():
        for word in map(plain, listed(words)):
            actions[word] = (*actions.get(word, ()), action)
    openings = [tuple(plain(words).split()) for words in listed(table["words"]["openings"])]
    things = {w: tuple(icons.split(" + ")) for w, icons in _inverted(table["things"]).items()}
    idioms: dict[str, tuple[str, ...]] = dict.fromkeys(
        map(plain, listed(table["words"]["idioms"])), ()
    )
    return Lexicon(
        things=things | idioms,
        actions=actions,
        places=_inverted(table["places"]),
        daytime=_inverted(table["daytime"]),
        weather=_inverted(table["weather"]),
        season=_inverted(table["season"]),
        mood={word: float(value) for word, value in _inverted(table["mood"]).items()},
        energy={word: float(value) for word, value in _inverted(table["energy"]).items()},
        counts={word: int(value) for word, value in _inverted(table["counts"]).items()},
        grammar={k: frozenset(map(plain, listed(v))) for k, v in table["grammar"].items()},
        stop=frozenset(map(plain, listed(table["words"]["stop"]))),
        openings=tuple(sorted(openings, key=len, reverse=True)),
        weak_ends=frozenset(map(plain, listed(table["words"]["weak_ends"]))),
        irregular=_inverted(table.get("irregular", {})),
    )


@cache
def spoken_names() -> dict[tuple[str, ...], str]:
    """An English word for the icons that stand together in the lexicon: the first listed."""
    things: dict[str, str] = read_table("en")["things"]
    return {tuple(icons.split(" + ")): listed(words)[0] for icons, words in things.items()}


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Names of places in ``plain`` writing: what each place looks like, and its English name."""

    kinds: Mapping[str, Place]
    english: Mapping[str, str]


@cache
def read_gazetteer() -> Gazetteer:
    """The well-known places of the world."""
    kinds: dict[str, Place] = {}
    english: dict[str, str] = {}
    for kind, names in read_table("gazetteer").items():
        for pair in listed(names):
            name, _, russian = pair.partition("=")
            for written in (name, russian):
                kinds[plain(written)] = cast("Place", kind)
                english[plain(written)] = name
    return Gazetteer(kinds, english)
