"""Which engine speaks a language, and who follows when it fails."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.config.talking import VoiceSettings
from meetbot.core.errors import ConfigError, EngineError
from meetbot.core.voice import Speech, Voice
from meetbot.engines.tts.router import VoiceRouter, load_voices
from meetbot.models import ModelStore
from support.speaking import say

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path


class Parrot:
    """Repeats what it is given, or breaks before (0) or after (1…) some stretches."""

    def __init__(self, name: str, *languages: str, breaks_after: int | None = None) -> None:
        self.name = name
        self.languages = frozenset(languages)
        self.breaks_after = breaks_after
        self.asked = 0

    def voices(self, language: str) -> tuple[str, ...]:
        return (f"{self.name}-{language}",) if language in self.languages else ()

    async def speak(self, text: str, *, language: str, voice: Voice) -> AsyncGenerator[Speech]:
        self.asked += 1
        for number, word in enumerate(text.split()):
            if number == self.breaks_after:
                raise EngineError(f"{self.name} broke")
            yield Speech(np.ones(10, np.float32), 16_000, f"{self.name}: {word}")
        if self.breaks_after == 0:
            raise EngineError(f"{self.name} broke")


async def words(router: VoiceRouter, language: str, text: str = "one") -> list[str]:
    return [speech.text for speech in await say(router, text, language)]


async def test_each_language_is_spoken_by_its_engine_and_the_rest_by_the_other() -> None:
    hibari, other = Parrot("hibari", "en"), Parrot("espeak", "en", "ru", "de")
    router = VoiceRouter({"en": ("hibari", hibari), "": ("espeak", other)})
    assert await words(router, "en") == ["hibari: one"]
    assert await words(router, "ru") == ["espeak: one"]
    assert router.engine_for("en") == "hibari"
    assert router.engine_for("de") == "espeak"
    assert router.voices("de") == ("espeak-de",)
    assert router.languages == {"en", "ru", "de"}
    assert router.name == "hibari+espeak"


async def test_an_engine_that_breaks_before_its_first_sound_is_followed_by_the_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken, other = Parrot("hibari", "en", breaks_after=0), Parrot("espeak", "en")
    router = VoiceRouter({"en": ("hibari", broken), "": ("espeak", other)})
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            assert await words(router, "en") == ["espeak: one"]
    assert broken.asked == 3
    assert router.engine_for("en") == "espeak"
    assert [record.message for record in caplog.records] == [
        "the voice engine hibari: hibari broke; the next voice speaks",
        "the voice engine hibari: hibari broke; is not asked again",
    ]


async def test_one_that_recovers_is_asked_again() -> None:
    shaky, other = Parrot("hibari", "en", breaks_after=0), Parrot("espeak", "en")
    router = VoiceRouter({"en": ("hibari", shaky), "": ("espeak", other)})
    for _ in range(3):
        shaky.breaks_after = 0
        await words(router, "en")
        shaky.breaks_after = None
        assert await words(router, "en") == ["hibari: one"]


async def test_one_that_breaks_in_the_middle_is_not_begun_again_by_another_voice() -> None:
    broken, other = Parrot("hibari", "en", breaks_after=1), Parrot("espeak", "en")
    router = VoiceRouter({"en": ("hibari", broken), "": ("espeak", other)})
    with pytest.raises(EngineError, match="hibari broke"):
        await words(router, "en", "one two")
    assert other.asked == 0


async def test_a_language_that_nothing_speaks_is_an_error() -> None:
    router = VoiceRouter({"en": ("hibari", Parrot("hibari", "en"))})
    assert router.engine_for("de") is None
    assert router.voices("de") == ()
    with pytest.raises(EngineError, match="no installed voice speaks 'de'"):
        await words(router, "de")


def test_an_engine_that_cannot_be_loaded_is_a_note(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = VoiceSettings(english="piper", russian="piper")
    with caplog.at_level(logging.WARNING):
        router = load_voices(settings, ModelStore(tmp_path))
    assert len(router.notes) == 1
    assert "the voice piper is left out" in router.notes[0]
    assert "meetbot models pull piper-joe" in router.notes[0]
    assert router.engine_for("en") == router.engine_for("ru") == "espeak"


def test_an_engine_for_a_language_that_it_does_not_speak_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'hibari' has no voice for 'ru'"):
        load_voices(VoiceSettings(russian="hibari"), ModelStore(tmp_path))


def test_a_name_that_nobody_provides_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'hibary'; did you mean 'hibari'"):
        load_voices(VoiceSettings(english="hibary"), ModelStore(tmp_path))
