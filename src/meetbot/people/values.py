"""What the people store answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.core.types import Speaker

__all__ = ["AuditEntry", "KnownVoice", "Person", "Saying"]


@dataclass(frozen=True, slots=True)
class Person:
    """Someone in the store. ``prints``: how many voice-prints, by the model that made them."""

    id: str
    name: str
    colour: str
    created_at: datetime
    last_heard_at: datetime | None
    prints: tuple[tuple[str, int], ...]
    presets: tuple[tuple[str, str], ...]
    utterances: int


@dataclass(frozen=True, slots=True)
class KnownVoice:
    """A person with the prints that one model made of them: float32 (n, d), newest last.

    ``formerly``: ids of those who turned out to be this person.
    """

    speaker: Speaker
    prints: NDArray[np.float32]
    seconds: float
    formerly: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Saying:
    """One utterance of a person's history."""

    meeting_id: str
    room: str
    began_at: datetime
    start_ns: int
    text: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What was done with a person's voice-print, when, and on whose word."""

    at: datetime
    person_id: str
    action: str
    basis: str
