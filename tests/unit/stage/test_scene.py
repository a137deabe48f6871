from __future__ import annotations

import math

from meetbot.core.types import BotState, Caption, Notice, Participant, Speaker
from meetbot.stage.scene import (
    LEVEL_STEPS,
    Scene,
    at_time,
    current_lines,
    level_step,
    opening,
    with_caption,
    with_level,
    with_notice,
    with_participants,
)

S = 1_000_000_000
ANNA = Participant("a", "Anna")
BEN = Participant("b", "Ben")
ROOM = Participant("r", "Room", shared_microphone=True)
VOICE = Speaker("p1", "Anna Petrova", "#7aa2ff")


def caption(
    key: str,
    text: str,
    *,
    start: int = 0,
    final: bool = True,
    by: Participant = ANNA,
    speaker: Speaker | None = VOICE,
) -> Caption:
    return Caption(key, by, speaker, text, "en", start * S, (start + 1) * S, final)


def shown(scene: Scene) -> list[str]:
    return [line.text for line in scene.lines]


def test_a_partial_caption_grows_in_its_place_and_becomes_final() -> None:
    scene = with_caption(opening("Bot"), caption("1", "Good", final=False), S)
    scene = with_caption(scene, caption("1", "Good morning", final=False), 2 * S)
    assert shown(scene) == ["Good morning"]
    assert not scene.lines[0].final
    scene = with_caption(scene, caption("1", "Good morning!"), 3 * S)
    assert shown(scene) == ["Good morning!"]
    assert scene.lines[0].final


def test_a_partial_that_arrives_after_its_final_is_ignored() -> None:
    scene = with_caption(opening("Bot"), caption("1", "Good morning!"), S)
    assert with_caption(scene, caption("1", "Good", final=False), S) is scene


def test_an_empty_caption_takes_a_partial_back() -> None:
    scene = with_caption(opening("Bot"), caption("1", "noise?", final=False), S)
    assert shown(with_caption(scene, caption("1", " \u200b "), S)) == []


def test_captions_stand_in_the_order_in_which_people_began() -> None:
    scene = with_caption(opening("Bot"), caption("late", "second", start=5, by=BEN), S)
    scene = with_caption(scene, caption("early", "first", start=2, final=False), S)
    assert shown(scene) == ["first", "second"]


def test_those_being_said_and_all_after_them_are_current() -> None:
    scene = opening("Bot")
    assert current_lines(scene) == 0
    for i in range(4):
        scene = with_caption(scene, caption(str(i), f"text {i}", start=i), S)
    assert current_lines(scene) == 1
    scene = with_caption(scene, caption("2", "text 2"), S)
    scene = with_caption(scene, caption("5", "a", start=5, final=False), S)
    scene = with_caption(scene, caption("6", "b", start=6, by=BEN), S)
    assert current_lines(scene) == 2


def test_old_captions_and_endless_text_are_bounded() -> None:
    scene = opening("Bot")
    for i in range(50):
        scene = with_caption(scene, caption(str(i), "word " * 900 + f"end{i}", start=i), S)
    assert len(scene.lines) == 8
    assert scene.lines[-1].text.endswith("end49")
    assert len(scene.lines[-1].text) <= 600


def test_the_voice_names_the_caption_and_the_participant_where_it_is_unsure() -> None:
    scene = with_participants(opening("Bot"), (ANNA, ROOM))
    scene = with_caption(scene, caption("1", "a"), S)
    scene = with_caption(scene, caption("2", "b", start=1, speaker=None), S)
    scene = with_caption(scene, caption("3", "c", start=2, by=ROOM, speaker=None), S)
    assert [line.name for line in scene.lines] == ["Anna Petrova", "Anna", "Room"]
    assert scene.lines[1].number == 0
    assert scene.lines[2].number is None
    assert scene.lines[2].colour is None
    assert scene.seats[0].colour == (0x7A, 0xA2, 0xFF)


def test_a_colour_that_is_none_does_no_harm() -> None:
    strange = Speaker("p", "X", "javascript:alert(1)")
    scene = with_caption(opening("Bot"), caption("1", "a", speaker=strange), S)
    assert scene.lines[0].colour is None


def test_a_partial_that_nobody_went_on_with_goes_after_ten_seconds() -> None:
    scene = with_caption(opening("Bot"), caption("1", "and then", final=False), 0)
    assert shown(at_time(scene, 9 * S)) == ["and then"]
    assert shown(at_time(scene, 10 * S)) == []
    final = with_caption(scene, caption("1", "and then."), 0)
    assert shown(at_time(final, 3600 * S)) == ["and then."]


def test_nothing_over_leaves_the_scene_itself() -> None:
    scene = with_caption(opening("Bot"), caption("1", "text"), 0)
    assert at_time(scene, 100 * S) is scene


def test_a_degraded_notice_stays_longer_than_good_news_and_both_go() -> None:
    bad = with_notice(opening("Bot"), Notice(BotState.DEGRADED, "ASR restarted"), 0)
    assert bad.state is BotState.DEGRADED
    assert at_time(bad, 19 * S).toast is not None
    later = at_time(bad, 20 * S)
    assert later.toast is None
    assert later.state is BotState.LISTENING
    good = with_notice(bad, Notice(BotState.LISTENING, "All is well"), S)
    assert good.toast is not None
    assert at_time(good, 6 * S).toast is None


def test_listening_without_words_clears_the_toast() -> None:
    bad = with_notice(opening("Bot"), Notice(BotState.DEGRADED, "ASR restarted"), 0)
    good = with_notice(bad, Notice(BotState.LISTENING, ""), S)
    assert good.toast is None
    assert good.state is BotState.LISTENING


def test_who_stays_keeps_their_colour_and_the_bot_has_no_seat() -> None:
    bot = Participant("x", "Bot", is_bot=True)
    assert opening("Bot").state is BotState.JOINING
    scene = with_participants(opening("Bot"), (bot, ANNA, BEN))
    assert scene.state is BotState.LISTENING
    assert [seat.name for seat in scene.seats] == ["Anna", "Ben"]
    ben = scene.seats[1].number
    scene = with_participants(scene, (BEN, ROOM))
    assert scene.seats[0].number == ben
    assert scene.seats[1].number != ben


def test_a_level_rises_at_once_and_dies_away() -> None:
    scene = with_participants(opening("Bot"), (ANNA,))
    scene = with_level(scene, "a", 1.0, S)
    steps = [level_step(scene.seats[0], S + ms * 1_000_000) for ms in (0, 200, 400, 600, 5000)]
    assert steps[0] == LEVEL_STEPS - 1
    assert steps == sorted(steps, reverse=True)
    assert steps[-2:] == [0, 0]


def test_levels_of_strangers_and_levels_that_are_no_number_change_nothing() -> None:
    scene = with_participants(opening("Bot"), (ANNA,))
    assert with_level(scene, "z", 1.0, S) == scene
    assert with_level(scene, "a", math.nan, S) is scene
    assert with_level(scene, "a", 9.0, S).seats[0].level == 1.0
