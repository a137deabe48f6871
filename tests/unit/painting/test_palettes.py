"""Palettes of those who have chosen none, and of those who name colours."""

from __future__ import annotations

import re

import pytest

from meetbot.painting.palettes import (
    COLOURS,
    MOODS,
    colour_name,
    palette_of,
    speaker_palette,
    stable_colour,
)
from meetbot.people.colours import PALETTE, distance

HEX = re.compile(r"#[0-9a-f]{6}")


def lightness(colour: str) -> float:
    return sum(int(colour[place : place + 2], 16) for place in (1, 3, 5)) / 765


def test_a_palette_is_light_ground_first() -> None:
    for colour in PALETTE:
        palette = speaker_palette(colour)
        assert len(palette) == len(set(palette)) == 5
        assert all(HEX.fullmatch(one) for one in palette)
        assert lightness(palette[0]) == max(map(lightness, palette)) > 0.85
        assert lightness(palette[3]) == min(map(lightness, palette)) < 0.35


def test_speakers_palettes_are_told_apart() -> None:
    mains = [speaker_palette(colour, set(PALETTE) - {colour})[2] for colour in PALETTE]
    gaps = [distance(one, other) for one in mains for other in mains if one != other]
    assert len(set(mains)) == len(PALETTE)
    assert min(gaps) > 60


def test_a_palette_stays_the_same() -> None:
    assert speaker_palette("#5eb1ff", ["#ffb454"]) == speaker_palette("#5eb1ff", ["#7fd962"])


def test_of_two_who_look_alike_one_has_another_accent() -> None:
    one, other = "#5eb1ff", "#60b2ff"
    assert speaker_palette(one, [other])[4] != speaker_palette(other, [one])[4]


@pytest.mark.parametrize("named", [["#2f6fdb"], ["#2f6fdb", "#d4a017"], ["#ffffff", "#d7352d"]])
def test_named_colours_are_in_their_palette(named: list[str]) -> None:
    palette = palette_of(named)
    assert 2 <= len(palette) <= 6
    assert set(named) <= set(palette)
    assert lightness(palette[0]) > 0.85


@pytest.mark.parametrize("name", COLOURS)
def test_a_named_colour_is_called_by_its_name(name: str) -> None:
    assert colour_name(COLOURS[name].colours[0]) == name


def test_every_palette_is_well_formed() -> None:
    for row in (*COLOURS.values(), *MOODS.values()):
        assert all(HEX.fullmatch(colour) for colour in row.colours)
    assert all(2 <= len(row.colours) <= 6 for row in MOODS.values())


def test_someone_without_a_colour_always_has_the_same_one() -> None:
    assert stable_colour("participant:1") == stable_colour("participant:1")
    assert stable_colour("participant:1") != stable_colour("participant:2")
    assert HEX.fullmatch(stable_colour("x"))
