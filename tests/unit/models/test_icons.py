"""Icons and their words are packed so that a start reads little."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from meetbot.core.errors import ModelCorrupt
from meetbot.engines.painter.storyboard.reading import IconSet
from meetbot.models.icons import LANGUAGES, convert_icons

if TYPE_CHECKING:
    from pathlib import Path

FLUENT: dict[str, Any] = {
    "icons": {
        "dog": {"body": '<path id="a" fill="url(#a)"/>'},
        "man": {"body": "<g/>"},
        "man-dark": {"body": "<b/>"},
        "left": {"body": "<l/>"},
    },
    "aliases": {"right": {"parent": "left", "hFlip": True}, "same": {"parent": "left"}},
}
CHARS = {"1f436": "dog", "1f468": "man", "2b05": "left"}


def _write(folder: Path) -> None:
    entries = [
        {"hexcode": "1F436", "label": "Dog", "tags": ["Pet"], "group": 3, "subgroup": 34}
        | {"emoji": "\U0001f436\ufe0f"},
        {"hexcode": "1F468", "label": "man", "group": 1, "subgroup": 23, "emoji": "\U0001f468"},
        {"hexcode": "2B05-FE0F", "label": "left arrow", "group": 8, "subgroup": 85},
        {"hexcode": "1F1E6", "label": "not an icon"},
    ]
    (folder / "fluent.json").write_text(json.dumps(FLUENT), encoding="utf-8")
    (folder / "fluent.chars.json").write_text(json.dumps(CHARS), encoding="utf-8")
    for language in LANGUAGES:
        (folder / f"emojibase.{language}.json").write_text(json.dumps(entries), encoding="utf-8")


@pytest.fixture
def icons(tmp_path: Path) -> IconSet:
    _write(tmp_path)
    convert_icons(tmp_path)
    return IconSet.open(tmp_path)


def test_every_icon_is_found_with_its_drawing(icons: IconSet) -> None:
    assert icons.names == ("dog", "left", "man", "man-dark", "right", "same")
    assert icons.body("man-dark") == "<b/>"
    assert icons.body("same") == icons.body("left")
    assert "matrix(-1 0 0 1 32 0)" in icons.body("right")
    assert "dog" in icons
    assert "cat" not in icons


def test_ids_in_a_drawing_are_its_own(icons: IconSet) -> None:
    assert icons.body("dog") == '<path id="dog-a" fill="url(#dog-a)"/>'


def test_an_icon_tells_its_kind_its_character_and_its_skin_tones(icons: IconSet) -> None:
    assert icons.kind("dog") == (3, 34)
    assert icons.kind("man-dark") == (-1, -1)
    assert icons.emoji("dog") == "\U0001f436"
    assert icons.variants("man") == ("man-dark",)
    assert icons.variants("dog") == ()


def test_the_words_of_each_language_begin_with_the_name(tmp_path: Path) -> None:
    _write(tmp_path)
    convert_icons(tmp_path)
    words = json.loads((tmp_path / "words.ru.json").read_bytes())
    assert words == {"dog": ["dog", "pet"], "man": ["man"], "left": ["left arrow"]}


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    _write(tmp_path)
    convert_icons(tmp_path)
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    convert_icons(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first


def test_sources_of_another_shape_are_refused(tmp_path: Path) -> None:
    _write(tmp_path)
    (tmp_path / "fluent.json").write_text('{"icons": []}', encoding="utf-8")
    with pytest.raises(ModelCorrupt, match="the icons cannot be read"):
        convert_icons(tmp_path)
