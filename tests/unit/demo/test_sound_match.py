"""How far pictures and sound are apart, by the loudness that is told and that is heard."""

from __future__ import annotations

import av
import numpy as np
import pytest

from meetbot.core.guests import ReceivedPicture, ReceivedSound
from meetbot.demo.sound_match import Heard, loudness_skew
from meetbot_livekit.loudness import loudness_of

MS = 1_000_000
RATE = 48_000
MOMENT = 1_920
PACKET = 960
FRAME = av.VideoFrame(16, 16, "yuv420p")


def speech(seconds: float) -> np.ndarray:
    """Noise in syllables of changing loudness and length, and pauses."""
    random = np.random.default_rng(7)
    steps = np.repeat(random.choice([0, 0.1, 0.4, 1.0], round(seconds * 20)), RATE // 20)
    noise = random.standard_normal(len(steps)) * 3_000
    return np.clip(steps * noise, -32_000, 32_000).astype(np.int16)


def sent(
    sound: np.ndarray, *, picture_ms: float, sound_ms: float, lost: int = 0
) -> tuple[list[ReceivedPicture], Heard]:
    """What is received of it, so long after it was; the sender's clock is 500 s ahead."""
    pictures = []
    for number in range(len(sound) // MOMENT):
        at_ms = number * 40
        told = loudness_of(sound[number * MOMENT : (number + 1) * MOMENT])
        if lost and number % lost == 0:
            continue
        captured_ns = (at_ms + 500_000) * MS
        arrival_ns = round((at_ms + picture_ms) * MS)
        pictures.append(ReceivedPicture("b", FRAME, arrival_ns, "avatar", captured_ns, told))
    heard = Heard()
    for number in range(len(sound) // PACKET):
        samples = sound[number * PACKET : (number + 1) * PACKET]
        arrival_ns = round((number * 20 + sound_ms) * MS)
        heard.take(ReceivedSound("b", "Bot", samples, arrival_ns - 20 * MS, arrival_ns, True))
    return pictures, heard


@pytest.mark.parametrize("late_ms", [-180, -40, 0, 60, 300])
def test_the_skew_is_found_to_a_few_milliseconds(late_ms: float) -> None:
    skew = loudness_skew(*sent(speech(6), picture_ms=400 + late_ms, sound_ms=400))
    assert skew is not None
    assert skew.moments > 50
    assert skew.median_ms == pytest.approx(late_ms, abs=5)


def test_pictures_that_are_lost_do_not_change_it() -> None:
    skew = loudness_skew(*sent(speech(6), picture_ms=70, sound_ms=50, lost=3))
    assert skew is not None
    assert skew.median_ms == pytest.approx(20, abs=5)


def test_nothing_is_told_of_silence_of_other_sound_and_of_untold_loudness() -> None:
    pictures, heard = sent(speech(4), picture_ms=50, sound_ms=50)
    assert loudness_skew(*sent(np.zeros(4 * RATE, np.int16), picture_ms=50, sound_ms=50)) is None
    other = np.random.default_rng(1).permutation(speech(4))
    assert loudness_skew(pictures, sent(other, picture_ms=50, sound_ms=50)[1]) is None
    untold = [ReceivedPicture("b", FRAME, one.arrival_ns, "avatar", 1) for one in pictures]
    assert loudness_skew(untold, heard) is None
    assert loudness_skew(pictures, Heard()) is None
