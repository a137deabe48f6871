"""Figures in text to words, in English, Russian and what else num2words knows."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from num2words import CONVERTER_CLASSES, num2words

__all__ = ["spell_numbers"]

MOST_DIGITS = 15
"""Longer numbers are read digit by digit."""
MOST_READ = 30
"""And no more digits of one than these."""
NUMBER = r"(?<!\d)(?:\d{1,3}(?:[ ,]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)?)"
SCALES = r"thousand|million|billion|trillion|тыс\.?|тысяч\w*|млн\.?|миллион\w*|млрд\.?|миллиард\w*"
SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "₽": "RUB", "¥": "JPY", "₴": "UAH"}
AMOUNT = re.compile(
    rf"(?P<sign>[$€£₽¥₴])\s?(?P<a>{NUMBER})(?P<scale1>\s(?:{SCALES})\b)?"
    rf"|(?P<b>{NUMBER})(?P<scale2>\s(?:{SCALES}))?\s?(?:(?P<after>[$€£₽¥₴])|руб\.?(?!\w))"
)
ISO_DATE = re.compile(r"(?<![\d.-])(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?![\d-])")
DOT_DATE = re.compile(r"(?<![\d.])(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})(?![\d])")
CLOCK = re.compile(r"(?<![\d:.])(?P<h>[01]?\d|2[0-3]):(?P<m>[0-5]\d)(?![\d:])")
PERCENT = re.compile(rf"(?P<n>{NUMBER})\s?%")
RANGE = re.compile(r"(?<=\d)\s?[–—]\s?(?=[$€£\d])|(?<=\d)-(?=\d)")
DEGREES = re.compile(rf"(?P<n>[-−+]?(?:{NUMBER}))\s?°\s?[CС]?(?!\w)")
ORDINAL = re.compile(
    r"\b(?P<n>\d{1,9})(?:st|nd|rd|th)\b|\b(?P<r>\d{1,9})-(?P<e>й|я|е|го|м|му|ю|ой|х)\b"
)
RU_YEAR = re.compile(r"\b(?P<n>[12]\d{3})\s(?P<w>год[ау]?|году|г\.)(?!\w)")
VERSION = re.compile(r"(?<![\w.])v?(?P<v>\d+(?:\.\d+){2,})(?![\w.]*\w)")
YEAR = re.compile(r"(?<![\d.,$€£-])(?:19|20)\d\d(?![\d.,]\d|\d|\s?%)")
PLAIN = re.compile(rf"(?P<minus>(?<![\w)])[-−](?=\d))?(?P<n>{NUMBER})(?=(?P<next>\s\w+)?)")
LETTERED = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")

MONTHS_RU = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
RU_DAY = re.compile(rf"\b(?P<n>[12]?\d|3[01])(?=\s(?:{'|'.join(MONTHS_RU.split())})\b)")
MONTHS_EN = "January February March April May June July August September October November December"
CENTS = {"JPY": 0}


def spell_numbers(text: str, language: str) -> str:
    """``text`` with its numbers, dates, times and sums written out in ``language``.

    Languages that num2words does not know are returned as they are.
    """
    if language not in CONVERTER_CLASSES or not re.search(r"\d", text):
        return text
    return _Speller(language).spell(text)


class _Speller:
    """The rules, in the order in which they may be tried."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._russian = language == "ru"
        self._forms: Any = CONVERTER_CLASSES[language]

    def spell(self, text: str) -> str:
        for pattern, rule in (
            (ISO_DATE, self._date),
            (DOT_DATE, self._date),
            (CLOCK, self._clock),
            (VERSION, self._version),
            (RANGE, lambda _: {"ru": " до ", "en": " to "}.get(self._language, " – ")),
            (AMOUNT, self._amount),
            (PERCENT, self._percent),
            (DEGREES, self._degrees),
            (ORDINAL, self._ordinal),
        ):
            text = pattern.sub(rule, text)
        text = LETTERED.sub(" ", text)
        if self._russian:
            text = RU_DAY.sub(lambda match: self._russian_day(int(match["n"])), text)
            text = RU_YEAR.sub(self._russian_year, text)
        elif self._language == "en":
            text = YEAR.sub(lambda match: self._say(match[0], to="year"), text)
        return PLAIN.sub(self._plain, text)

    def _say(self, number: str, **how: Any) -> str:
        """A number as it is written: with separators of thousands, a point or a comma."""
        plain = re.sub(r"(?<=\d)[ ,](?=\d{3}(?!\d))", "", number)
        plain = plain.replace(",", ".")
        whole, point, decimals = plain.partition(".")
        if len(whole) > MOST_DIGITS or len(decimals) > MOST_DIGITS or re.match(r"0\d", whole):
            return " ".join(self._say(digit) for digit in re.sub(r"\D", "", plain)[:MOST_READ])
        value = float(plain) if point else int(plain)
        words = str(num2words(value, lang=self._language, **how))
        if self._language == "en" and not how:
            words = words.replace(" and ", " ").replace(",", "")
        return words

    def _counted(self, number: str, forms: tuple[str, ...]) -> str:
        """The form of a word that goes with ``number``."""
        if re.search(r"[.,]\d{1,2}$|[.,]\d{4,}$", number):
            return forms[1]
        value = int(re.sub(r"\D", "", number) or 0)
        if self._russian:
            return str(self._forms.pluralize(value, forms))
        return forms[0] if value == 1 else forms[-1]

    def _date(self, match: re.Match[str]) -> str:
        try:
            day = date(int(match["y"]), int(match["m"]), int(match["d"]))
        except ValueError:
            return match[0]
        if self._russian:
            month = MONTHS_RU.split()[day.month - 1]
            year = _inflected(self._ordinal_year(day.year), "ого")
            return f"{self._russian_day(day.day)} {month} {year} года"
        if self._language == "en":
            month = MONTHS_EN.split()[day.month - 1]
            return f"{month} {num2words(day.day, to='ordinal')}, {num2words(day.year, to='year')}"
        return match[0]

    def _ordinal_year(self, year: int) -> str:
        return str(num2words(year, lang="ru", to="ordinal"))

    def _russian_day(self, day: int) -> str:
        return _inflected(num2words(day, lang="ru", to="ordinal"), "ого")

    def _clock(self, match: re.Match[str]) -> str:
        hours, minutes = int(match["h"]), int(match["m"])
        if self._russian:
            return f"{self._say(str(hours))} {self._minutes(minutes)}"
        if self._language == "en":
            oclock = "o'clock" if 1 <= hours <= 12 else "hundred"
            return f"{self._say(str(hours))} {self._minutes(minutes) if minutes else oclock}"
        return f"{self._say(str(hours))} {self._say(str(minutes))}"

    def _minutes(self, minutes: int) -> str:
        if minutes < 10:
            nought = "oh" if self._language == "en" else "ноль"
            return f"{nought} {self._say(str(minutes))}" if minutes else f"{nought} {nought}"
        return self._say(str(minutes))

    def _version(self, match: re.Match[str]) -> str:
        point = {"en": " point ", "ru": " точка "}.get(self._language, " ")
        return point.join(self._say(part) for part in match["v"].split("."))

    def _amount(self, match: re.Match[str]) -> str:
        number = match["a"] or match["b"]
        scale = (match["scale1"] or match["scale2"] or "").strip()
        currency = SIGNS[match["sign"] or match["after"] or "₽"]
        forms = self._forms.CURRENCY_FORMS.get(currency)
        if not forms:
            return f"{self._say(number)} {currency}"
        units, cents = forms
        parts = re.fullmatch(r"(.*\d)[.,](\d\d)", number)
        if scale:
            large = units[-1]
            return f"{self._say(number)} {_scale(scale, number, self._counted)} {large}"
        if parts and currency not in CENTS:
            whole = f"{self._say(parts[1])} {self._counted(parts[1], units)}"
            if not int(parts[2]):
                return whole
            return f"{whole} {self._say(str(int(parts[2])))} {self._counted(parts[2], cents)}"
        return f"{self._say(number)} {self._counted(number, units)}"

    def _percent(self, match: re.Match[str]) -> str:
        forms = {"ru": ("процент", "процента", "процентов"), "en": ("percent", "percent")}
        word = forms.get(self._language)
        return f"{self._say(match['n'])} {self._counted(match['n'], word) if word else '%'}"

    def _degrees(self, match: re.Match[str]) -> str:
        forms = {"ru": ("градус", "градуса", "градусов"), "en": ("degree", "degrees")}
        word = forms.get(self._language)
        number = match["n"].lstrip("-−+")
        minus = "minus " if self._language == "en" else "минус "
        signed = minus if match["n"][0] in "-−" and word else ""
        return f"{signed}{self._say(number)} {self._counted(number, word) if word else '°'}"

    def _ordinal(self, match: re.Match[str]) -> str:
        if match["n"]:
            return str(num2words(int(match["n"]), lang=self._language, to="ordinal"))
        ending = {"й": "ый", "я": "ая", "е": "ое", "го": "ого", "м": "ом", "му": "ому", "ю": "ую",
                  "ой": "ой", "х": "ых"}[match["e"]]  # fmt: skip
        return _inflected(num2words(int(match["r"]), lang="ru", to="ordinal"), ending)

    def _russian_year(self, match: re.Match[str]) -> str:
        word = {"г.": "года"}.get(match["w"], match["w"])
        ending = {"год": "ый", "года": "ого", "году": "ом"}.get(word, "ый")
        return f"{_inflected(self._ordinal_year(int(match['n'])), ending)} {word}"

    def _plain(self, match: re.Match[str]) -> str:
        following = match["next"] or ""
        minus = ""
        if match["minus"]:
            minus = {"en": "minus ", "ru": "минус "}.get(self._language, "")
        how = {}
        if self._russian and (gender := _gender(match["n"], following.strip().lower())):
            how = {"gender": gender}
        return f"{minus}{self._say(match['n'], **how)}"


def _inflected(ordinal: str, ending: str) -> str:
    """A Russian ordinal in -ый, -ой or -ий with another ending."""
    if ordinal.endswith("третий"):
        soft = {"ый": "ий", "ое": "ье", "ого": "ьего", "ом": "ьем", "ая": "ья", "ому": "ьему",
                "ую": "ью", "ой": "ьей", "ых": "ьих"}  # fmt: skip
        return ordinal[:-2] + soft[ending]
    return ordinal if ending == "ый" else ordinal[:-2] + ending


def _gender(number: str, following: str) -> str | None:
    """Of what is counted, told by the ending of its word; matters for one and two."""
    if not number.isdecimal() or number[-2:] in ("11", "12") or number[-1] not in "12":
        return None
    if number[-1] == "1":
        return (
            "f" if following[-1:] in ("а", "я") else "n" if following[-1:] in ("о", "е") else None
        )
    return "f" if following[-1:] in ("ы", "и") else None


def _scale(scale: str, number: str, counted: Any) -> str:
    """``млн`` and the like written out; other words are as they are."""
    forms = {
        "тыс": ("тысяча", "тысячи", "тысяч"),
        "млн": ("миллион", "миллиона", "миллионов"),
        "млрд": ("миллиард", "миллиарда", "миллиардов"),
    }.get(scale.rstrip("."))
    return str(counted(number, forms)) if forms else scale
