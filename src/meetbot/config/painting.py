"""Settings of painting: when the bot paints, with what, and what it never shows."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from meetbot.config.section import Name, Probability, Section, Threads

__all__ = ["PainterSettings", "PaintingSettings", "ReferenceSettings", "SafetySettings", "Size"]

NameOrFolder = Annotated[str, Field(min_length=1, max_length=4_096)]
Size = Annotated[int, Field(ge=64, le=2048, multiple_of=8)]


class PainterSettings(Section):
    """What paints."""

    engine: Name = "storyboard"
    """An entry point of `meetbot.engines.painter`."""
    model: NameOrFolder = "auto"
    """`diffusers`, `onnx`: a name of `meetbot models list` or a folder in the official layout;
    `auto`: the best that is on this machine."""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
    threads: Threads = 1
    width: Size = 1024
    height: Size = 576
    steps: Annotated[int, Field(ge=1, le=150)] | None = None
    """None: what suits the model."""
    guidance: Annotated[float, Field(ge=0, le=30)] | None = None
    """None: what suits the model; turbo models want 0."""
    tiny_vae: bool = True
    """Decode with the small autoencoder TAESD, much faster and slightly softer."""
    controlnet: NameOrFolder | None = None
    """A ControlNet that keeps the outlines of a reference; a name or a folder."""
    compile: bool = False
    """Compile the network at the beginning: minutes of warm-up, then faster."""


class SafetySettings(Section):
    """What is never shown."""

    engine: Name = "open-nsfw"
    """An entry point of `meetbot.engines.safety`; `off`: pictures are not looked at."""
    threshold: Probability = 0.6
    """A picture that is unsafe with this probability is replaced by a neutral one."""
    blocked: tuple[Name, ...] = ()
    """Words and phrases that are not painted, besides the built-in list."""


class ReferenceSettings(Section):
    """What a reference picture may be."""

    max_mb: Annotated[float, Field(gt=0, le=100)] = 8.0
    """In 10⁶ bytes."""
    max_megapixels: Annotated[float, Field(gt=0, le=200)] = 24.0
    max_count: Annotated[int, Field(ge=0, le=32)] = 4
    """Of one person."""


class PaintingSettings(Section):
    """Pictures of the talk."""

    enabled: bool = True
    """False: no picture is painted, and there is no such track."""
    painter: PainterSettings = PainterSettings()
    safety: SafetySettings = SafetySettings()
    references: ReferenceSettings = ReferenceSettings()
    style: Name = "flat"
    """Of people who have none of their own."""
    max_history_seconds: Annotated[float, Field(ge=5, le=3_600)] = 90.0
    """How far back the talk counts in a prompt."""
    trigger_interval_seconds: Annotated[float, Field(ge=2, le=600)] = 12.0
    """A picture at least so often while people talk."""
    topic_distance: Probability = 0.8
    """1 - cosine between the talk of the last picture and of now that makes a new topic."""
    same_prompt: Probability = 0.98
    """A prompt this similar (cosine) to the last one is not painted again."""
    deadline_seconds: Annotated[float, Field(ge=0.5, le=600)] = 10.0
    """A picture that is not there by then is dropped and counted."""
    subtitles: bool = False
    """Whether captions run under the picture."""
    layout: Name = "picture"
    """Of the `pictures` track: a file of `stage/layouts`."""
    composed_layout: Name = "side-by-side"
    """Of face and picture where a room takes one video only."""
