"""What the personas' store answers with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from meetbot.core.voice import Voice

__all__ = ["DEFAULT", "EngineVoice", "KnownPersona", "Persona"]

DEFAULT = "default"
"""The name of the persona that comes with the program."""


@dataclass(frozen=True, slots=True)
class Persona:
    """Someone whom the bot is: ready to talk.

    ``prompt``: what the language model is told about them. ``face_folder``: what ``Face.open``
    takes. ``voices``: by the entry point of the engine that speaks; an engine that is not there
    speaks as it likes.
    """

    id: str
    name: str
    prompt: str
    face_folder: Path
    voices: Mapping[str, Voice] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EngineVoice:
    """How an engine sounds like a persona. ``likeness``: cosine of the voice-prints, -1…1.

    ``name``: one of the engine's voices, ``pitch`` a factor on its own. ``cloned``: the engine made
    the voice from the samples.
    """

    engine: str
    name: str | None
    pitch: float = 1.0
    likeness: float | None = None
    cloned: bool = False


@dataclass(frozen=True, slots=True)
class KnownPersona:
    """A persona as stored. ``photo``: sha256 of its photo; ``samples``: of its voice samples.

    ``voice_model``: the encoder of the stored voice-print; None: there is no print.
    """

    id: str
    name: str
    prompt: str
    photo: str
    samples: str | None
    voice_model: str | None
    voice_hz: float | None
    voices: tuple[EngineVoice, ...]
    created_at: datetime
    used_at: datetime
