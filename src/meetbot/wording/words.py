"""Words as they are compared: without case and inflection, and as they sound in either script."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import snowballstemmer
from rapidfuzz import fuzz

from meetbot.wording.vocabulary import vocabulary

__all__ = [
    "STOP_WORDS",
    "alike",
    "as_language",
    "content_stems",
    "ends_surely",
    "is_cyrillic",
    "parts",
    "plain",
    "sound",
    "stem",
    "tokens",
]

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
MIN_FUZZY = 4
CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
LATIN = re.compile(r"[a-z]", re.IGNORECASE)

STOP_WORDS = vocabulary("stop_words")

_TO_LATIN = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z",
        "и": "i", "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r",
        "с": "s", "т": "t", "у": "u", "ф": "f", "х": "h", "ц": "ts", "ч": "ch", "ш": "sh",
        "щ": "sh", "ъ": "", "ы": "i", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    }
)  # fmt: skip

_SOUNDS = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"dzh|dj|dge", "j"),
        (r"ph", "f"),
        (r"kh", "h"),
        (r"th", "t"),
        (r"gh", "g"),
        (r"ck", "k"),
        (r"c(?=[eiy])", "s"),
        (r"c(?!h)", "k"),
        (r"x", "ks"),
        (r"q", "k"),
        (r"ew\b", "iu"),
        (r"w", "v"),
        (r"yu", "iu"),
        (r"e\b", ""),
        (r"ee|ea|ie|ei|ey|ay|ai|y", "i"),
        (r"oa|ou|au|oo", "o"),
        (r"(.)\1+", r"\1"),
    )
)
_STEMMERS = {name: snowballstemmer.stemmer(name) for name in ("english", "russian")}


def tokens(text: str) -> list[str]:
    """The words of ``text`` as written, without punctuation around them."""
    return WORD.findall(text)


def parts(text: str) -> list[str]:
    """The words of ``text``, compounds taken apart at their hyphens."""
    return [part for word in tokens(text) for part in word.split("-")]


def plain(text: str) -> str:
    """Without case, in composed form, straight apostrophes, ё as е."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return folded.replace("ё", "е").replace("’", "'")


def is_cyrillic(text: str) -> bool:
    """Whether most letters of ``text`` are Cyrillic."""
    return len(CYRILLIC.findall(text)) > len(LATIN.findall(text))


def as_language(text: str) -> str:
    """The language of something written: Russian where it is mostly Cyrillic, else English."""
    return "ru" if is_cyrillic(text) else "en"


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Its stem by Snowball, English or Russian by its letters."""
    folded = plain(word).removesuffix("'s")
    return str(_STEMMERS["russian" if is_cyrillic(folded) else "english"].stemWord(folded))


def content_stems(text: str) -> list[str]:
    """Stems of the words that carry meaning, in order."""
    return [stem(part) for part in parts(text) if plain(part) not in STOP_WORDS]


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """Roughly how a name sounds, in Latin letters: the same for Шейла and Sheila."""
    folded = plain(word).removesuffix("'s").translate(_TO_LATIN)
    folded = "".join(letter for letter in folded if letter.isalnum())
    for pattern, to in _SOUNDS:
        folded = pattern.sub(to, folded)
    return folded


def alike(one: str, other: str, threshold: float = 72.0) -> bool:
    """Whether two names are the same but for script, inflection and spelling; 0…100."""
    first, second = sound(one), sound(other)
    if min(len(first), len(second)) < MIN_FUZZY:
        return first == second
    return first[0] == second[0] and fuzz.ratio(first, second) >= threshold


SURE_END = re.compile(r"\w\W+([^\W\d_]{4,})\.\Z")
ABBREVIATED = frozenset(
    ["approx", "corp", "dept", "prof", "sept", "univ", "акад", "напр", "проф", "сент", "февр"]
)


def ends_surely(text: str) -> bool:
    """Whether ``text``, of which more may come, ends with a sentence whatever comes."""
    end = SURE_END.search(text)
    if end is None or end[1].casefold() in ABBREVIATED:
        return False
    return text.count('"') % 2 == 0 and not set("«“„(") & set(text)
