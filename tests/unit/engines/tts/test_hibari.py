"""The English voice of the wheel: it needs nothing that is not installed with Meetbot."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.config.talking import VoiceSettings
from meetbot.core.errors import EngineError
from meetbot.core.voice import Voice
from meetbot.engines.registry import load_engine
from meetbot.engines.tts import hibari
from meetbot.models import ModelStore
from support.speaking import check_times, say, silence_before, sound_of

if TYPE_CHECKING:
    from pathlib import Path

    from meetbot.engines.tts.hibari import HibariSynthesizer


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> HibariSynthesizer:
    models = ModelStore(tmp_path_factory.mktemp("models"))
    engine: HibariSynthesizer = load_engine("tts", "hibari", models, VoiceSettings())
    return engine


async def test_each_phoneme_and_word_has_the_engines_own_time(voice: HibariSynthesizer) -> None:
    (speech,) = await say(voice, "We should ship,")
    check_times(speech)
    assert not speech.estimated
    assert "".join(phone.symbol for phone in speech.phones) == "wiʃʊdʃɪp"
    assert [word.text for word in speech.words] == ["We", "should", "ship,"]
    assert speech.phones[-1].symbol == ""
    assert silence_before(speech) <= 0.01


async def test_sibilants_are_told_where_the_sound_hisses(voice: HibariSynthesizer) -> None:
    (speech,) = await say(voice, "She sees six ships.")
    hissing, other = [], []
    for phone in speech.phones:
        start, end = (round(ns * speech.sample_rate / 1e9) for ns in (phone.start_ns, phone.end_ns))
        power = np.abs(np.fft.rfft(speech.samples[start:end], 4096)) ** 2
        if phone.symbol and power.sum():
            share = float(power[4096 * 4000 // speech.sample_rate :].sum() / power.sum())
            (hissing if phone.symbol in "sʃz" else other).append(share)
    assert min(np.median(hissing), 1) > 4 * np.median(other)


async def test_a_pause_of_the_sound_is_a_pause_of_the_phonemes(voice: HibariSynthesizer) -> None:
    (speech,) = await say(voice, "It is late, so we stop here.")
    inner = [phone for phone in speech.phones[:-1] if phone.symbol == ""]
    assert len(inner) == 1
    start, end = (
        round(ns * speech.sample_rate / 1e9) for ns in (inner[0].start_ns, inner[0].end_ns)
    )
    quiet = float(np.sqrt(np.mean(speech.samples[start:end] ** 2)))
    assert quiet < 0.02 * float(np.abs(speech.samples).max())
    assert inner[0].start_ns >= speech.words[2].start_ns
    assert inner[0].end_ns <= speech.words[3].start_ns


async def test_sentences_come_one_by_one(voice: HibariSynthesizer) -> None:
    stretches = await say(voice, "Dr. Smith is here. He has 3.5 minutes! Shall we?")
    assert [len(speech.words) for speech in stretches] == [4, 4, 2]
    rests = [speech.phones[-1] for speech in stretches]
    assert all(0.2e9 < rest.end_ns - rest.start_ns < 0.3e9 for rest in rests)


async def test_the_same_text_sounds_the_same_each_time(voice: HibariSynthesizer) -> None:
    first, again = [sound_of(await say(voice, "Hello there.")) for _ in range(2)]
    assert np.array_equal(first, again)


@pytest.mark.parametrize("text", ["", "  \n ", "…", "😀🎉", "?!", "\x00\x1b", "你好"])
async def test_what_it_cannot_say_makes_no_sound(voice: HibariSynthesizer, text: str) -> None:
    assert await say(voice, text) == []


@pytest.mark.parametrize("text", ["word " * 2000, "a" * 10_000, "word, " * 1700, "1" * 10_000])
async def test_ten_thousand_characters_come_in_short_stretches(
    voice: HibariSynthesizer, text: str
) -> None:
    stream = voice.speak(text, language="en", voice=Voice())
    async with aclosing(stream) as stretches:
        async for speech in stretches:
            assert 0.1 < len(speech.samples) / speech.sample_rate < 25
            break
        else:
            pytest.fail("nothing was said")


async def test_two_speak_at_once(voice: HibariSynthesizer) -> None:
    texts = ("One thing first. Then another.", "Something else.")
    together = await asyncio.gather(*(say(voice, text) for text in texts))
    for text, stretches in zip(texts, together, strict=True):
        assert np.array_equal(sound_of(stretches), sound_of(await say(voice, text)))


def test_a_network_of_another_kind_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hibari.onnx").write_bytes((hibari.ASSETS / "oov.onnx").read_bytes())
    monkeypatch.setattr(hibari, "ASSETS", tmp_path)
    with pytest.raises(EngineError, match=r"hibari\.onnx is not the network of hibari"):
        load_engine("tts", "hibari", ModelStore(tmp_path), VoiceSettings())
