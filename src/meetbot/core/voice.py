"""The values of what the bot says and how it looks while it does.

All are frozen. Times named ``*_ns`` are nanoseconds on the meeting clock, unless they count from
the first sample of a stretch of speech.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.core.types import Participant, Word

__all__ = [
    "MOMENT_NS",
    "MOMENT_SAMPLES",
    "VOICE_RATE",
    "Answer",
    "ChatTurn",
    "FoundFace",
    "Moment",
    "Phone",
    "Portrait",
    "Speech",
    "Spoken",
    "Voice",
]

VOICE_RATE = 48_000
"""Sample rate in Hz of all sound that the bot makes, in front of the connector."""

MOMENT_NS = 40_000_000
"""A picture of the bot's face and its slice of sound: 25 a second."""

MOMENT_SAMPLES = VOICE_RATE * MOMENT_NS // 1_000_000_000


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """One message of a prompt to a language model."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Something the bot is going to say to ``to``.

    ``text``: pieces as the model makes them; closing it ends the model's work.

    ``question_end_ns``: meeting time at which the question's last speech ended.
    """

    id: str
    to: Participant
    language: str
    question_end_ns: int
    text: AsyncGenerator[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the bot really said of an answer, in meeting time; ``interrupted``: not all of it."""

    answer_id: str
    text: str
    language: str
    start_ns: int
    end_ns: int
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class Voice:
    """How a synthesizer is to sound. ``name``: one of its voices; None: its own choice.

    ``pitch``: factor on the fundamental frequency, 0.5…2. ``reference``: a folder with what an
    engine that clones has computed from the samples.
    """

    name: str | None = None
    pitch: float = 1.0
    reference: Path | None = None


@dataclass(frozen=True, slots=True)
class Phone:
    """One phoneme in IPA, ``""`` for a pause; times count from the first sample of its speech."""

    symbol: str
    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class Speech:
    """A stretch of synthesized sound: float32 mono, shape ``(n,)``, full scale ±1.

    ``phones`` and ``words`` are in order and within the sound; ``estimated`` tells that their
    times were estimated rather than told by the engine. ``text`` is what this stretch says.
    """

    samples: NDArray[np.float32]
    sample_rate: int
    text: str
    phones: tuple[Phone, ...] = ()
    words: tuple[Word, ...] = ()
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """40 ms of the bot: a picture and its slice of sound, shown and played at ``pts_ns``.

    ``pixels``: uint8 RGB, shape ``(height, width, 3)``; the same array object as before where
    nothing changed. ``samples``: int16 mono at 48 kHz, shape ``(1920,)``; None: silence.
    """

    pixels: NDArray[np.uint8]
    samples: NDArray[np.int16] | None
    pts_ns: int


@dataclass(frozen=True, slots=True)
class FoundFace:
    """A face in a picture. ``box``: left, top, right, bottom in pixels; ``score`` in 0…1.

    ``landmarks``: float32, shape ``(468, 3)``, pixels (z on the scale of x), in the order of
    MediaPipe's face mesh.
    """

    box: tuple[float, float, float, float]
    score: float
    landmarks: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Portrait:
    """A face made ready to be brought to life: uint8 RGB, shape ``(size, size, 3)``.

    ``landmarks``: float32, shape ``(468, 3)``, in its pixels. ``mask``: float32 0…1, shape
    ``(size, size)``, 1 where the person is and 0 in the background.
    """

    pixels: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    mask: NDArray[np.float32]
