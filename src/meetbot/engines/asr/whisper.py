"""Whisper by faster-whisper and CTranslate2 (MIT), on as short an encoder context as will do.

Whisper was trained on 30 s windows and most engines pad to that. The encoder takes less: speech
plus ``context_seconds`` of silence gives the same words at a quarter of the time. What can go
wrong is a repetition loop, and that shows: a decode whose compression ratio or mean
log-probability fails the usual checks (Radford et al. 2022, section 4.5), or that says the same
twice, is done again on the full window.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_compression_ratio, merge_punctuations

from meetbot.core.errors import ConfigError, EngineError, InputError
from meetbot.core.types import SAMPLE_RATE, Recognition, Word
from meetbot.core.worker import ModelThread

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from meetbot.config import AsrSettings
    from meetbot.models import ModelStore

__all__ = ["WhisperRecognizer"]

P = ParamSpec("P")
R = TypeVar("R")

WINDOW_SECONDS = 30
WINDOW_SAMPLES = WINDOW_SECONDS * SAMPLE_RATE
LEAST_SAMPLES = SAMPLE_RATE // 10
"""Nothing can be said in less; Whisper would make something up."""
MAX_COMPRESSION = 2.4
MIN_LOG_PROBABILITY = -1.0
LEAST_LOOP_TOKENS = 4
FIRST_HYPOTHESIS = 0.5
WHOLE_BEAM = 1.0
UNSURE = -0.4
"""The second hypothesis of a beam of two is often the first one said twice: it is waited for only
where the first one's mean log-probability is below this."""
REMEMBERED = 4
SURE_OF_LANGUAGE = 0.7
TOKENS_PER_SECOND = 12
SPARE_TOKENS = 24
PREPENDED = "\"'“¿([{-«"
APPENDED = "\"'.。,，!！?？:：”)]}、»"
NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Decoded:
    """What the times of the words of ``audio`` are found from."""

    audio: NDArray[np.float32]
    recognition: Recognition
    tokens: list[int]
    encoded: Any
    frames: int


class WhisperRecognizer:
    """One model, one thread; calls are answered in the order they come."""

    def __init__(self, model: WhisperModel, settings: AsrSettings) -> None:
        self._model = model
        self._settings = settings
        self._tokenizers: dict[str, Tokenizer] = {}
        self._recent: deque[_Decoded] = deque(maxlen=REMEMBERED)
        self._thread = ModelThread("asr")

    @classmethod
    def load(cls, models: ModelStore, settings: AsrSettings) -> Self:
        """Open the catalogue's model that ``settings.model`` names.

        Raises ``ModelError`` where its files are not the catalogue's, ``EngineError`` where they,
        the device or the number type cannot be used, ``ConfigError`` for a language that this
        model does not know.
        """
        folder = models.path(settings.model)
        try:
            model = WhisperModel(
                str(folder),
                device=settings.device,
                compute_type=settings.compute_type,
                cpu_threads=settings.threads,
                local_files_only=True,
            )
        except Exception as error:  # tokenizers raises no narrower class
            raise EngineError(
                f"the recognizer {settings.model!r} cannot start (device {settings.device}, "
                f"compute_type {settings.compute_type}): {error}"
            ) from error
        _check_languages(model, settings)
        return cls(model, settings)

    async def recognize(
        self, audio: NDArray[np.float32], *, language: str | None = None, words: bool = False
    ) -> Recognition:
        """What is said in ``audio``; no text for less than 0.1 s of it.

        Raises ``InputError`` for more than 30 s, or samples that are no numbers, and
        ``EngineError`` when the model broke. Cancelling saves the second looks at unclear sound.
        """
        if len(audio) > WINDOW_SAMPLES:
            raise InputError(
                f"{len(audio) / SAMPLE_RATE:.1f} s of sound is more than the recognizer takes "
                f"at once; give {WINDOW_SECONDS} s or less"
            )
        unwanted = threading.Event()
        try:
            return await self._run(self._recognize, audio, language, words, unwanted)
        except asyncio.CancelledError:
            unwanted.set()
            raise

    async def time_words(self, audio: NDArray[np.float32], recognition: Recognition) -> Recognition:
        """``recognition`` with the times of its words; 20 ms for one of the last four sounds."""
        return await self._run(self._time_known, audio, recognition)

    async def _run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await self._thread.run(work, *args, **kwargs)
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"the recognizer {self._settings.model!r} broke: {error}") from error

    def _time_known(self, audio: NDArray[np.float32], known: Recognition) -> Recognition:
        decoded = next((past for past in self._recent if past.audio is audio), None)
        if decoded is None or decoded.recognition.text != known.text:
            return self._recognize(audio, known.language, True, threading.Event())
        return replace(known, words=self._time_words(decoded))

    def _recognize(
        self,
        audio: NDArray[np.float32],
        hint: str | None,
        words: bool,
        unwanted: threading.Event,
    ) -> Recognition:
        if len(audio) < LEAST_SAMPLES:
            spoken = self._settings.language or hint or "en"
            return Recognition(text="", language=spoken, language_probability=0.0, no_speech=1.0)
        if not np.isfinite(audio).all():
            raise InputError("the sound has samples that are no numbers (NaN or infinity)")
        short = len(audio) + round(self._settings.context_seconds * SAMPLE_RATE)
        decoded = self._decode(audio, min(short, WINDOW_SAMPLES), hint, unwanted)
        if short < WINDOW_SAMPLES and _suspicious(decoded) and not unwanted.is_set():
            decoded = self._decode(audio, WINDOW_SAMPLES, hint, unwanted)
        self._recent.append(decoded)
        if not words:
            return decoded.recognition
        return replace(decoded.recognition, words=self._time_words(decoded))

    def _decode(
        self,
        audio: NDArray[np.float32],
        samples: int,
        hint: str | None,
        unwanted: threading.Event,
    ) -> _Decoded:
        padded = np.zeros(samples, dtype=np.float32)
        padded[: len(audio)] = audio
        features = self._model.feature_extractor(padded, padding=0)
        encoded = self._model.encode(features)
        language, certainty = self._language(encoded, hint)
        tokenizer = self._tokenizer(language)
        limit = round(SPARE_TOKENS + TOKENS_PER_SECOND * len(audio) / SAMPLE_RATE)
        result = self._generate(encoded, tokenizer, limit, FIRST_HYPOTHESIS)
        if result.scores[0] < UNSURE and not unwanted.is_set():
            whole = self._generate(encoded, tokenizer, limit, WHOLE_BEAM)
            result = max(result, whole, key=lambda one: one.scores[0])
        tokens = [token for token in result.sequences_ids[0] if token < tokenizer.eot]
        text = tokenizer.decode(tokens).strip()
        recognition = Recognition(
            text=text,
            language=language,
            language_probability=certainty,
            no_speech=float(result.no_speech_prob),
            log_probability=float(result.scores[0]),
            compression_ratio=get_compression_ratio(text) if text else 1.0,
        )
        return _Decoded(audio, recognition, tokens, encoded, features.shape[-1])

    def _generate(self, encoded: Any, tokenizer: Tokenizer, limit: int, patience: float) -> Any:
        """At most ``limit`` tokens of text, with their score and whether anyone spoke."""
        beam = self._settings.beam_size
        return self._model.model.generate(
            encoded,
            [[*tokenizer.sot_sequence, tokenizer.no_timestamps]],
            beam_size=beam,
            patience=patience if beam > 1 else WHOLE_BEAM,
            # CTranslate2 halves this: one half is meant for a prompt.
            max_length=2 * limit,
            return_scores=True,
            return_no_speech_prob=True,
        )[0]

    def _language(self, encoded: Any, hint: str | None) -> tuple[str, float]:
        """The language heard, among those allowed; the hint where the sound does not tell."""
        if not self._model.model.is_multilingual:
            return "en", 1.0
        if self._settings.language is not None:
            return self._settings.language, 1.0
        allowed = self._settings.languages
        heard = {
            token[2:-2]: float(probability)
            for token, probability in self._model.model.detect_language(encoded)[0]
            if not allowed or token[2:-2] in allowed
        }
        total = sum(heard.values())
        language = max(heard, key=heard.__getitem__)
        if heard[language] < SURE_OF_LANGUAGE * total and hint in heard:
            language = hint
        return language, heard[language] / total if total else 0.0

    def _tokenizer(self, language: str) -> Tokenizer:
        if language not in self._tokenizers:
            multilingual = self._model.model.is_multilingual
            self._tokenizers[language] = Tokenizer(
                self._model.hf_tokenizer, multilingual, task="transcribe", language=language
            )
        return self._tokenizers[language]

    def _time_words(self, decoded: _Decoded) -> tuple[Word, ...]:
        if not decoded.recognition.text:
            return ()
        seconds = len(decoded.audio) / SAMPLE_RATE
        tokenizer = self._tokenizer(decoded.recognition.language)
        alignment = self._model.find_alignment(
            tokenizer, [decoded.tokens], decoded.encoded, decoded.frames
        )[0]
        merge_punctuations(alignment, PREPENDED, APPENDED)
        return tuple(
            Word(
                text=word["word"].strip(),
                start_ns=round(min(float(word["start"]), seconds) * NS_PER_S),
                end_ns=round(min(float(word["end"]), seconds) * NS_PER_S),
                probability=float(word["probability"]),
            )
            for word in alignment
            if word["word"].strip()
        )


def _suspicious(decoded: _Decoded) -> bool:
    return (
        decoded.recognition.compression_ratio > MAX_COMPRESSION
        or decoded.recognition.log_probability < MIN_LOG_PROBABILITY
        or _said_twice(decoded.tokens)
    )


def _said_twice(tokens: list[int]) -> bool:
    """A loop that ended after one round, which compression does not show."""
    half = len(tokens) // 2
    return half >= LEAST_LOOP_TOKENS and tokens[-half:] == tokens[-2 * half : -half]


def _check_languages(model: WhisperModel, settings: AsrSettings) -> None:
    """Raise ``ConfigError`` where the settings ask for what the model was not trained on."""
    wanted = settings.languages if settings.language is None else (settings.language,)
    if not model.model.is_multilingual:
        unknown = wanted if wanted and "en" not in wanted else ()
    else:
        tokens = model.hf_tokenizer
        unknown = tuple(code for code in wanted if tokens.token_to_id(f"<|{code}|>") is None)
    if unknown:
        key = "languages" if settings.language is None else "language"
        raise ConfigError(
            f"hearing.asr.{key}: the model {settings.model!r} does not know "
            f"{', '.join(unknown)}; set another language or another hearing.asr.model"
        )
