"""The recognizer with its real models, on a recorded phone call."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from meetbot.config import AsrSettings
from meetbot.core.errors import ConfigError, EngineError, InputError, ModelCorrupt
from meetbot.core.types import SAMPLE_RATE, Recognition
from meetbot.engines.asr import whisper
from meetbot.engines.asr.whisper import WhisperRecognizer
from meetbot.models import ModelStore
from meetbot.transcribe.media import read_sound
from support.pinned import cut_model
from support.recordings import talk

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = pytest.mark.model

NS_PER_S = 1_000_000_000
FULL_WINDOW = 30 * SAMPLE_RATE
SPEAKERS_CHANGE_S = 2.49
"""From Diane to Sheila in ``talk()``, by the recording's own labels."""


@pytest.fixture(scope="module")
def models() -> ModelStore:
    return ModelStore()


@pytest.fixture(scope="module")
def recognizer(models: ModelStore) -> WhisperRecognizer:
    return WhisperRecognizer.load(models, AsrSettings())


@pytest.fixture(scope="module")
def call() -> NDArray[np.float32]:
    """6.2 s of two people."""
    return talk()


@pytest.fixture(scope="module")
def whole(models: ModelStore) -> NDArray[np.float32]:
    """30 s of them, exactly."""
    return read_sound(models.path("phone-talk") / "sample.wav")[:FULL_WINDOW]


def hum(seconds: float) -> NDArray[np.float32]:
    """Sound in which no language can be heard."""
    noise = np.random.default_rng(3).standard_normal(round(seconds * SAMPLE_RATE))
    return (0.003 * noise).astype(np.float32)


async def test_words_come_with_the_times_at_which_they_were_said(
    call: NDArray[np.float32],
    recognizer: WhisperRecognizer,
) -> None:
    heard = await recognizer.recognize(call, words=True)
    assert "This is Diane in New Jersey. And I'm Sheila" in heard.text
    assert heard.text.endswith("originally from Chicago.")
    assert (heard.language, heard.language_probability > 0.9) == ("en", True)
    assert heard.no_speech < 0.3
    assert heard.log_probability > -0.5
    assert " ".join(word.text for word in heard.words) == heard.text
    starts = [word.start_ns for word in heard.words]
    assert starts == sorted(starts)
    assert all(word.start_ns <= word.end_ns for word in heard.words)
    assert heard.words[-1].end_ns <= len(call) / SAMPLE_RATE * NS_PER_S
    at = {word.text.strip(".,"): word for word in heard.words}
    assert at["Jersey"].end_ns <= at["And"].start_ns
    assert at["And"].start_ns == pytest.approx(SPEAKERS_CHANGE_S * NS_PER_S, abs=0.3 * NS_PER_S)
    assert at["Chicago"].start_ns > at["originally"].end_ns > 4 * NS_PER_S


async def test_words_are_timed_only_when_asked_for(
    call: NDArray[np.float32], recognizer: WhisperRecognizer
) -> None:
    heard = await recognizer.recognize(call)
    assert heard.words == ()
    assert "Chicago" in heard.text


async def test_thirty_seconds_are_heard_whole_and_more_is_an_input_error(
    recognizer: WhisperRecognizer, whole: NDArray[np.float32]
) -> None:
    heard = await recognizer.recognize(whole)
    assert len(whole) == FULL_WINDOW
    assert "Diane" in heard.text
    assert "Chicago" in heard.text
    with pytest.raises(InputError, match=r"31\.0 s .* give 30 s or less"):
        await recognizer.recognize(np.zeros(31 * SAMPLE_RATE, np.float32))


async def test_less_than_a_tenth_of_a_second_says_nothing(
    call: NDArray[np.float32], recognizer: WhisperRecognizer
) -> None:
    for count in (0, 1, 1_599):
        heard = await recognizer.recognize(call[:count], words=True)
        assert (heard.text, heard.words, heard.no_speech) == ("", (), 1.0)


async def test_samples_that_are_no_numbers_are_an_input_error(
    call: NDArray[np.float32],
    recognizer: WhisperRecognizer,
) -> None:
    broken = call.copy()
    broken[9] = np.inf
    with pytest.raises(InputError, match="no numbers"):
        await recognizer.recognize(broken)


async def test_clipped_sound_is_still_recognized(
    call: NDArray[np.float32], recognizer: WhisperRecognizer
) -> None:
    clipped = np.clip(call * 20, -1, 1).astype(np.float32)
    assert "Chicago" in (await recognizer.recognize(clipped)).text


class FailsOnShortContext(WhisperRecognizer):
    """The real model, but for what it makes of less than the full window."""

    made: Recognition | None = None
    twice = False

    def __init__(self, model: Any, settings: AsrSettings) -> None:
        super().__init__(model, settings)
        self.contexts: list[int] = []

    def _decode(
        self,
        audio: NDArray[np.float32],
        samples: int,
        hint: str | None,
        unwanted: threading.Event,
    ) -> Any:
        self.contexts.append(samples)
        decoded = super()._decode(audio, samples, hint, unwanted)
        if samples < FULL_WINDOW and self.made is not None:
            return replace(decoded, recognition=self.made)
        if samples < FULL_WINDOW and self.twice:
            return replace(decoded, tokens=decoded.tokens * 2)
        return decoded


@pytest.mark.parametrize(
    "made",
    [
        Recognition("no no no no no no no no", "en", compression_ratio=2.5),
        Recognition("Thank you.", "en", log_probability=-1.2),
    ],
    ids=["a loop", "a guess"],
)
async def test_a_doubtful_result_is_decoded_again_on_the_full_window(
    call: NDArray[np.float32], models: ModelStore, made: Recognition
) -> None:
    recognizer = await asyncio.to_thread(FailsOnShortContext.load, models, AsrSettings())
    recognizer.made = made
    heard = await recognizer.recognize(call, words=True)
    assert recognizer.contexts == [len(call) + 4 * SAMPLE_RATE, FULL_WINDOW]
    assert "Chicago" in heard.text
    assert heard.words


async def test_what_is_said_twice_over_is_decoded_again_on_the_full_window(
    call: NDArray[np.float32], models: ModelStore
) -> None:
    recognizer = await asyncio.to_thread(FailsOnShortContext.load, models, AsrSettings())
    recognizer.twice = True
    await recognizer.recognize(call)
    assert recognizer.contexts == [len(call) + 4 * SAMPLE_RATE, FULL_WINDOW]


async def test_words_of_a_sound_just_recognized_are_timed_without_decoding_it_again(
    call: NDArray[np.float32], models: ModelStore
) -> None:
    recognizer = await asyncio.to_thread(FailsOnShortContext.load, models, AsrSettings())
    at_once = await recognizer.recognize(call, words=True)
    heard = await recognizer.recognize(call)
    decodes = len(recognizer.contexts)
    assert await recognizer.time_words(call, heard) == at_once
    assert len(recognizer.contexts) == decodes


async def test_words_of_a_sound_long_forgotten_are_timed_all_the_same(
    call: NDArray[np.float32], recognizer: WhisperRecognizer
) -> None:
    heard = await recognizer.recognize(call)
    for _ in range(5):
        await recognizer.recognize(hum(0.5))
    timed = await recognizer.time_words(call, heard)
    assert timed.text == heard.text
    assert " ".join(word.text for word in timed.words) == heard.text


async def test_a_sound_result_is_decoded_once_on_the_short_context(
    call: NDArray[np.float32], models: ModelStore
) -> None:
    recognizer = await asyncio.to_thread(
        FailsOnShortContext.load, models, AsrSettings(context_seconds=5)
    )
    assert "Chicago" in (await recognizer.recognize(call)).text
    assert recognizer.contexts == [len(call) + 5 * SAMPLE_RATE]


async def test_as_many_tokens_are_made_as_the_limit_says(
    call: NDArray[np.float32], recognizer: WhisperRecognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whisper, "TOKENS_PER_SECOND", 0)
    monkeypatch.setattr(whisper, "SPARE_TOKENS", 18)
    text = (await recognizer.recognize(call)).text
    assert "Sheila" in text
    assert "Chicago" not in text


async def test_a_hint_counts_only_where_the_sound_does_not_tell(
    call: NDArray[np.float32],
    recognizer: WhisperRecognizer,
) -> None:
    unsure = await recognizer.recognize(hum(1))
    assert unsure.language_probability < 0.7
    hinted = await recognizer.recognize(hum(1), language="ru")
    assert hinted.language == "ru"
    assert hinted.language_probability < unsure.language_probability
    assert (await recognizer.recognize(call, language="ru")).language == "en"


async def test_a_hint_of_a_language_the_model_lacks_is_ignored(
    recognizer: WhisperRecognizer,
) -> None:
    unsure = await recognizer.recognize(hum(1))
    assert (await recognizer.recognize(hum(1), language="tlh")).language == unsure.language


async def test_detection_answers_only_with_the_languages_that_are_allowed(
    call: NDArray[np.float32],
    models: ModelStore,
) -> None:
    among = await asyncio.to_thread(
        WhisperRecognizer.load, models, AsrSettings(languages=("ru", "de", "en"))
    )
    clear = await among.recognize(call)
    assert (clear.language, clear.language_probability > 0.9) == ("en", True)
    foreign = await asyncio.to_thread(
        WhisperRecognizer.load, models, AsrSettings(languages=("ru", "de"))
    )
    heard = await foreign.recognize(call[: 2 * SAMPLE_RATE])
    assert heard.language in ("ru", "de")
    assert heard.language_probability >= 0.5
    assert (await foreign.recognize(hum(1), language="fr")).language in ("ru", "de")


async def test_a_language_that_is_set_is_not_detected(
    call: NDArray[np.float32], models: ModelStore
) -> None:
    recognizer = await asyncio.to_thread(WhisperRecognizer.load, models, AsrSettings(language="ru"))
    heard = await recognizer.recognize(call[: 2 * SAMPLE_RATE], language="en")
    assert (heard.language, heard.language_probability) == ("ru", 1.0)


async def test_the_english_model_hears_english_whatever_the_hint(
    call: NDArray[np.float32], models: ModelStore
) -> None:
    recognizer = await asyncio.to_thread(
        WhisperRecognizer.load, models, AsrSettings(model="whisper-tiny.en")
    )
    heard = await recognizer.recognize(call, language="ru", words=True)
    assert (heard.language, heard.language_probability) == ("en", 1.0)
    assert "New Jersey" in heard.text
    assert " ".join(word.text for word in heard.words) == heard.text


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        (AsrSettings(language="xx"), "language"),
        (AsrSettings(languages=("en", "xx")), "languages"),
        (AsrSettings(model="whisper-tiny.en", language="ru"), "language"),
        (AsrSettings(model="whisper-tiny.en", languages=("ru",)), "languages"),
    ],
)
def test_a_language_that_the_model_was_not_trained_on_is_a_config_error(
    models: ModelStore, settings: AsrSettings, key: str
) -> None:
    with pytest.raises(ConfigError, match=rf"hearing\.asr\.{key}: .*does not know (xx|ru);"):
        WhisperRecognizer.load(models, settings)


def test_a_number_type_that_the_processor_lacks_is_named(models: ModelStore) -> None:
    with pytest.raises(EngineError, match="compute_type int8_float16"):
        WhisperRecognizer.load(models, AsrSettings(compute_type="int8_float16"))


def test_a_model_that_lost_its_end_is_not_loaded(models: ModelStore, tmp_path: Path) -> None:
    store = cut_model(models, tmp_path, "whisper-tiny.en", "model.bin", 1_000_000)
    path = store.path("whisper-tiny.en") / "model.bin"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelCorrupt, match=r"model\.bin .*meetbot models pull whisper-tiny\.en"):
        WhisperRecognizer.load(store, AsrSettings(model="whisper-tiny.en"))


@pytest.mark.parametrize("file", ["model.bin", "tokenizer.json", "config.json"])
def test_files_that_are_no_model_are_an_engine_error(
    models: ModelStore, tmp_path: Path, file: str
) -> None:
    store = cut_model(models, tmp_path, "whisper-tiny.en", file, 1_000)
    with pytest.raises(EngineError, match=r"'whisper-tiny\.en' cannot start"):
        WhisperRecognizer.load(store, AsrSettings(model="whisper-tiny.en"))


async def test_a_recognition_that_nobody_wants_any_more_is_not_begun_anew(
    monkeypatch: pytest.MonkeyPatch, recognizer: WhisperRecognizer
) -> None:
    looks: list[int] = []
    decode = recognizer._decode
    began = threading.Event()

    def counted(audio: Any, samples: int, hint: str | None, unwanted: threading.Event) -> Any:
        looks.append(samples)
        began.set()
        decoded = decode(audio, samples, hint, unwanted)
        unwanted.wait(5)
        return decoded

    monkeypatch.setattr(recognizer, "_decode", counted)
    monkeypatch.setattr(whisper, "_suspicious", lambda _: True)
    noise = np.random.default_rng(0).normal(0, 0.05, SAMPLE_RATE).astype(np.float32)
    task = asyncio.create_task(recognizer.recognize(noise))
    await asyncio.to_thread(began.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await recognizer._thread.run(lambda: None)
    assert len(looks) == 1
