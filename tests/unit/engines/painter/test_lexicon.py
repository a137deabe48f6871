"""The words written by hand agree with themselves and with the icons."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import pytest

from meetbot.engines.painter.storyboard.reading import IconSet
from meetbot.engines.painter.storyboard.reading.lexicon import (
    LANGUAGES,
    listed,
    plain,
    read_gazetteer,
    read_lexicon,
    read_table,
)
from meetbot.engines.painter.storyboard.reading.roles import is_shown, role_of
from meetbot.engines.painter.storyboard.values import Daytime, Place, Role, Season, Weather
from meetbot.models import ModelStore


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_shows_two_different_things(language: str) -> None:
    words = [plain(w) for line in read_table(language)["things"].values() for w in listed(line)]
    assert [word for word, count in Counter(words).items() if count > 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_circumstances_are_of_the_vocabulary_that_arranging_knows(language: str) -> None:
    table = read_table(language)
    assert set(table["places"]) <= set(get_args(Place))
    assert set(table["daytime"]) == set(get_args(Daytime))
    assert set(table["weather"]) == set(get_args(Weather))
    assert set(table["season"]) == set(get_args(Season))
    assert all(-1 <= float(mood) <= 1 for mood in table["mood"])
    assert all(0 <= float(energy) <= 1 for energy in table["energy"])
    assert all(1 <= int(count) <= 5 for count in table["counts"])


def test_both_languages_know_the_same_actions_places_and_rules() -> None:
    english, russian = (read_table(language) for language in LANGUAGES)
    assert set(english["actions"]) == set(russian["actions"])
    assert set(english["places"]) == set(russian["places"])
    assert {"none", "not", "from", "to", "moving"} <= set(russian["grammar"])


def test_places_of_the_world_are_known_in_both_languages() -> None:
    gazetteer = read_gazetteer()
    assert set(gazetteer.kinds.values()) <= set(get_args(Place))
    assert gazetteer.kinds["texas"] == gazetteer.kinds["техас"] == "desert"
    assert gazetteer.english["сочи"] == "Sochi"


def test_a_language_without_a_lexicon_has_words_that_show_nothing() -> None:
    assert "der" in read_lexicon("de").stop
    assert read_lexicon("de").things == {}
    assert read_lexicon("xx").stop == frozenset()


@pytest.mark.model
class TestWithTheIcons:
    @pytest.fixture(scope="class")
    @classmethod
    def icons(cls) -> IconSet:
        return IconSet.load(ModelStore())

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_thing_has_an_icon(self, icons: IconSet, language: str) -> None:
        named = {icon for things in read_lexicon(language).things.values() for icon in things}
        assert {icon for icon in named if icon not in icons} == set()

    def test_every_icon_has_a_role(self, icons: IconSet) -> None:
        roles = {role_of(icons, name) for name in icons.names}
        assert roles == set(get_args(Role))
        assert role_of(icons, "dog") == "animal"
        assert role_of(icons, "man-farmer") == "person"
        assert role_of(icons, "cloud-with-rain") == "sky"
        assert role_of(icons, "house") == "building"
        assert role_of(icons, "mountain") == "land"

    def test_overrides_of_roles_name_icons(self, icons: IconSet) -> None:
        named = {icon for line in read_table("roles").values() for icon in listed(line)}
        assert {icon for icon in named if icon not in icons} == set()

    @pytest.mark.parametrize(
        "name",
        [
            "a-button-blood-type",
            "keycap-3",
            "three-oclock",
            "right-arrow",
            "raised-hand",
            "man-dark",
            "heart-suit",
            "middle-finger",
            "no-entry",
            "white-circle",
        ],
    )
    def test_no_keyword_brings_a_mere_symbol(self, icons: IconSet, name: str) -> None:
        assert name in icons
        assert not is_shown(icons, name)
