"""The base forms that a word may be a form of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from meetbot.engines.painter.storyboard.reading.lexicon import plain, read_lexicon

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Form", "Forms", "forms_of", "nominative"]

Part = Literal["noun", "verb", "adjective", "name", "any"]

_SNOWBALL: Final = {
    "de": "german",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "pt": "portuguese",
}
_CONSONANTS: Final = "bdfgklmnprstvz"


@dataclass(frozen=True, slots=True)
class Form:
    """One reading of a word: its base form, part of speech, and whether it means several."""

    base: str
    part: Part = "any"
    plural: bool = False


class Forms(Protocol):
    """Of a word in ``plain`` writing: its readings, the likeliest first."""

    def __call__(self, word: str) -> tuple[Form, ...]: ...


@cache
def forms_of(language: str) -> Forms:
    """The readings of a language's words; for most languages only a stem."""
    if language == "en":
        return lru_cache(8192)(_english)
    if language == "ru":
        return lru_cache(8192)(_russian)
    return lru_cache(8192)(_stems(language))


def _english(word: str) -> tuple[Form, ...]:
    found = [Form(word)]
    stem = word.removesuffix("'s")
    if stem != word:
        found.append(Form(stem, "noun"))
    if base := read_lexicon("en").irregular.get(word):
        plural = word in _PLURALS
        found.append(Form(base, "noun" if plural else "verb", plural))
    found += [Form(base, "noun", plural=True) for base in _singulars(word)]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            found += [Form(base, "verb") for base in _verb_bases(word.removesuffix(ending))]
    if word.endswith("ied") and len(word) > 4:
        found.append(Form(word[:-3] + "y", "verb"))
    if word.endswith("ly") and len(word) > 4:
        found.append(Form(word[:-2], "adjective"))
    return tuple(found)


_PLURALS: Final = frozenset(
    {"children", "men", "women", "feet", "teeth", "mice", "geese", "knives", "wolves", "leaves"}
)


def _singulars(word: str) -> list[str]:
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return []
    found: list[str] = []
    if word.endswith("ies") and len(word) > 4:
        found.append(word[:-3] + "y")
    if word.endswith("ves"):
        found += [word[:-3] + end for end in ("f", "fe")]
    if word.endswith(("ses", "xes", "zes", "ches", "shes", "oes")):
        found.append(word[:-2])
    return [*found, word[:-1]]


def _verb_bases(stem: str) -> list[str]:
    doubled = len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] in _CONSONANTS
    return [stem, stem + "e", *([stem[:-1]] if doubled else [])]


@cache
def _pymorphy() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")


_PARTS: Final[dict[str, Part]] = {
    "NOUN": "noun",
    "VERB": "verb",
    "INFN": "verb",
    "PRTF": "verb",
    "PRTS": "verb",
    "GRND": "verb",
    "ADJF": "adjective",
    "ADJS": "adjective",
    "COMP": "adjective",
}


def _russian(word: str) -> tuple[Form, ...]:
    found: dict[str, Form] = {word: Form(word)}
    for parse in _pymorphy().parse(word)[:5]:
        base = plain(parse.normal_form)
        tag = parse.tag
        part = _PARTS.get(str(tag.POS), "any")
        if "Name" in tag or "Surn" in tag or "Geox" in tag:
            part = "name"
        plural = tag.number == "plur" and part == "noun" and "Pltm" not in tag
        known = found.get(base)
        if known is None or known.part == "any":
            found[base] = Form(base, part, plural)
        elif plural and tag.case == "nomn":
            found[base] = Form(base, known.part, plural=True)
    own = found.pop(word)
    verbs = [form.base for form in found.values() if form.part == "verb"]
    rooted = dict.fromkeys(root for verb in verbs for root in _roots(verb))
    return (own, *found.values(), *(Form(root, "verb") for root in rooted))


_PREFIXES: Final = (
    *("пере", "недо", "разо", "подо", "при", "про", "под", "раз", "рас", "над", "пре", "обо"),
    *("вы", "до", "за", "из", "ис", "на", "об", "от", "по", "вз", "вс", "о", "у", "с"),
)


def _roots(verb: str) -> list[str]:
    """A Russian verb without what makes it reflexive, and without its prefix."""
    bare = verb.removesuffix("ся").removesuffix("сь")
    roots = [bare] if bare != verb else []
    return roots + [
        bare.removeprefix(prefix)
        for prefix in _PREFIXES
        if bare.startswith(prefix) and len(bare) - len(prefix) >= 4
    ]


def _stems(language: str) -> Callable[[str], tuple[Form, ...]]:
    if language in _SNOWBALL:
        import snowballstemmer

        stem = snowballstemmer.stemmer(_SNOWBALL[language]).stemWord
        return lambda word: (Form(word), Form(f"~{stem(word)}", "noun"))
    return lambda word: (Form(word), Form(f"~{word[: max(4, len(word) - 2)]}", "noun"))


def nominative(words: str) -> str:
    """A Russian name as it stands on a sign: ``Нижнего Новгорода`` → ``Нижний Новгород``."""
    return " ".join("-".join(_named(part) for part in word.split("-")) for word in words.split())


def _named(word: str) -> str:
    parses = _pymorphy().parse(word)
    best = next((parse for parse in parses if "Geox" in parse.tag), parses[0])
    gender, number = best.tag.gender, best.tag.number
    wanted = {
        "nomn",
        *([number] if number else []),
        *([gender] if gender and number == "sing" else []),
    }
    inflected = best.inflect(wanted)
    made = inflected.word if inflected else word
    return made[:1].upper() + made[1:] if word[:1].isupper() else made
