"""Cutting, fading and keeping sound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetbot.core.voice import Phone, Speech, Voice
from meetbot.observe import Metrics
from meetbot.talking.sound import Gain, cut, to_int16, without_lead
from meetbot.talking.sound_cache import SoundCache, pack, unpack
from support.caches import MemoryCache
from unit.talking.fakes import RATE, hum


def test_odd_samples_become_sound_that_does_no_harm() -> None:
    odd = np.array([0, 1, -1, 3, -3, np.nan, np.inf, -np.inf], np.float32)
    assert to_int16(odd).tolist() == [0, 32_767, -32_767, 32_767, -32_767, 0, 0, 0]


def test_a_fade_is_a_straight_line_over_20_ms_without_a_jump() -> None:
    gain = Gain()
    flat = np.full(1920, 10_000, np.int16)
    assert gain.apply(flat, 1.0) is flat
    down, low, up = gain.apply(flat, 0.25), gain.apply(flat, 0.25), gain.apply(flat, 1.0)
    sound = np.concatenate([flat, down, low, up]).astype(int)
    assert np.abs(np.diff(sound)).max() <= 9
    assert (down[960:] == 2_500).all()
    assert (low == 2_500).all()
    assert (up[960:] == 10_000).all()


def test_a_cut_moves_the_times_with_the_sound() -> None:
    speech = cut(hum("one two three"), round(0.3 * RATE))
    assert len(speech.samples) == round(0.45 * RATE)
    assert [(w.text, w.start_ns, w.end_ns) for w in speech.words] == [
        ("two", 0, 200_000_000),
        ("three", 200_000_000, 450_000_000),
    ]
    assert [phone.start_ns for phone in speech.phones] == [0, 200_000_000]


def test_only_silence_in_front_is_taken_away() -> None:
    speech = hum("one")
    silent = Speech(np.zeros(2_400, np.float32), RATE, "")
    led = Speech(np.concatenate([silent.samples, speech.samples]), RATE, "one")
    assert len(led.samples) - len(without_lead(led).samples) == 2_400 - 240
    assert without_lead(silent).samples.size == 2_400
    assert without_lead(speech) is speech


async def test_kept_sound_is_the_sound_with_its_times() -> None:
    cache = SoundCache(MemoryCache(), "humming 1", Metrics())
    made = (hum("раз два"), hum("three", rate=16_000))
    await cache.put("text", "ru", Voice("hum"), made)
    kept = await cache.get("text", "ru", Voice("hum"))
    assert kept is not None
    for before, after in zip(made, kept, strict=True):
        np.testing.assert_allclose(after.samples, before.samples, atol=1 / 32_767)
        assert (after.sample_rate, after.text) == (before.sample_rate, before.text)
        assert (after.phones, after.words) == (before.phones, before.words)
        assert after.estimated == before.estimated


async def test_sound_is_not_mistaken_for_that_of_another_voice_language_engine_or_text() -> None:
    memory = MemoryCache()
    cache = SoundCache(memory, "humming 1", Metrics())
    await cache.put("text", "en", Voice("hum"), (hum("text"),))
    assert await cache.get("text", "en", Voice("hum")) is not None
    assert await cache.get("other", "en", Voice("hum")) is None
    assert await cache.get("text", "ru", Voice("hum")) is None
    assert await cache.get("text", "en", Voice("hiss")) is None
    assert await cache.get("text", "en", Voice("hum", pitch=1.2)) is None
    assert await SoundCache(memory, "humming 2", Metrics()).get("text", "en", Voice("hum")) is None


async def test_nothing_and_very_long_sound_are_not_kept() -> None:
    memory = MemoryCache()
    cache = SoundCache(memory, "humming 1", Metrics())
    await cache.put("nothing", "en", Voice(), ())
    await cache.put("long", "en", Voice(), (hum("word " * 100),))
    assert memory.kept == {}


@given(st.binary(max_size=200))
def test_bytes_that_are_no_sound_are_a_miss(odd: bytes) -> None:
    assert unpack(odd) is None


@given(at=st.integers(0, 300), value=st.integers(0, 255))
def test_damaged_sound_is_a_miss_or_still_sound(at: int, value: int) -> None:
    packed = bytearray(pack((hum("one two"),)))
    packed[at] = value
    for damaged in (bytes(packed), bytes(packed[: len(packed) - 1 - at])):
        kept = unpack(damaged)
        assert kept is None or all(len(speech.samples) > 0 for speech in kept)


@pytest.mark.parametrize("header", [b"[]", b"{}", b"null", b'[{"samples": -1}]', b"[1]"])
def test_a_header_that_is_none_is_a_miss(header: bytes) -> None:
    packed = b"MBS1" + len(header).to_bytes(4, "little") + header + b"\0\0"
    assert unpack(packed) is None


def test_phones_survive_as_they_are() -> None:
    speech = Speech(np.zeros(10, np.float32), RATE, "", phones=(Phone("ʃ", 1, 2), Phone("", 2, 3)))
    kept = unpack(pack((speech,)))
    assert kept is not None
    assert kept[0].phones == speech.phones
