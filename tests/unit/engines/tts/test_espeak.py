"""espeak-ng, which is in the environment of the tests with all its languages."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.core.voice import Voice
from meetbot.engines.registry import load_engine
from meetbot.engines.tts.espeak_library import shared_library
from meetbot.models import ModelStore
from support.speaking import check_times, pitch_of, say, sound_of

if TYPE_CHECKING:
    from meetbot.engines.tts.espeak import EspeakSynthesizer


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> EspeakSynthesizer:
    models = ModelStore(tmp_path_factory.mktemp("models"))
    engine: EspeakSynthesizer = load_engine("tts", "espeak", models, None)
    return engine


async def test_german_phonemes_have_the_engines_own_times(voice: EspeakSynthesizer) -> None:
    (speech,) = await say(voice, "Guten Tag, wir sehen uns.", "de")
    check_times(speech)
    assert not speech.estimated
    said = "".join(phone.symbol or "_" for phone in speech.phones)
    assert said[:5] in ("ɡutən", "ɡutət")
    assert [word.text for word in speech.words] == ["Guten", "Tag", "wir", "sehen", "uns"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Bonjour, ça va?"),
        ("es", "Buenos días."),
        ("zh", "你好。"),
        ("ru", "Привет."),
        ("uk", "Добрий день."),
    ],
)
async def test_it_speaks(voice: EspeakSynthesizer, language: str, text: str) -> None:
    stretches = await say(voice, text, language)
    assert all(not check_times(speech) for speech in stretches)
    assert len(sound_of(stretches)) > 5000


def test_the_usual_voice_of_a_language_comes_first(voice: EspeakSynthesizer) -> None:
    assert voice.voices("de")[:3] == ("de", "de+f2", "de+m3")
    assert voice.voices("zh")[0] == "cmn"
    assert voice.voices("xx") == ()
    assert len(voice.languages) > 90


async def test_pitch_and_voice_are_heard(voice: EspeakSynthesizer) -> None:
    (usual,) = await say(voice, "Wir waren alle da", "de")
    (higher,) = await say(voice, "Wir waren alle da", "de", Voice(pitch=1.5))
    (woman,) = await say(voice, "Wir waren alle da", "de", Voice("de+f2"))
    (unknown,) = await say(voice, "Wir waren alle da", "de", Voice("nobody"))
    assert pitch_of(higher) == pytest.approx(1.5 * pitch_of(usual), rel=0.15)
    assert pitch_of(woman) > 1.2 * pitch_of(usual)
    assert len(unknown.samples) == pytest.approx(len(usual.samples), rel=0.02)


async def test_markup_is_only_text(voice: EspeakSynthesizer) -> None:
    (speech,) = await say(voice, "<break time='9s'/> [[h@]]", "en")
    assert len(speech.samples) / speech.sample_rate < 6


@pytest.mark.parametrize("text", ["", "😀", "…", "\x00"])
async def test_what_it_cannot_say_makes_no_sound(voice: EspeakSynthesizer, text: str) -> None:
    assert await say(voice, text, "de") == []


async def test_two_speak_at_once_through_one_library(voice: EspeakSynthesizer) -> None:
    other = type(voice).load(ModelStore(), None)
    german, french = await asyncio.gather(
        say(voice, "Eins. Zwei. Drei.", "de"), say(other, "Un. Deux. Trois.", "fr")
    )
    assert [speech.text for speech in german] == ["Eins.", "Zwei.", "Drei."]
    assert [word.text for speech in french for word in speech.words] == ["Un", "Deux", "Trois"]


def test_it_stops_within_a_sentence_when_nobody_listens_any_more() -> None:
    library, asked = shared_library(), itertools.count()
    text = "eins und zwei und drei und vier " * 6
    whole = library.say(text, voice="gmw/de", pitch=1.0, wanted=lambda: True)
    cut = library.say(text, voice="gmw/de", pitch=1.0, wanted=lambda: next(asked) < 10)
    assert 0 < len(cut.samples()) < 0.5 * len(whole.samples())


def test_sound_before_anything_was_said_is_empty() -> None:
    heard = shared_library().say(" ", voice="gmw/de", pitch=1.0, wanted=lambda: True)
    assert np.abs(heard.samples()).max(initial=0.0) < 0.01
