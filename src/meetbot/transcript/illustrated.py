"""A meeting as a page to read: what was said, with its pictures where they belong.

One HTML file that needs no network and runs nothing: its content security policy allows its own
style sheet (by hash) and pictures beside it, no script at all. All text in it is untrusted.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from itertools import groupby
from textwrap import shorten
from typing import TYPE_CHECKING

from meetbot.transcript.cues import one_line, speaker_name
from meetbot.wording.words import is_cyrillic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from meetbot.core.types import Utterance
    from meetbot.store.pictures import KeptPicture

__all__ = ["Illustrated", "to_html"]

NS_PER_S = 1_000_000_000
NS_PER_MINUTE = 60 * NS_PER_S
HEX = re.compile(r"#[0-9a-fA-F]{6}")
CAPTION_LETTERS = 180
STRIP = 6
"""At most so many pictures stand at the top, evenly taken from the whole."""


@dataclass(frozen=True, slots=True)
class _Phrases:
    """What the page itself says. ``pictures``: (one, many) or (one, few, many)."""

    untitled: str
    minutes: str
    pictures: tuple[str, ...]
    by: str
    neutral: str
    style: str
    nothing: str
    footer: str


ENGLISH = _Phrases(
    untitled="Meeting",
    minutes="{n} min",
    pictures=("{n} picture", "{n} pictures"),
    by="Words of {who}",
    neutral="A neutral picture in place of another",
    style="style: {style}",
    nothing="Nothing was said in this meeting.",
    footer="Written down and illustrated by Meetbot, an AI. Words may be misheard, and pictures "
    "show what a machine made of them.",
)
RUSSIAN = _Phrases(
    untitled="Встреча",
    minutes="{n} мин",
    pictures=("{n} картинка", "{n} картинки", "{n} картинок"),
    by="Слова: {who}",
    neutral="Нейтральная картинка вместо другой",
    style="стиль: {style}",
    nothing="На этой встрече ничего не было сказано.",
    footer="Записано и проиллюстрировано Meetbot — искусственным интеллектом. Слова могли быть "
    "расслышаны неверно, а картинки показывают, как их поняла машина.",
)


@dataclass(frozen=True, slots=True)
class Illustrated:
    """What a page is made of. ``pictures``: each with its address relative to the page.

    ``styles``: words for styles, in English and Russian.
    """

    title: str
    began_at: datetime
    said: Sequence[Utterance]
    pictures: Sequence[tuple[str, KeptPicture]] = ()
    styles: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Look:
    """``colours`` of people by name, ``styles`` as the page calls them."""

    phrases: _Phrases
    colours: Mapping[str, str]
    styles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Person:
    name: str
    mark: str
    spoken_ns: int


def to_html(meeting: Illustrated) -> str:
    """The page, in the language that was spoken longest (English or Russian)."""
    said = sorted((u for u in meeting.said if one_line(u.text)), key=lambda u: u.start_ns)
    language = _language(said)
    phrases = RUSSIAN if language == "ru" else ENGLISH
    look = _Look(phrases, _colours(said, meeting.pictures), _styles(meeting, language))
    title = one_line(meeting.title) or phrases.untitled
    return "\n".join(
        (
            "<!doctype html>",
            f'<html lang="{_tag(language) or "en"}">',
            *_head(title, _style(look.colours)),
            "<body>",
            *_header(title, meeting, said, look),
            "<main>",
            *_body(said, meeting.pictures, look),
            "</main>",
            f"<footer>{_text(phrases.footer)}</footer>",
            "</body>",
            "</html>\n",
        )
    )


def _head(title: str, style: str) -> list[str]:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self' file:; "
        "base-uri 'none'; form-action 'none'"
    )
    return [
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        '<meta name="generator" content="Meetbot">',
        f"<title>{_text(title)}</title>",
        f"<style>{style}</style>",
        "</head>",
    ]


def _header(
    title: str,
    meeting: Illustrated,
    said: Sequence[Utterance],
    look: _Look,
) -> list[str]:
    people = _people(said, look.colours)
    minutes = round(max((u.end_ns for u in said), default=0) / NS_PER_MINUTE)
    facts = [f"{meeting.began_at:%Y-%m-%d %H:%M} UTC"]
    facts += [look.phrases.minutes.format(n=minutes)] if minutes else []
    facts += [_counted(look.phrases.pictures, len(meeting.pictures))] if meeting.pictures else []
    shown = meeting.pictures if len(meeting.pictures) > 1 else ()
    step = max(1, -(-len(shown) // STRIP))
    strip = [
        f'<a href="#picture-{number}"><img src="{_text(src)}" alt="" loading="lazy"></a>'
        for number, (src, _) in enumerate(shown, 1)
        if (number - 1) % step == 0
    ]
    return [
        "<header>",
        f"<h1>{_text(title)}</h1>",
        f'<p class="facts">{"".join(f"<span>{_text(fact)}</span>" for fact in facts)}</p>',
        '<ul class="people">' if people else "",
        *(
            f'<li class="{one.mark}">{_text(one.name)} <small>{_clock(one.spoken_ns)}</small></li>'
            for one in people
        ),
        "</ul>" if people else "",
        f'<nav class="strip">{"".join(strip)}</nav>' if strip else "",
        "</header>",
    ]


def _body(
    said: Sequence[Utterance],
    pictures: Sequence[tuple[str, KeptPicture]],
    look: _Look,
) -> Iterable[str]:
    """Turns and pictures in order of time: a picture comes behind the words that it shows."""
    if not said and not pictures:
        yield f'<p class="none">{_text(look.phrases.nothing)}</p>'
    shown = sorted(enumerate(pictures, 1), key=lambda each: each[1][1].said_end_ns)
    spoken = list(said)
    for number, (src, picture) in [*shown, (0, ("", None))]:
        before = [u for u in spoken if picture is None or u.start_ns < picture.said_end_ns]
        spoken = spoken[len(before) :]
        for name, turn in groupby(before, key=speaker_name):
            yield _turn(name, list(turn), look.colours)
        if picture is not None:
            yield _figure(number, src, picture, look)


def _turn(name: str, said: Sequence[Utterance], colours: Mapping[str, str]) -> str:
    text = "".join(f'<p lang="{_tag(u.language)}">{_text(one_line(u.text))}</p>' for u in said)
    return (
        f'<section class="turn {_mark(name, colours)}"><time>{_clock(said[0].start_ns)}</time>'
        f'<div class="said"><p class="who">{_text(name)}</p>{text}</div></section>'
    )


def _figure(
    number: int,
    src: str,
    picture: KeptPicture,
    look: _Look,
) -> str:
    phrases = look.phrases
    names = [one_line(speaker.name) for speaker in picture.speakers] or [
        one_line(picture.participant or "")
    ]
    subject = one_line(picture.subject)
    caption = (
        f"<q>{_text(shorten(subject, CAPTION_LETTERS, placeholder='…'))}</q>"
        if subject
        else _text(phrases.neutral)
    )
    who = ", ".join(name for name in names if name)
    style = phrases.style.format(style=one_line(look.styles.get(picture.style, picture.style)))
    by = _text(phrases.by).format(who=f"<b>{_text(who)}</b>") if who else ""
    facts = [by, _text(style), _text(one_line(picture.engine))]
    small = "".join(f"<span>{fact}</span>" for fact in facts if fact)
    prompt = _text(one_line(picture.prompt) if picture.safe else "")
    return (
        f'<figure id="picture-{number}" class="{_mark(names[0], look.colours)}">'
        f'<a href="{_text(src)}"><img src="{_text(src)}" width="{picture.width}" '
        f'height="{picture.height}" alt="{_text(subject)}" title="{prompt}" loading="lazy"></a>'
        f"<figcaption><span>{caption}</span><time>{_clock(picture.said_end_ns)}</time>"
        f"<small>{small}</small></figcaption></figure>"
    )


def _colours(
    said: Iterable[Utterance], pictures: Iterable[tuple[str, KeptPicture]]
) -> dict[str, str]:
    """``#rrggbb`` of everyone whose voice is known, by the name that is shown."""
    spoke = [(speaker_name(u), u.speaker.colour) for u in said if u.speaker is not None]
    painted = [(one_line(s.name), s.colour) for _, picture in pictures for s in picture.speakers]
    return {name: colour for name, colour in [*painted, *spoke] if HEX.fullmatch(colour)}


def _people(said: Iterable[Utterance], colours: Mapping[str, str]) -> list[_Person]:
    seconds: Counter[str] = Counter()
    for utterance in said:
        seconds[speaker_name(utterance)] += utterance.end_ns - utterance.start_ns
    return [_Person(name, _mark(name, colours), ns) for name, ns in seconds.most_common()]


def _mark(name: str, colours: Mapping[str, str]) -> str:
    """The class of one who has a colour."""
    return f"voice-{list(colours).index(name)}" if name in colours else "voice"


def _style(colours: Mapping[str, str]) -> str:
    marks = (
        f".voice-{number} {{ --colour: {tint}; }}" for number, tint in enumerate(colours.values())
    )
    return "\n".join([_sheet(), *marks])


@lru_cache
def _sheet() -> str:
    return files("meetbot.transcript").joinpath("illustrated.css").read_text("utf-8")


def _styles(meeting: Illustrated, language: str) -> dict[str, str]:
    """What styles are called in Russian, where the page is."""
    if language != "ru":
        return {}
    return {
        name: next((word for word in words if is_cyrillic(word)), name)
        for name, words in meeting.styles.items()
    }


def _language(said: Iterable[Utterance]) -> str:
    spoken: Counter[str] = Counter()
    for utterance in said:
        spoken[utterance.language] += max(1, utterance.end_ns - utterance.start_ns)
    return spoken.most_common(1)[0][0] if spoken else ""


def _counted(forms: Sequence[str], n: int) -> str:
    """Of (one, many) or (one, few, many) what goes with ``n``: 1 картинка, 2 картинки, 5 картинок.

    https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html
    """
    if len(forms) < 3:
        form = forms[0 if n == 1 else -1]
    elif n % 10 == 1 and n % 100 != 11:
        form = forms[0]
    else:
        form = forms[1 if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else 2]
    return form.format(n=n)


def _clock(nanoseconds: int) -> str:
    seconds = max(0, nanoseconds) // NS_PER_S
    hours = f"{seconds // 3600}:" if seconds >= 3600 else ""
    return f"{hours}{seconds // 60 % 60:02}:{seconds % 60:02}"


def _tag(language: str) -> str:
    """ISO 639, or nothing."""
    return language if re.fullmatch(r"[a-z]{2,3}", language) else ""


def _text(text: str) -> str:
    return html.escape(text, quote=True)
