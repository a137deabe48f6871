"""Voice samples, their pitch, and the voices of engines that are most like them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.core.errors import EngineError, InputError
from meetbot.personas.likeness import nearest_voice
from meetbot.personas.pitch import median_pitch
from meetbot.personas.samples import VoicePrint, fingerprint, listen
from support.caches import MemoryCache
from support.personas import LevelActivity, ToneSynthesizer, harmonics
from support.voices import PitchEncoder, pitch_scorer, silence, tone

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOISE = np.random.default_rng(3)


def spoken(pitch: float, seconds: float, seed: int = 0) -> NDArray[np.float32]:
    """A voice with a pause of a quarter of a second in each second."""
    sound = tone(pitch, seconds, seed)
    at = np.arange(len(sound)) / 16_000
    return np.where(at % 1 < 0.75, sound, 0.001 * sound).astype(np.float32)


@pytest.fixture(autouse=True)
def _pitch_is_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meetbot.people.enrolment.load_scorer", lambda _model: pitch_scorer())


async def heard(**sounds: object) -> VoicePrint:
    return await listen(sounds, LevelActivity(), PitchEncoder())  # type: ignore[arg-type]


@pytest.mark.parametrize("hz", [85.0, 120.0, 210.0, 330.0])
def test_pitch_is_that_of_the_voice(hz: float) -> None:
    assert median_pitch(harmonics(hz, 2), 16_000) == pytest.approx(hz, rel=0.02)


def test_noise_and_silence_have_no_pitch() -> None:
    assert median_pitch(NOISE.standard_normal(32_000).astype(np.float32), 16_000) is None
    assert median_pitch(silence(1), 16_000) is None
    assert median_pitch(silence(0.01), 16_000) is None


async def test_a_good_sample_becomes_a_print_with_its_pitch() -> None:
    made = await heard(a=spoken(180, 5))
    assert made.model == "pitch"
    assert made.hz == pytest.approx(180, rel=0.02)
    assert float(np.linalg.norm(made.vector)) == pytest.approx(1, abs=1e-5)
    assert int(made.vector.argmax()) == 1


async def test_short_samples_count_together() -> None:
    made = await heard(a=spoken(180, 2.5, 1), b=spoken(180, 2.5, 2))
    assert made.hz is not None


@pytest.mark.parametrize(
    ("sound", "said"),
    [
        (silence(4), "voice.wav is silent"),
        (np.full(64_000, np.nan, np.float32), "voice.wav is silent"),
        (0.2 * NOISE.standard_normal(64_000).astype(np.float32), "music or noise"),
        (tone(180, 0.3), "0.3 s of speech"),
        (tone(180, 2.5), "2.5 s of speech"),
        (0.1 * NOISE.standard_normal(4_800).astype(np.float32), "only 0.3 s long"),
        (np.concatenate([spoken(180, 5), spoken(360, 5)]), "more than one voice"),
        (np.tile(tone(180, 1), 601), "10 minutes"),
    ],
    ids=["silence", "no numbers", "noise", "0.3 s", "2.5 s", "0.3 s of noise", "two", "long"],
)
async def test_a_bad_sample_is_refused_with_the_reason(sound: object, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        await heard(**{"voice.wav": sound})
    assert "\n" not in str(caught.value)


async def test_a_voice_in_much_noise_is_refused() -> None:
    sound = np.concatenate([tone(180, 2), silence(0.5), tone(180, 2)])
    noisy = sound + 0.1 * NOISE.standard_normal(len(sound)).astype(np.float32)
    with pytest.raises(InputError, match="too noisy"):
        await heard(a=noisy)


async def test_samples_of_two_people_are_refused() -> None:
    with pytest.raises(InputError, match="the voice in b is not the one in a"):
        await heard(a=spoken(180, 4), b=spoken(360, 4))


def test_the_same_sounds_have_the_same_fingerprint_in_any_order() -> None:
    first, second = tone(180, 1, 1), tone(180, 1, 2)
    assert fingerprint({"a": first, "b": second}) == fingerprint({"x": second, "y": first})
    assert fingerprint({"a": first}) != fingerprint({"a": second})


def print_of(hz: float) -> VoicePrint:
    sound = harmonics(hz, 2)
    at = np.arange(len(sound)) / 16_000
    strength = np.array([abs(np.exp(-2j * np.pi * f * at) @ sound) for f in range(120, 421, 60)])
    return VoicePrint("s", "pitch", (strength / np.linalg.norm(strength)).astype(np.float32), hz)


async def test_the_nearest_voice_is_chosen_and_its_pitch_adapted() -> None:
    engine = ToneSynthesizer({"low": 120.0, "high": 240.0})
    chosen = await nearest_voice(
        replace(print_of(240), hz=260.0), "tone", engine, "en", PitchEncoder(), MemoryCache()
    )
    assert chosen is not None
    assert (chosen.engine, chosen.name) == ("tone", "high")
    assert chosen.pitch == pytest.approx(260 / 240, rel=0.03)
    assert chosen.likeness is not None


async def test_pitch_is_not_changed_beyond_what_sounds_natural() -> None:
    engine = ToneSynthesizer({"low": 90.0})
    chosen = await nearest_voice(print_of(300), "tone", engine, "en", PitchEncoder(), MemoryCache())
    assert chosen is not None
    assert chosen.pitch == 1.4


async def test_an_engines_voices_are_heard_once() -> None:
    engine, cache = ToneSynthesizer({"low": 120.0, "high": 240.0}), MemoryCache()
    for hz in (120, 240, 240):
        await nearest_voice(print_of(hz), "tone", engine, "en", PitchEncoder(), cache)
    assert engine.spoken == ["low", "high"]


async def test_a_voice_that_is_broken_is_not_chosen() -> None:
    engine = ToneSynthesizer({"low": 120.0, "high": 240.0}, broken=("high",))
    chosen = await nearest_voice(print_of(240), "tone", engine, "en", PitchEncoder(), MemoryCache())
    assert chosen is not None
    assert chosen.name == "low"


async def test_an_engine_that_cannot_speak_at_all_says_so() -> None:
    engine = ToneSynthesizer({"low": 120.0}, broken=("low",))
    with pytest.raises(EngineError, match="broken"):
        await nearest_voice(print_of(120), "tone", engine, "en", PitchEncoder(), MemoryCache())


async def test_an_engine_of_another_language_has_no_voice() -> None:
    engine = ToneSynthesizer({"low": 120.0})
    encoder = PitchEncoder()
    assert await nearest_voice(print_of(120), "tone", engine, "ru", encoder, MemoryCache()) is None
