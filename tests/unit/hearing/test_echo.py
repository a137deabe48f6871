"""The bot's own voice from a loudspeaker is no voice; a person's over it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.config import HearingSettings
from meetbot.core.clock import NS_PER_S
from meetbot.core.types import SAMPLE_RATE, Participant, SpeechBegan
from meetbot.hearing import HearingLane
from meetbot.hearing.intake import WINDOW
from meetbot.models import ModelStore
from meetbot.transcribe.media import read_sound
from support.echoes import in_room, judged, loudness

from .fakes import Collected, CountingRecognizer, FixedTurn, LoudnessActivity, played

if TYPE_CHECKING:
    from numpy.typing import NDArray

SECONDS = 8
WINDOW_SECONDS = WINDOW / SAMPLE_RATE


def voice(seed: int, seconds: float = SECONDS) -> NDArray[np.float32]:
    """Syllables of noise, each with a spectrum, a length and a loudness of its own."""
    dice = np.random.default_rng(seed)
    parts: list[NDArray[np.float64]] = []
    while sum(map(len, parts)) < seconds * SAMPLE_RATE:
        count = int(dice.uniform(0.08, 0.25) * SAMPLE_RATE)
        frequency = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
        peaks = dice.uniform(200, 3_800, 3)
        shape = sum(np.exp(-(((frequency - peak) / 180) ** 2)) for peak in peaks)
        sound = np.fft.irfft(np.fft.rfft(dice.standard_normal(count)) * shape, count)
        loudness = 10 ** (dice.uniform(-12, 0) / 20)
        parts += [sound / np.abs(sound).max() * np.hanning(count) * loudness * 0.5]
        parts += [np.zeros(int(dice.choice([0.02, 0.05, 0.15]) * SAMPLE_RATE))]
    return np.concatenate(parts)[: round(seconds * SAMPLE_RATE)].astype(np.float32)


def with_noise(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    noise = np.random.default_rng(9).standard_normal(len(sound)) * 0.0003
    return (sound + noise).astype(np.float32)


def loud(sound: NDArray[np.float32], floor: float) -> NDArray[np.bool_]:
    heard: NDArray[np.bool_] = loudness(sound) > floor
    return heard


@pytest.mark.parametrize("decibels", [-10, -20, -30])
@pytest.mark.parametrize("delay_ms", [50, 170, 400])
def test_the_bots_voice_from_a_loudspeaker_is_echo(delay_ms: float, decibels: float) -> None:
    bot = voice(1)
    echo = in_room(bot, delay_ms, decibels)
    verdicts = judged(with_noise(echo), bot)
    there = loud(echo, 0.03 * 10 ** (decibels / 20))
    assert there.sum() > 100
    assert np.mean(verdicts[there]) > 0.95


@pytest.mark.parametrize("delay_ms", [60, 250])
def test_a_person_as_loud_as_the_echo_is_heard_within_half_a_second(delay_ms: float) -> None:
    bot = voice(1)
    person = voice(2) * 10 ** (-15 / 20)
    begin = 5 * SAMPLE_RATE
    person[:begin] = 0
    verdicts = judged(with_noise(in_room(bot, delay_ms, -15) + person), bot)
    first = begin // WINDOW
    soon = first + round(0.5 / WINDOW_SECONDS)
    assert np.sum(~verdicts[first:soon]) >= 3
    assert np.mean(~verdicts[first:][loud(person, 0.005)[first : len(verdicts)]]) > 0.25


def test_a_person_with_a_headset_may_speak_into_the_bots_words_at_any_time() -> None:
    person = voice(2)
    begin = 2 * SAMPLE_RATE
    person[:begin] = 0
    verdicts = judged(with_noise(person), voice(1))
    assert np.mean(~verdicts[begin // WINDOW :]) > 0.9


def test_a_person_with_a_headset_is_heard_however_often_they_interrupt() -> None:
    talk = read_sound(ModelStore().path("phone-talk") / "sample.wav", SAMPLE_RATE)
    bot = np.tile(talk[: 12 * SAMPLE_RATE], 4) * 0.8
    dice = np.random.default_rng(0)
    person = np.zeros_like(bot)
    for second in range(1, 48, 4):
        begin, words = second * SAMPLE_RATE, int(dice.uniform(12, 26) * SAMPLE_RATE)
        person[begin : begin + 2 * SAMPLE_RATE] = talk[words : words + 2 * SAMPLE_RATE]
    verdicts = judged(person, bot)
    spoken = loud(person, 0.01)[: len(verdicts)]
    assert spoken.sum() > 400
    assert np.mean(verdicts[spoken]) < 0.06


def test_who_puts_a_headset_on_is_heard_again() -> None:
    bot = np.concatenate([voice(1), voice(3), voice(4)])
    microphone = in_room(bot, 120, -10)
    microphone[SECONDS * SAMPLE_RATE :] = 0
    person = voice(2) * 10 ** (-10 / 20)
    begin = 2 * SECONDS * SAMPLE_RATE
    microphone[begin:] += person
    verdicts = judged(microphone, bot)
    assert np.mean(verdicts[begin // WINDOW :][loud(person, 0.01)]) < 0.05


def test_nobodys_voice_is_echo_while_the_bot_is_silent() -> None:
    assert not judged(voice(2), np.zeros(SECONDS * SAMPLE_RATE, np.float32)).any()


def test_the_echo_ends_with_what_the_bot_says() -> None:
    bot = voice(1)
    bot[4 * SAMPLE_RATE :] = 0
    person = voice(2)
    person[: 5 * SAMPLE_RATE] = 0
    verdicts = judged(with_noise(in_room(bot, 120, -10) + person), bot)
    assert not verdicts[5 * SAMPLE_RATE // WINDOW :].any()


@pytest.mark.virtual_time
@pytest.mark.parametrize("told", [True, False], ids=["the bot's sound is known", "it is not"])
async def test_no_turn_begins_of_the_bots_own_voice(told: bool) -> None:
    sink = Collected()
    recognizer = CountingRecognizer()

    async def rebuild() -> CountingRecognizer:
        return recognizer

    lane = HearingLane(
        HearingSettings(),
        voice_activity=LoudnessActivity(),
        turn_detector=FixedTurn(),
        recognizer=recognizer,
        rebuild=rebuild,
        identifier=None,
        sink=sink,
    )
    bot = voice(1) * 1.9
    stereo_rate = 48_000
    samples = np.repeat(np.round(bot * 32_767).astype(np.int16), 3)
    for start in range(0, len(samples) * told, 1_920):
        pts_ns = start * NS_PER_S // stereo_rate
        if start < 3 * stereo_rate:
            lane.played(samples[start : start + 1_920], stereo_rate, pts_ns)
    serving = asyncio.create_task(lane.run())
    echo = in_room(bot, 120, -3)[: 3 * SAMPLE_RATE]
    await lane.listen(Participant("1", "Anna"), played(with_noise(echo)))
    serving.cancel()
    await asyncio.wait({serving})
    begun = [event for _, event in sink.events if isinstance(event, SpeechBegan)]
    assert bool(begun) is not told
