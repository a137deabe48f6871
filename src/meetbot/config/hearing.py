"""Settings of hearing: from sound to words."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from meetbot.config.section import Device, Language, Name, Probability, Section, Threads

__all__ = ["AsrSettings", "GateSettings", "HearingSettings", "TurnSettings", "VadSettings"]


class AsrSettings(Section):
    """Speech to text."""

    engine: Name = "faster-whisper"
    """An entry point of `meetbot.engines.asr`."""
    model: Name = "whisper-base"
    """A name of `meetbot models list`."""
    threads: Threads = 2
    device: Device = "cpu"
    compute_type: Literal["int8", "int8_float16", "float16", "float32"] = "int8"
    """CTranslate2's: what the weights are computed in."""
    language: Language | None = None
    """ISO 639-1; None: detected, and remembered for each speaker."""
    languages: tuple[Language, ...] = ()
    """The only languages that detection may answer with; empty: any."""
    beam_size: Annotated[int, Field(ge=1, le=10)] = 2
    context_seconds: Annotated[float, Field(ge=2, le=30)] = 4.0
    """Silence that the encoder sees behind the speech; 30 is Whisper's full window."""

    @model_validator(mode="after")
    def _language_is_one_of_languages(self) -> Self:
        if self.language and self.languages and self.language not in self.languages:
            raise ValueError(
                f"language {self.language!r} is not one of languages {list(self.languages)}"
            )
        return self


class VadSettings(Section):
    """Voice activity."""

    engine: Name = "silero"
    """An entry point of `meetbot.engines.vad`."""
    threshold: Probability = 0.5


class TurnSettings(Section):
    """End of turn."""

    engine: Name = "smart-turn"
    """An entry point of `meetbot.engines.turn`."""
    threshold: Probability = 0.5


class GateSettings(Section):
    """What a recognition must pass to count as speech rather than an invention on noise."""

    min_rms: Annotated[float, Field(ge=0, le=1)] = 0.0025
    """Root mean square of the turn, full scale 1."""
    max_no_speech: Probability = 0.6
    """Whisper's probability that nobody spoke."""
    min_log_probability: Annotated[float, Field(ge=-10, le=0)] = -1.0
    """Mean per token, natural logarithm."""
    max_compression: Annotated[float, Field(ge=1, le=100)] = 2.4
    """Text length over its zlib length: high where a model repeats itself."""
    min_speech_ms: Annotated[int, Field(ge=0, le=5_000)] = 250


class HearingSettings(Section):
    """From sound to words."""

    asr: AsrSettings = AsrSettings()
    vad: VadSettings = VadSettings()
    turn: TurnSettings = TurnSettings()
    gates: GateSettings = GateSettings()
    speculate_after_ms: Annotated[int, Field(ge=32, le=2_000)] = 64
    """Silence after which recognition starts, to be thrown away if speech goes on."""
    end_after_ms: Annotated[int, Field(ge=32, le=5_000)] = 200
    """Silence after which the end-of-turn detector is asked."""
    max_pause_ms: Annotated[int, Field(ge=100, le=10_000)] = 800
    """Silence after which a turn has ended, whatever the detector says."""
    max_turn_seconds: Annotated[float, Field(ge=2, le=28)] = 15.0
    """Longer speech is cut at a pause before this."""
    partial_interval_seconds: Annotated[float, Field(ge=0.2, le=10)] = 1.2
    """How often a caption grows while someone speaks."""
    audio_queue_seconds: Annotated[float, Field(ge=0.5, le=60)] = 5.0
    """Sound kept for a recogniser that falls behind; older sound is dropped and counted."""

    @model_validator(mode="after")
    def _silences_grow(self) -> Self:
        if not self.speculate_after_ms <= self.end_after_ms <= self.max_pause_ms:
            raise ValueError(
                "needs speculate_after_ms <= end_after_ms <= max_pause_ms, got "
                f"{self.speculate_after_ms}, {self.end_after_ms}, {self.max_pause_ms}"
            )
        return self
