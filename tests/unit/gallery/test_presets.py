"""How people write what they like, and how it is kept."""

from __future__ import annotations

import pytest

from meetbot.core.errors import InputError
from meetbot.core.pictures import PaintPreset
from meetbot.gallery.presets import (
    KEYS,
    from_values,
    parse_palette,
    parse_seed,
    parse_strength,
    parse_subjects,
    to_values,
)


def test_a_preset_is_read_back_as_it_was_written() -> None:
    preset = PaintPreset(
        palette=("#112233", "#ddeeff"),
        style="watercolour",
        likes=("cats", "горы"),
        dislikes=("spiders",),
        references=("one",),
        seed=0,
        strength=0.35,
    )
    values = {key: value for key, value in to_values(preset).items() if value is not None}
    assert set(values) == set(KEYS)
    assert from_values(values, ["one"]) == preset


def test_what_is_not_set_is_not_kept() -> None:
    assert to_values(PaintPreset()) == dict.fromkeys(KEYS)
    assert from_values({}) == PaintPreset()


def test_kept_values_that_make_no_sense_do_not_count() -> None:
    odd = {"paint.palette": "nonsense", "paint.seed": "x", "paint.strength": "9", "other": "1"}
    assert from_values(odd) == PaintPreset()


def test_colours_may_be_written_or_named_in_english_and_russian() -> None:
    assert parse_palette("#F2E8D5, #2b5d8a") == ("#f2e8d5", "#2b5d8a")
    assert parse_palette("синий") == parse_palette("blue")
    assert parse_palette("синяя, Красный") == parse_palette("blue red")
    assert parse_palette("тёплый") == parse_palette("warm")


def test_few_colours_become_a_palette_in_which_they_are_seen() -> None:
    palette = parse_palette("#2b5d8a")
    assert "#2b5d8a" in palette
    assert 3 <= len(palette) <= 6


@pytest.mark.parametrize("text", ["", "  ", "#12345", "#12345g", "blurple", "#112233 bogus"])
def test_no_colours_are_refused_with_those_there_are(text: str) -> None:
    with pytest.raises(InputError, match=r"red|#rrggbb|#f2e8d5"):
        parse_palette(text)


def test_seven_colours_are_too_many() -> None:
    with pytest.raises(InputError, match="one to 6 colours"):
        parse_palette(" ".join(f"#0000{n}0" for n in range(7)))


def test_subjects_are_apart_by_commas_and_each_is_there_once() -> None:
    assert parse_subjects(" cats,  old  towns,cats, ") == ("cats", "old towns")
    with pytest.raises(InputError, match="12 subjects"):
        parse_subjects(",".join(f"thing {n}" for n in range(13)))
    with pytest.raises(InputError, match="80 letters"):
        parse_subjects("x" * 81)


@pytest.mark.parametrize("text", ["-1", "1.5", "x", "", "99999999999", "²"])
def test_a_seed_is_a_whole_number(text: str) -> None:
    with pytest.raises(InputError, match="whole number"):
        parse_seed(text)


@pytest.mark.parametrize("text", ["-0.1", "1.01", "nan", "inf", "x", ""])
def test_a_strength_is_between_nothing_and_all(text: str) -> None:
    with pytest.raises(InputError, match="0 to 1"):
        parse_strength(text)
    assert parse_strength("0.6") == 0.6
