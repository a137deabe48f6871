"""What a question is after: who, what about, since when. English and Russian."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from meetbot.conversation.vocabulary import vocabulary
from meetbot.wording.words import STOP_WORDS, alike, content_stems, parts, plain, tokens

__all__ = ["Aim", "Question", "understand"]

WHO = frozenset({"who", "who's", "whom", "whose", "кто", "кого", "кому", "кем", "чей", "чья"})
WH_WORDS = WHO | vocabulary("wh_words")
NUMBER_WANTED = (
    r"\bhow (many|much|old|long|far)\b|\bwhat time\b|\bwhen\b|\b(number|price|cost|date|budget)\b",
    r"\bсколько\b|\bкогда\b|\bномер|\bцен[аыеу]\b|\bдат[аыеу]\b|\bстоит\b|\bбюджет",
)
NS_PER_MINUTE = 60_000_000_000


class Aim(Enum):
    """What kind of answer is wanted."""

    WHO_WAS_THAT = auto()
    WHO_SAID = auto()
    SAID = auto()
    DECISIONS = auto()
    SUMMARY = auto()
    ANYTHING = auto()


@dataclass(frozen=True, slots=True)
class Question:
    """``about``: the words that carry what is asked; ``since_ns``: only what was said after."""

    text: str
    language: str
    aim: Aim
    about: tuple[str, ...]
    since_ns: int | None = None

    @property
    def wants_number(self) -> bool:
        """Whether only something with a number in it can be the answer."""
        return any(re.search(pattern, plain(self.text)) for pattern in NUMBER_WANTED)

    @property
    def asks_who(self) -> bool:
        """Whether the answer is a person."""
        return bool(set(tokens(plain(self.text))[:2]) & WHO)

    def is_told_by(self, text: str) -> bool:
        """Whether ``text`` says more than the question itself (or yes or no, where that will do).

        An answer that ends in a question mark tells nothing.
        """
        if text.rstrip().endswith("?"):
            return False
        if not set(tokens(plain(self.text))[:2]) & WH_WORDS:
            return True
        asked = content_stems(self.text)
        return any(
            not any(told == word or alike(told, word) for word in asked)
            for told in content_stems(text)
        )


_AIMS = {
    Aim.WHO_WAS_THAT: (
        r"\bwho (was|is) (that|this|it|speaking|talking)( just now| now)?\W*$",
        r"\bwho (just )?(spoke|said (that|this|it)|asked (that|this))( just now)?\W*$",
        r"\bwhose voice (was|is) (that|this)",
        r"\bкто это( был| была| сказал| говорил| говорит| спросил)?( сейчас| только что)?\W*$",
        r"\bкто (сейчас |только что )?(говорил|это сказал|сказал это|сказал)\W*$",
        r"\bчей (это )?(был )?голос",
    ),
    Aim.WHO_SAID: (
        r"\bwho (said|mentioned|told|asked|brought up|(talked|spoke|was talking) about)\b",
        r"\bкто( \w+)? (сказал|говорил|упомянул|упоминал|спросил|спрашивал|рассказывал|рассказал)",
    ),
    Aim.DECISIONS: (
        r"\bdecid|\bdecision|\bagreed?\b|\bagreement|\baction items?\b",
        r"\bреши(ли|л|ть)|\bрешени|\bдоговори|\bпостанови",
    ),
    Aim.SUMMARY: (
        r"\bsummar|\brecap|\bsum (it |this )?up|\bmain points|\b(did|have) i miss",
        r"\bwhat (is|was|has) (this|the|our) \w+( been)? about",
        r"\bwhat (did|have|do|are|were) (we|they|you|people|both)\b.*\b(talk|discuss|speak)",
        r"\bитог|\bрезюм|\bкратко|\bперескажи|\bя пропустил|\bподытож",
        r"\bо чем (шла|шел|идет|они|мы|был|эт|тут|здесь|говор|раз)",
    ),
    Aim.SAID: (
        r"\bwhat (did|has|does|was|is) .*\b(say|said|saying|tell|told|mention|talk|think)",
        r"\bчто .*\b(сказал|говорил|говорит|сообщил|рассказ|думает|ответил|упомянул)",
    ),
}
_NUMBERS = {
    word: number
    for number, words in {
        1: "one an a одну один",
        2: "two couple две",
        3: "three few три",
        5: "five пять",
        10: "ten десять",
        15: "fifteen quarter пятнадцать",
        20: "twenty двадцать",
        30: "thirty half тридцать полчаса",
        40: "forty сорок",
        45: "forty-five",
        60: "sixty",
    }.items()
    for word in words.split()
}
_PERIOD = re.compile(
    r"\b(?:last|past|последн\w+) (?:(?P<count>[\w-]+) )?"
    r"(?P<unit>min|hour|half|quarter|мин|час|полчас)"
)
_ABOUT_TALK = vocabulary("about_talk")


def understand(text: str, language: str, now_ns: int) -> Question:
    """Read a question asked at ``now_ns``."""
    folded = plain(text)
    aim = next((aim for aim in _AIMS if _matches(folded, _AIMS[aim])), Aim.ANYTHING)
    known = STOP_WORDS | _ABOUT_TALK
    about = tuple(word for word in parts(text) if plain(word).removesuffix("'s") not in known)
    minutes = _minutes(folded)
    since = None if minutes is None else now_ns - round(minutes * NS_PER_MINUTE)
    return Question(text, language, aim, about, since)


def _matches(text: str, patterns: tuple[str, ...]) -> bool:
    return any(re.search(pattern, text) for pattern in patterns)


def _minutes(text: str) -> float | None:
    """How many minutes back the question looks, if it says so."""
    found = _PERIOD.search(text)
    if found is None:
        return None
    count, unit = found.group("count") or "one", found.group("unit")
    number = float(count) if count.isdigit() else float(_NUMBERS.get(count, 5))
    if unit in {"half", "quarter", "полчас"}:
        return 15.0 if unit == "quarter" else 30.0
    return number * 60 if unit in {"hour", "час"} and count != "half" else number
