"""From what a language model writes to what a voice can say: plain words and punctuation."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache, partial

import emoji

from meetbot.talking.numerals import spell_numbers

__all__ = ["speakable"]

FENCE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)", re.DOTALL)
INLINE_CODE = re.compile(r"`([^`\n]*)`")
WORDS_ONLY = re.compile(r"[^\W_][\w .'-]{0,40}")
IMAGE_OR_LINK = re.compile(r"!?\[([^\]\n]{0,300})\]\([^)\s]{0,2000}(?:\s[^)]{0,200})?\)")
ADDRESS = re.compile(
    r"<?(?:https?://|www\.)(?:[^\s/@<>]*@)?((?:[\w-]+\.)*[\w-]+)[^\s<>]*?>?(?=[.,;:!?)\]]*(?:\s|$))",
    re.IGNORECASE,
)
MAIL = re.compile(r"[\w.+-]{1,64}@(?:[\w-]+\.)+\w{2,24}")
TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>")
LINE_MARKS = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+•][ \t]+|[-*_=]{3,}[ \t]*$)", re.MULTILINE
)
TABLE_RULE = re.compile(r"^[ \t]*\|?[ \t:|-]*-{3,}[ \t:|-]*$", re.MULTILINE)
EMPHASIS = re.compile(r"(?<!\w)(\*\*\*|\*\*|\*|___|__|_|~~)(?=\S)(.{1,500}?)(?<=\S)\1(?!\w)")
LINE_END = re.compile(r"(?<=[^\s.,;:!?…])[ \t]*\n+[ \t]*(?=\S)")
BLANKS = re.compile(r"[^\S\n]+")
SPACED = re.compile(r"\s+([.,;:!?…])")
UNSPOKEN = re.compile(r"[^\w\s.,;:!?…'’\"“”«»()%°—–‐-]|_")
REPEATED = re.compile(r"([!?])[!?]+|([,;:—–-])(?:\s*[,;:—–-])+|\.{3,}")
EMPTY_BRACKETS = re.compile(r"\(\s*\)|\"\s*\"|«\s*»|“\s*”")
MOST_EMOJI = 3
MOST = 10_000
"""Characters that are read; no clause is as long."""
TERMINAL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

PHRASES = {
    "en": {"code": "some code", "link": "a link to", "dot": "dot", "at": "at"},
    "ru": {"code": "фрагмент кода", "link": "ссылка на", "dot": "точка", "at": "собака"},
}
NEUTRAL = {"code": "", "link": "", "dot": ".", "at": "@"}

SYMBOLS = {
    "en": {
        "&": "and", "+": "plus", "=": "equals", "@": "at", "×": "times", "≈": "about",
        "№": "number", "→": "to", "±": "plus or minus", "≤": "at most", "≥": "at least",
        "§": "section",
    },
    "ru": {
        "&": "и", "+": "плюс", "=": "равно", "@": "собака", "×": "на", "≈": "примерно",
        "№": "номер", "→": "в", "±": "плюс-минус", "≤": "не больше", "≥": "не меньше",
        "§": "параграф",
    },
}  # fmt: skip
SHORT = {
    "en": {
        r"e\.\s?g\.": "for example", r"i\.\s?e\.": "that is", r"etc\.": "et cetera",
        r"vs\.?": "versus", r"approx\.": "approximately", r"w/o": "without",
        r"Dr\.": "Doctor", r"Mr\.": "Mister", r"Mrs\.": "Missis", r"Prof\.": "Professor",
    },
    "ru": {
        r"т\.\s?е\.": "то есть", r"и\s+т\.\s?д\.": "и так далее",
        r"и\s+т\.\s?п\.": "и тому подобное", r"т\.\s?к\.": "так как",
        r"и\s+др\.": "и другие", r"напр\.": "например", r"см\.": "смотри",
        r"стр\.": "страница", r"ул\.": "улица", r"им\.": "имени", r"проф\.": "профессор",
        r"г-н": "господин", r"г-жа": "госпожа",
    },
}  # fmt: skip
UNITS = {
    "en": {
        "km/h": "kilometres per hour", "km": "kilometres", "kg": "kilograms", "GB": "gigabytes",
        "MB": "megabytes", "ms": "milliseconds", "fps": "frames per second", "Hz": "hertz",
    },
    "ru": {
        "км/ч": "километров в час", "км": "километров", "кг": "килограммов", "ГБ": "гигабайт",
        "МБ": "мегабайт", "мс": "миллисекунд", "м": "метров", "Гц": "герц",
    },
}  # fmt: skip
FINAL_SHORT = {"et cetera", "и так далее", "и тому подобное", "и другие"}


def speakable(text: str, language: str) -> str:
    """``text`` as it is said in ``language`` (ISO 639-1); empty where nothing of it can be said.

    Code is named, not read; an address is its host. Emoji beside words are left out, alone they
    are named. Numbers, dates, sums and common abbreviations are written out.
    """
    phrases = PHRASES.get(language, NEUTRAL)
    text = html.unescape(unicodedata.normalize("NFC", text[:MOST]))
    text = BLANKS.sub(" ", TERMINAL.sub("", text))
    text = FENCE.sub(f" {phrases['code']}. ", text)
    text = INLINE_CODE.sub(lambda match: _inline(match[1], phrases), text)
    text = IMAGE_OR_LINK.sub(r"\1", text)
    text = MAIL.sub(lambda match: _mail(match[0], phrases), text)
    text = ADDRESS.sub(lambda match: _host(match[1], phrases), text)
    text = _without_markup(text)
    text = _emoji(text, language)
    text = "".join(c if unicodedata.category(c)[0] != "C" or c in "\n\t" else " " for c in text)
    text = LINE_END.sub(". ", text)
    text = _abbreviations(text, language)
    text = spell_numbers(text, language)
    for symbol, word in SYMBOLS.get(language, {}).items():
        text = text.replace(symbol, f" {word} ")
    return _tidy(text)


def _inline(code: str, phrases: dict[str, str]) -> str:
    return code if WORDS_ONLY.fullmatch(code.strip()) else phrases["code"]


def _host(host: str, phrases: dict[str, str]) -> str:
    name = host.removeprefix("www.").replace(".", f" {phrases['dot']} ")
    return f"{phrases['link']} {name}".strip()


def _mail(address: str, phrases: dict[str, str]) -> str:
    return address.replace(".", f" {phrases['dot']} ").replace("@", f" {phrases['at']} ")


def _without_markup(text: str) -> str:
    text = TABLE_RULE.sub("", TAG.sub(" ", text))
    text = LINE_MARKS.sub("", text)
    for _ in range(2):  # bold inside italics
        text = EMPHASIS.sub(r"\2", text)
    return text.replace("|", ", ")


def _emoji(text: str, language: str) -> str:
    """Emoji are left out; of a text that is nothing else, the first few are named."""
    words = emoji.replace_emoji(text, " ")
    if any(c.isalnum() for c in words):
        return words
    known = language if language in emoji.LANGUAGES else "en"
    names = [emoji.demojize(found["emoji"], language=known) for found in emoji.emoji_list(text)]
    unique = list(dict.fromkeys(names))[:MOST_EMOJI]
    return ", ".join(name.strip(":").replace("_", " ") for name in unique)


def _abbreviations(text: str, language: str) -> str:
    for pattern, said in _short(language):
        text = pattern.sub(partial(_cased, said), text)
    return text


def _cased(said: str, match: re.Match[str]) -> str:
    return said[0].upper() + said[1:] if match[0][:1].isupper() else said


@cache
def _short(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The abbreviations of a language; one that ends a sentence leaves its full stop there."""
    patterns: list[tuple[re.Pattern[str], str]] = []
    for written, said in SHORT.get(language, {}).items():
        alone = rf"(?<![\w.])(?:{written})(?!\w)"
        if said in FINAL_SHORT:
            patterns.append((re.compile(alone + r"(?=\s*$|\s+[A-ZА-ЯЁ])"), f"{said}."))
        patterns.append((re.compile(alone, re.IGNORECASE), said))
    units = UNITS.get(language, {})
    patterns += [
        (re.compile(rf"(?<=\d)\s?{unit}(?!\w)"), f" {said}") for unit, said in units.items()
    ]
    return tuple(patterns)


def _tidy(text: str) -> str:
    text = UNSPOKEN.sub(" ", text)
    text = REPEATED.sub(lambda match: match[1] or match[2] or "…", text)
    text = EMPTY_BRACKETS.sub(" ", text)
    text = SPACED.sub(r"\1", " ".join(text.split())).lstrip(" .,;:!?…—–-)")
    return text if any(c.isalnum() for c in text) else ""
