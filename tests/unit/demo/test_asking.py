"""What is told from the sound of the bot as a participant received it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.core.clock import monotonic_ns
from meetbot.demo.asker import Exchange
from meetbot.demo.bot_voice import RATE, BotVoice, speech_bounds
from meetbot.demo.plan import GuestPlan, PlannedQuestion, PlannedSound

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

MS = 1_000_000
PACKET = 960


def tone(samples: int, loudness: int = 8_000) -> NDArray[np.int16]:
    return np.full(samples, loudness, np.int16)


def fed(*packets: tuple[int, NDArray[np.int16]]) -> BotVoice:
    """Packets by their arrival in ms."""
    voice = BotVoice()
    for at, samples in packets:
        voice.take(samples, at * MS)
    return voice


def exchange(*heard: tuple[int, int], interrupted: int | None = None) -> Exchange:
    """Times in ms; the question ends at 1 s."""
    return Exchange(
        question="Why?",
        question_end_ns=1_000 * MS,
        interrupted_ns=None if interrupted is None else interrupted * MS,
        heard=tuple((begin * MS, end * MS) for begin, end in heard),
    )


def test_sound_begins_at_its_first_sample_over_the_floor_and_silence_is_none() -> None:
    half = np.concatenate([np.zeros(PACKET // 2, np.int16), tone(PACKET // 2)])
    voice = fed((0, np.zeros(PACKET, np.int16)), (20, tone(PACKET, 50)), (40, half))
    assert voice.since(0) == [(50 * MS, 60 * MS)]


def test_packets_in_a_row_are_one_stretch_and_a_longer_pause_parts_two() -> None:
    voice = fed(*((at, tone(PACKET)) for at in (0, 20, 40, 300, 320)))
    assert voice.since(0) == [(0, 60 * MS), (300 * MS, 340 * MS)]
    assert voice.since(100 * MS) == [(300 * MS, 340 * MS)]


async def test_the_beginning_of_an_answer_is_waited_for_and_may_not_come() -> None:
    voice = BotVoice()
    now = monotonic_ns()
    voice.take(tone(PACKET), now - 500 * MS)
    waiting = asyncio.create_task(voice.begins(now, 5))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    voice.take(tone(PACKET), now + 10 * MS)
    assert await waiting == now + 10 * MS
    assert await BotVoice().begins(now, 0.01) is None


async def test_quiet_is_waited_for_from_the_last_sound_on() -> None:
    voice = BotVoice()
    now = monotonic_ns()
    voice.take(tone(PACKET), now)
    await voice.quiet(0.2)
    assert monotonic_ns() - now >= 220 * MS


def test_the_speech_in_a_clip_is_bounded_to_a_hundredth_of_a_second() -> None:
    clip = np.concatenate([np.zeros(RATE // 2), tone(RATE), np.zeros(RATE // 4)])
    first, last = speech_bounds(clip.astype(np.int16))
    assert first == RATE // 2
    assert last == RATE // 2 + RATE


def test_voice_to_voice_is_from_the_questions_end_to_the_first_sound() -> None:
    assert exchange((1_600, 3_000), (3_200, 4_000)).voice_to_voice_s == pytest.approx(0.6)
    assert exchange().voice_to_voice_s is None


@pytest.mark.parametrize(
    ("heard", "seconds"),
    [
        ([(1_600, 2_900), (3_050, 3_300), (4_500, 6_000)], 0.3),
        ([(1_600, 3_150)], 0.15),
        ([(1_600, 2_900), (3_100, 3_250)], 0.25),
        ([(1_600, 2_000)], None),
    ],
    ids=["goes on much later", "stops", "interrupted between two words", "had finished"],
)
def test_barge_in_is_from_the_first_sound_of_it_to_silence(
    heard: list[tuple[int, int]], seconds: float | None
) -> None:
    assert exchange(*heard, interrupted=3_000).barge_in_s == (
        None if seconds is None else pytest.approx(seconds)
    )


def test_an_exchange_goes_through_json_whole() -> None:
    whole = exchange((1_600, 3_000), interrupted=2_000)
    assert Exchange.from_json(whole.to_json()) == whole


def test_a_plan_with_questions_is_read_as_it_was_written(tmp_path: Path) -> None:
    plan = GuestPlan(
        "http://localhost:1",
        "demo",
        "Nora",
        (PlannedSound(1.0, "a.wav"),),
        questions=(PlannedQuestion("Why?", "b.wav", 2.0, "c.wav"),),
    )
    plan.write(tmp_path / "plan.json")
    assert GuestPlan.read(tmp_path / "plan.json") == plan
