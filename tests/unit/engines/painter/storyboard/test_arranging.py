"""Scenes: whatever is read, its subjects are shown, inside the picture and not hidden."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetbot.engines.painter.storyboard.arranging import arrange, shown_as
from meetbot.engines.painter.storyboard.extents import extent
from meetbot.engines.painter.storyboard.values import (
    Arrow,
    Band,
    Bubble,
    Journey,
    Panel,
    Place,
    Scene,
    Sign,
    Sprite,
)
from unit.engines.painter.storyboard.scenes import (
    ICONS,
    READINGS,
    box,
    icons,
    reading,
    sprites,
    thing,
    visible,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDE = 16 / 9
ASPECTS = st.sampled_from((9 / 16, 3 / 4, 1.0, 4 / 3, WIDE, 21 / 9))
SEEDS = st.integers(0, 2**32)
BODIES = {"t-shirt", "womans-clothes", "coat", "running-shirt", "dress", "jeans", "shorts"}


@given(READINGS, SEEDS, ASPECTS)
@settings(max_examples=80, deadline=None)
def test_everything_is_inside_the_picture(about, seed, aspect):
    scene = arrange(about, seed, aspect)
    for sprite in sprites(scene):
        left, top, right, bottom = box(sprite, aspect)
        assert left >= -0.002
        assert top >= -0.002
        assert right <= 1.002
        assert bottom <= 1.002
        assert 0.0 <= sprite.depth <= 1.0
    assert 0.0 < scene.horizon < 1.0


@given(READINGS, SEEDS, ASPECTS)
@settings(max_examples=80, deadline=None)
def test_the_heaviest_things_are_shown(about, seed, aspect):
    scene = arrange(about, seed, aspect)
    there = set(icons(scene))
    if any(isinstance(item, Bubble) for item in scene.items):
        there.add("speech-balloon")
    assert {shown_as(one.icon) for one in about.things[:3]} <= there


@given(READINGS, SEEDS)
@settings(max_examples=60, deadline=None)
def test_the_same_reading_and_seed_make_the_same_scene(about, seed):
    assert arrange(about, seed, WIDE) == arrange(about, seed, WIDE)


@given(READINGS, SEEDS)
@settings(max_examples=60, deadline=None)
def test_pictures_are_not_crowded(about, seed):
    scene = arrange(about, seed, WIDE)
    heads = [icon for icon in icons(scene) if icon not in BODIES]
    assert len(heads) <= 14


def test_subjects_are_not_hidden():
    hidden = []
    roles = itertools.cycle(ICONS.values())
    for seed in range(150):
        names = [next(roles)[(seed * 7 + n) % 3] for n in range(1 + seed % 5)]
        about = reading(f"talk {seed}", *dict.fromkeys(names))
        scene = arrange(about, seed, (WIDE, 1.0)[seed % 2])
        for one in about.things:
            seen = [s for s in sprites(scene) if s.icon == shown_as(one.icon)]
            best = max((visible(scene, s, (WIDE, 1.0)[seed % 2]) for s in seen), default=1.0)
            if best < 0.7:
                hidden.append((seed, one.icon, best))
    assert not hidden


@pytest.mark.parametrize("place", get_args(Place))
def test_every_place_can_be_arranged_at_every_aspect(place):
    for aspect in (9 / 16, 1.0, WIDE, 21 / 9):
        scene = arrange(reading("x", "dog", "man", "laptop", place=place), 3, aspect)
        assert {"dog", "man", "laptop"} <= set(icons(scene))


def test_nothing_to_show_makes_a_quiet_scene_by_seed():
    scenes = [arrange(reading("Hello"), seed, WIDE) for seed in range(12)]
    assert all(len(scene.items) <= 4 for scene in scenes)
    assert all(scene.title == "Hello" for scene in scenes)
    assert len({scene.place for scene in scenes}) >= 4


def test_an_icon_that_nobody_knows_does_no_harm():
    assert "no-such-icon" in icons(arrange(reading("x", thing("no-such-icon")), 1, WIDE))


def test_things_have_their_sizes_among_each_other():
    scene = arrange(reading("x", "woman", "house", "cat", place="village"), 5, WIDE)
    heights = {sprite.icon: sprite.height for sprite in sprites(scene)}
    assert heights["cat"] < 0.85 * heights["house"]


def test_what_is_far_is_smaller_and_behind():
    scene = arrange(reading("x", thing("cow", 0.9, 4), place="field"), 2, WIDE)
    cows = sorted((s for s in sprites(scene) if s.icon == "cow"), key=lambda cow: cow.y)
    assert cows == [s for s in sprites(scene) if s.icon == "cow"]
    assert cows[0].height < cows[-1].height
    assert cows[0].depth > cows[-1].depth


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_as_many_are_shown_as_were_said(count):
    scene = arrange(
        reading("x", thing("penguin", 0.9, count, "animal"), place="snowfield"), 1, WIDE
    )
    assert icons(scene).count("penguin") == count


def test_two_friends_are_two_people_who_look_different():
    scene = arrange(reading("x", thing("person-standing", 0.9, 2, "person")), 4, WIDE)
    heads = [icon for icon in icons(scene) if icon not in BODIES]
    assert len(heads) == 2
    assert len(set(heads)) == 2


def test_heads_are_dressed_and_busts_stand_on_legs():
    scene = arrange(reading("x", "man", "astronaut", place="park"), 1, WIDE)
    by_icon = {sprite.icon: sprite for sprite in sprites(scene)}
    assert by_icon["jeans"].grounded
    assert not by_icon["man"].grounded
    assert not by_icon["astronaut"].grounded
    assert set(icons(scene)) & (BODIES - {"jeans"})


def _friends(seed: int, aspect: float = WIDE) -> Scene:
    friends = thing("person-standing", 0.98, 2, "person")
    return arrange(
        reading(
            "Two friends talk about moving",
            friends,
            thing("delivery-truck", 0.9, role="vehicle"),
            actions=("talk", "travel"),
            journey=Journey("Chicago", "Texas"),
        ),
        seed,
        aspect,
    )


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("aspect", [1.0, WIDE])
def test_people_talk_under_a_bubble_that_holds_what_they_talk_about(seed, aspect):
    scene = _friends(seed, aspect)
    bubble = next(item for item in scene.items if isinstance(item, Bubble))
    truck = next(sprite for sprite in sprites(scene) if sprite.icon == "delivery-truck")
    signs = [item for item in scene.items if isinstance(item, Sign)]
    assert bubble.kind == "speech"
    assert [sign.text for sign in signs] == ["Chicago", "Texas"]
    for x, y in ((truck.x, truck.y), *((sign.x, sign.y) for sign in signs)):
        assert abs(x - bubble.x) <= bubble.width / 2
        assert abs(y - bubble.y) <= bubble.height / 2
    heads = [s for s in sprites(scene) if s.icon in ("person", "woman")]
    assert len(heads) == 2
    assert min(head.x for head in heads) < 0.5 < max(head.x for head in heads)
    assert all(visible(scene, head, aspect) > 0.85 for head in heads)


def test_a_journey_goes_from_the_left_to_the_right():
    scene = arrange(
        reading("x", "automobile", actions=("travel",), journey=Journey("Moscow", "Sochi")), 1, WIDE
    )
    start, end = (item for item in scene.items if isinstance(item, Sign))
    car = next(sprite for sprite in sprites(scene) if sprite.icon == "automobile")
    assert (start.text, end.text) == ("Moscow", "Sochi")
    assert start.x < car.x < end.x
    assert car.flip  # its icon looks to the left
    assert any(isinstance(item, Band) and item.kind == "road" for item in scene.items)


def test_trains_go_on_rails_and_planes_through_the_air():
    by_train = arrange(reading("x", "train", journey=Journey("A", "B")), 1, WIDE)
    by_plane = arrange(reading("x", "airplane", journey=Journey("A", "B")), 1, WIDE)
    plane = next(sprite for sprite in sprites(by_plane) if sprite.icon == "airplane")
    assert any(isinstance(item, Band) and item.kind == "rails" for item in by_train.items)
    assert any(isinstance(item, Arrow) for item in by_plane.items)
    assert not plane.grounded
    assert not plane.flip  # its icon looks to the right already


def test_two_who_stand_apart_look_at_each_other():
    scene = arrange(reading("x", "dog", "cat", place="park"), 1, WIDE)
    for sprite in sprites(scene):
        looks_right = sprite.flip  # both icons look to the left
        assert looks_right == (sprite.x < 0.5)


@pytest.mark.parametrize("seed", range(8))
def test_letters_and_dials_are_never_mirrored(seed):
    scene = arrange(reading("x", "bank", "hospital", "ambulance", "calendar"), seed, WIDE)
    assert not any(sprite.flip for sprite in sprites(scene))


def test_a_meal_is_on_a_table_with_the_people_behind_it():
    scene = arrange(
        reading("x", "pizza", thing("man", 0.7, 3), actions=("eat",), place="cafe"), 2, WIDE
    )
    kinds = [
        item.kind if isinstance(item, Band) else getattr(item, "icon", "") for item in scene.items
    ]
    assert kinds.index("man") < kinds.index("table") < kinds.index("pizza")


def test_a_chart_is_on_a_board_and_somebody_shows_it():
    scene = arrange(reading("x", "chart-increasing", place="office"), 1, WIDE)
    board = next(item for item in scene.items if isinstance(item, Panel))
    chart = next(sprite for sprite in sprites(scene) if sprite.icon == "chart-increasing")
    assert board.kind == "board"
    assert abs(chart.x - board.x) < board.width / 2
    assert "office-worker" in icons(scene)


def test_a_feast_has_balloons_and_its_cake_in_the_middle():
    scene = arrange(
        reading("x", "birthday-cake", "child", actions=("celebrate",), mood=0.9), 1, WIDE
    )
    cake = next(sprite for sprite in sprites(scene) if sprite.icon == "birthday-cake")
    assert icons(scene).count("balloon") >= 3
    assert abs(cake.x - 0.5) < 0.1


def test_two_of_a_kind_alone_are_compared():
    scene = arrange(reading("x", thing("house", 0.8), thing("office-building", 0.78)), 1, WIDE)
    left, right = (item for item in scene.items if isinstance(item, Panel))
    assert left.x < 0.5 < right.x


def test_one_after_the_other_in_a_row_of_stations():
    things = (thing("hot-beverage", 0.8), thing("laptop", 0.8), thing("person-biking", 0.8))
    scene = arrange(reading("x", *things, actions=("drink", "work", "play")), 1, WIDE)
    at = {sprite.icon: sprite.x for sprite in sprites(scene)}
    assert at["hot-beverage"] < at["laptop"] < at["person-biking"]
    assert sum(isinstance(item, Arrow) for item in scene.items) == 2


def test_a_house_is_not_inside_a_room():
    assert arrange(reading("x", "house", "man", place="home"), 1, WIDE).place != "home"


def test_the_place_follows_from_the_things():
    def place(*names: str) -> str:
        return arrange(reading("x", *names), 1, WIDE).place

    assert place("fish", "whale") == "sea"
    assert place("cow") == "farm"
    assert place("laptop", "chart-increasing") == "office"
    assert place("pizza") == "cafe"
    assert place("rocket", "astronaut") == "space"


def test_sad_talk_is_not_painted_on_a_clear_day():
    scenes = [arrange(reading("x", "man", mood=-0.9), seed, WIDE) for seed in range(10)]
    assert all(scene.weather != "clear" for scene in scenes)


def test_a_landscape_in_a_frame_is_not_put_into_a_landscape():
    assert "cityscape" not in icons(arrange(reading("x", thing("cityscape", role="land")), 1, WIDE))


def _some_icons(roles: Iterator[tuple[str, ...]], number: int) -> list[str]:
    names = [next(roles)[(number + k) % 3] for k in range(1 + number % 4)]
    return list(dict.fromkeys(names))


def _profile(scene: Scene) -> list[float]:
    """How much of each cell of a grid of 8 × 6 is covered; and the horizon."""
    cells = [0.0] * 48
    for sprite in sprites(scene):
        left, top, right, bottom = box(sprite, WIDE)
        for row, column in itertools.product(range(6), range(8)):
            across = min(right, (column + 1) / 8) - max(left, column / 8)
            down = min(bottom, (row + 1) / 6) - max(top, row / 6)
            cells[row * 8 + column] += max(across, 0) * max(down, 0) * 48
    return [*cells, scene.horizon * 4]


def test_fifty_readings_make_fifty_different_scenes():
    roles = itertools.cycle(ICONS.values())
    scenes = [arrange(reading(f"talk {n}", *_some_icons(roles, n)), 7, WIDE) for n in range(50)]
    alike = [
        (one, two)
        for (one, a), (two, b) in itertools.combinations(enumerate(scenes), 2)
        if set(icons(a)) == set(icons(b))
        and sum(abs(x - y) for x, y in zip(_profile(a), _profile(b), strict=True)) < 3
    ]
    assert not alike


def test_the_same_words_have_another_composition_by_another_seed():
    about = reading("x", "dog", "man", "deciduous-tree", place="park")
    profiles = [_profile(arrange(about, seed, WIDE)) for seed in range(8)]
    distances = [
        sum(abs(x - y) for x, y in zip(a, b, strict=True))
        for a, b in itertools.combinations(profiles, 2)
    ]
    assert sorted(distances)[len(distances) // 2] > 3


def test_a_scene_takes_milliseconds():
    arrange(reading("warm", "dog"), 1, WIDE)
    names = ("man", "dog", "house", "automobile", "sun", "laptop", "pizza")
    took = []
    for seed in range(30):
        begun = time.process_time()
        arrange(reading("x", *names[: 3 + seed % 5]), seed, WIDE)
        took.append(time.process_time() - begun)
    assert sorted(took)[15] < 0.02


def test_extents_tell_where_the_feet_are():
    assert extent("automobile").bottom < 32
    assert extent("office-worker-dark") == extent("office-worker")
    assert extent("man-standing").aspect < 0.5
    assert isinstance(sprites(arrange(reading("x", "dog"), 1, WIDE))[0], Sprite)


def test_a_name_stands_on_a_board_by_the_way():
    def texts(**about: object) -> list[str]:
        scene = arrange(reading("x", "dog", place="park", **about), 1, WIDE)
        return [item.text for item in scene.items if isinstance(item, Sign)]

    assert texts(names=("Boston",)) == ["Boston"]
    assert texts(names=("Dog",)) == []
    assert texts() == []


def test_swimmers_are_in_the_water_of_a_beach_and_others_on_its_sand():
    for seed in range(8):
        scene = arrange(reading("x", "person-swimming", "dog", place="beach"), seed, WIDE)
        feet = {sprite.icon: sprite.y for sprite in sprites(scene)}
        assert feet["person-swimming"] < feet["dog"]


def test_a_face_becomes_the_head_of_somebody():
    scene = arrange(reading("x", "crying-face", place="park"), 1, WIDE)
    assert set(icons(scene)) & BODIES


def test_no_wind_blows_in_space():
    scenes = [arrange(reading("x", "rocket", energy=0.95), seed, WIDE) for seed in range(10)]
    assert {(scene.place, scene.weather) for scene in scenes} == {("space", "clear")}


@pytest.mark.parametrize(
    ("icon", "about"),
    [
        ("snowflake", {"weather": "snow"}),
        ("snowflake", {"season": "winter"}),
        ("night-with-stars", {"daytime": "night"}),
        ("cloud-with-rain", {"weather": "rain"}),
        ("water-wave", {"place": "sea"}),
    ],
)
def test_what_the_backdrop_shows_is_a_thing_only_where_there_is_no_other(icon, about):
    assert icon not in icons(arrange(reading("x", icon, "dog", **about), 2, WIDE))
    assert shown_as(icon) in icons(arrange(reading("x", icon, **about), 2, WIDE))
