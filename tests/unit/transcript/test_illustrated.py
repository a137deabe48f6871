"""The illustrated page: everything in its place, and nothing that anybody said takes effect."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from meetbot.core.types import Participant, Speaker, Utterance
from meetbot.store.pictures import KeptPicture
from meetbot.transcript import Illustrated, to_html

S = 1_000_000_000
ANNA = Speaker("a", "Anna", "#5eb1ff")
BORIS = Speaker("b", "Борис", "#ffb454")
DESK = Participant("d", "Desk")
BEGAN = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

PICTURE = KeptPicture(
    id="p1",
    meeting_id="m",
    at=BEGAN,
    at_ns=6 * S,
    said_end_ns=5 * S,
    participant="Desk",
    speakers=(ANNA,),
    trigger="timer",
    subject="a cat on a roof",
    prompt="a cat on a roof, flat style",
    negative="",
    language="en",
    style="flat",
    palette=("#112233",),
    seed=7,
    engine="storyboard",
    note="",
    width=64,
    height=48,
    safe=True,
    path=Path("p1.png"),
    sha256="",
)

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "javascript:alert(1)",
    "&lt;b&gt; & ]]> <!-- --> \u202eevil\x00\x1b[31m",
)


class Elements(HTMLParser):
    """All elements with their attributes, and the text that is shown."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.shown: list[str] = []
        self._in: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._in.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._in:
            while self._in.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if "style" not in self._in and data.strip():
            self.shown.append(data)


def said(
    text: str, start_s: float, speaker: Speaker | None = ANNA, language: str = "en"
) -> Utterance:
    start = round(start_s * S)
    return Utterance(f"u{start_s}", DESK, speaker, text, language, start, start + 2 * S)


def page(
    *utterances: Utterance, pictures: tuple[KeptPicture, ...] = (), title: str = "Room"
) -> str:
    shown = [(f"pictures/{n:03}.png", picture) for n, picture in enumerate(pictures, 1)]
    return to_html(Illustrated(title, BEGAN, utterances, shown))


def test_pictures_stand_behind_the_words_they_show() -> None:
    other = replace(PICTURE, said_end_ns=12 * S, speakers=(BORIS,), subject="дом")
    made = page(
        said("Later.", 20),
        said("First.", 0),
        said("Second.", 3),
        said("Третье.", 9, BORIS),
        pictures=(PICTURE, other),
    )
    text = " ".join(Elements(made).shown)
    order = ("First.", "Second.", "a cat", "Третье.", "дом", "Later.")
    places = [text.index(word) for word in order]
    assert places == sorted(places)


def test_a_picture_is_shown_with_its_words_speaker_time_and_colour() -> None:
    made = page(said("Hello.", 0), pictures=(PICTURE,))
    elements = Elements(made)
    (figure,) = [attributes for tag, attributes in elements.found if tag == "figure"]
    (image,) = [attributes for tag, attributes in elements.found if tag == "img"]
    assert (image["src"], image["alt"]) == ("pictures/001.png", "a cat on a roof")
    assert image["title"] == "a cat on a roof, flat style"
    assert f".{figure['class']!s} {{ --colour: #5eb1ff; }}" in made
    caption = " ".join(elements.shown[elements.shown.index("a cat on a roof") :])
    assert "00:05" in caption
    assert "Anna" in caption
    assert "flat" in caption


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_was_said_typed_or_painted_takes_effect(text: str) -> None:
    evil = Speaker("x", text, '#000000; } body { background: url("http://evil")')
    picture = replace(
        PICTURE,
        subject=text,
        prompt=text,
        style=text,
        engine=text,
        speakers=(evil,),
        participant=text,
    )
    utterance = replace(said(text, 0, evil), language=text, participant=Participant("d", text))
    made = page(utterance, pictures=(picture, picture), title=text)
    plain = Elements(page(said("x", 0), pictures=(PICTURE, PICTURE)))
    elements = Elements(made)
    assert [tag for tag, _ in elements.found] == [tag for tag, _ in plain.found]
    for (_, attributes), (_, expected) in zip(elements.found, plain.found, strict=True):
        assert attributes.keys() == expected.keys()
        assert not [name for name in attributes if name.startswith("on")]
    links = [a.get("href") or a.get("src") for _, a in elements.found if "href" in a or "src" in a]
    assert all(re.fullmatch(r"#picture-\d+|pictures/\d+\.png", str(link)) for link in links)
    assert "url(" not in made
    assert "\x00" not in made
    assert "\u202e" not in made


def test_the_policy_allows_its_own_style_and_pictures_and_no_script() -> None:
    made = page(said("Hello.", 0), pictures=(PICTURE,))
    style = made[made.index("<style>") + 7 : made.index("</style>")]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', made)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["style-src"] == f"'sha256-{digest}'"
    assert "script-src" not in rules
    assert "http" not in re.sub(r"http-equiv", "", made)


def test_the_page_speaks_the_language_that_was_spoken_longest() -> None:
    russian = page(said("Привет", 0, BORIS, "ru"), pictures=(PICTURE,) * 3)
    assert '<html lang="ru">' in russian
    assert "3 картинки" in russian
    assert "Записано" in russian
    english = page(said("Hello", 0), pictures=(PICTURE,))
    assert '<html lang="en">' in english
    assert "1 picture<" in english


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "1 картинка<"),
        (2, "2 картинки<"),
        (5, "5 картинок<"),
        (11, "11 картинок<"),
        (21, "21 картинка<"),
        (22, "22 картинки<"),
    ],
)
def test_pictures_are_counted_as_russian_does(count: int, words: str) -> None:
    assert words in page(said("Привет", 0, BORIS, "ru"), pictures=(PICTURE,) * count)


def test_styles_are_called_as_the_page_speaks() -> None:
    styles = {"flat": ("flat", "плоский")}
    for utterance, words in (
        (said("Привет", 0, BORIS, "ru"), "стиль: плоский"),
        (said("Hello", 0), "style: flat"),
    ):
        meeting = Illustrated("Room", BEGAN, (utterance,), (("1.png", PICTURE),), styles)
        assert words in to_html(meeting)


def test_a_meeting_in_which_nothing_was_said_says_so() -> None:
    assert "Nothing was said" in page()
    assert "Nothing was said" not in page(pictures=(PICTURE,))


def test_a_neutral_picture_hides_what_it_is_in_place_of() -> None:
    made = page(pictures=(replace(PICTURE, subject="", safe=False, prompt="something bad"),))
    assert "A neutral picture" in made
    assert "something bad" not in made


def test_a_very_long_text_does_not_drown_its_picture() -> None:
    made = page(pictures=(replace(PICTURE, subject="word " * 400),))
    (caption,) = re.findall(r"<q>(.*?)</q>", made)
    assert len(caption) <= 180
    assert caption.endswith("…")
