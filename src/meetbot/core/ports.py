"""The seams: what the lanes need of a room and of an engine, and nothing more.

Engines do their blocking work on a thread of their own (``core.worker.ModelThread``), so every
call that may take over a millisecond is awaited. Sound that is heard is float32 mono at 16 kHz,
full scale ±1. Streams are asynchronous generators: ``aclose`` ends the work behind them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.core.pictures import Painting, PaintRequest
    from meetbot.core.types import (
        Recognition,
        RoomCapabilities,
        RoomEvent,
        RoomMessage,
        VideoFrame,
    )
    from meetbot.core.voice import ChatTurn, FoundFace, Moment, Portrait, Speech, Voice

__all__ = [
    "Cache",
    "Face",
    "FaceFinder",
    "FaceStream",
    "LanguageModel",
    "Painter",
    "Recognizer",
    "Room",
    "SafetyFilter",
    "SpeakerEncoder",
    "Synthesizer",
    "TextEncoder",
    "TurnDetector",
    "Upscaler",
    "VoiceActivity",
    "VoiceActivityStream",
]


@runtime_checkable
class Room(Protocol):
    """A meeting that the bot is in. An async context manager joins and leaves it.

    ``__aenter__`` raises ``RoomRefused``; ``events`` raises ``RoomLost`` when the room is gone.
    """

    @property
    def capabilities(self) -> RoomCapabilities:
        """What this room can do; constant while it is joined."""

    @property
    def drops(self) -> Mapping[str, int]:
        """What was thrown away so far, by kind (``audio``, ``video``…): what came too fast."""

    def events(self) -> AsyncIterator[RoomEvent]:
        """Who comes, goes and opens a microphone, in order; those already there come first."""

    async def send(self, message: RoomMessage) -> None:
        """Give everyone a message. Finals are never dropped; of partials the latest is kept."""

    async def publish(self, track: str, frames: AsyncIterator[VideoFrame]) -> None:
        """Show ``frames`` as the video track named ``track``; returns when they end."""

    async def present(self, moments: AsyncIterator[Moment]) -> None:
        """Be the bot's camera and microphone until ``moments`` end; each comes when it is due."""

    async def __aenter__(self) -> Room: ...

    async def __aexit__(self, *exc: object) -> None: ...


class VoiceActivityStream(Protocol):
    """Voice activity of one microphone; keeps its own recurrent state."""

    def probability(self, window: NDArray[np.float32]) -> float:
        """Probability 0…1 of speech in the next 512 samples (32 ms). Takes under a millisecond."""

    def reset(self) -> None:
        """Forget what was heard."""


class VoiceActivity(Protocol):
    """A voice activity detector; one model, one stream per microphone."""

    def open(self) -> VoiceActivityStream:
        """A fresh stream."""


class TurnDetector(Protocol):
    """Tells whether someone has finished what they were saying."""

    async def completion(self, audio: NDArray[np.float32]) -> float:
        """Probability 0…1 that the turn ending with ``audio`` (its last 8 s count) is complete."""


class Recognizer(Protocol):
    """Speech to text."""

    async def recognize(
        self, audio: NDArray[np.float32], *, language: str | None = None, words: bool = False
    ) -> Recognition:
        """What is said in ``audio`` (at most 30 s).

        ``language``: what this person was last heard to speak (ISO 639-1), taken where the sound
        itself does not tell. ``words``: time each word. Raises ``EngineError`` when it broke.
        """

    async def time_words(self, audio: NDArray[np.float32], recognition: Recognition) -> Recognition:
        """``recognition`` of ``audio``, made without word times, with them.

        Quick where ``audio`` is the very array that was recognized lately.
        """


class SpeakerEncoder(Protocol):
    """Voice-prints."""

    @property
    def model_id(self) -> str:
        """Names the model and its version; embeddings of different ids are never compared."""

    async def embed(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        """The L2-normalised voice-print, shape ``(dimension,)``, of at least 0.4 s of speech."""

    async def embed_windows(self, windows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """One print for each window of 0.4…2 s, shape ``(n, dimension)``, in as few runs as can be.

        Windows of the same length are one batch.
        """


class LanguageModel(Protocol):
    """Writes answers. One answer at a time; a second call waits for the first to end."""

    @property
    def model_id(self) -> str:
        """Names the engine and the model."""

    async def prefill(self, turns: Sequence[ChatTurn]) -> None:
        """Read ``turns`` ahead: a ``reply`` whose prompt begins alike then starts sooner."""

    def reply(self, turns: Sequence[ChatTurn], *, max_tokens: int) -> AsyncGenerator[str]:
        """The answer to ``turns`` in pieces. Raises ``EngineError``; ``aclose`` stops at once."""

    async def close(self) -> None:
        """Give the memory back."""


class Synthesizer(Protocol):
    """Text to speech."""

    @property
    def name(self) -> str:
        """Names the engine and its version: cached sound of different names is never mixed."""

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes of what it speaks; empty: whatever it is given."""

    def voices(self, language: str) -> tuple[str, ...]:
        """Its voices for ``language``, the default one first; empty: it does not speak it."""

    def speak(self, text: str, *, language: str, voice: Voice) -> AsyncGenerator[Speech]:
        """``text`` in stretches, each as soon as it stands. Raises ``EngineError``.

        ``text`` is plain words and punctuation. A voice name it does not know: its own choice.
        """


class FaceStream(Protocol):
    """One face coming alive. Its time is seconds on an axis that the caller chooses and keeps."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels; constant."""

    def speak(self, speech: Speech, at_s: float) -> None:
        """``speech`` will sound from ``at_s`` on; told before it does, in order, also ahead."""

    def hush(self, at_s: float) -> None:
        """Nothing sounds any more from ``at_s`` on: the mouth closes, what was told is void."""

    async def render(self, at_s: float) -> NDArray[np.uint8]:
        """The face at ``at_s`` (never going back): uint8 RGB, ``(height, width, 3)``, read-only.

        The same array object as before where nothing changed. Raises ``EngineError``.
        """

    def close(self) -> None:
        """No more pictures are wanted."""


class Face(Protocol):
    """Brings portraits to life."""

    @property
    def name(self) -> str:
        """Names the engine and its version: what was prepared for another is prepared anew."""

    async def prepare(
        self, portrait: Portrait, folder: Path, progress: Callable[[float], None]
    ) -> None:
        """Compute once, into the empty ``folder``, what ``open`` needs; ``progress`` in 0…1."""

    async def open(self, folder: Path) -> FaceStream:
        """A stream of what was prepared in ``folder``. Raises ``EngineError`` if it is damaged."""


class FaceFinder(Protocol):
    """Finds faces in pictures."""

    async def find(self, pixels: NDArray[np.uint8]) -> tuple[FoundFace, ...]:
        """All faces of a uint8 RGB picture ``(height, width, 3)``, the largest first."""


class TextEncoder(Protocol):
    """Sentence vectors: texts that mean alike lie close, in whatever language they are."""

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """L2-normalised, shape ``(n, dimension)``; zeros for a text without words."""


class Painter(Protocol):
    """Paints pictures. One at a time; a second call waits for the first to end."""

    @property
    def name(self) -> str:
        """Names the engine and the model."""

    async def paint(self, request: PaintRequest) -> Painting:
        """Paint; cancelling stops between two steps. Raises ``OutOfMemory``, ``EngineError``."""

    async def close(self) -> None:
        """Give the memory back."""


class SafetyFilter(Protocol):
    """Tells pictures that not everyone should see."""

    @property
    def name(self) -> str:
        """Names the model, for the log."""

    async def unsafe(self, pixels: NDArray[np.uint8]) -> float:
        """Probability 0…1 that a uint8 RGB picture ``(height, width, 3)`` is one of them."""


class Upscaler(Protocol):
    """Makes pictures larger and sharper."""

    @property
    def scale(self) -> int:
        """How many times wider and higher the result is."""

    async def upscale(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A uint8 RGB picture, enlarged. Raises ``EngineError``."""


class Cache(Protocol):
    """Keeps bytes for next time, and may forget them. Never raises: what is broken is a miss."""

    async def get(self, key: str) -> bytes | None:
        """What was put under ``key``; None: nothing, or it was forgotten."""

    async def put(self, key: str, value: bytes) -> None:
        """Keep ``value``; the least recently used go when there is no room."""

    async def close(self) -> None:
        """Close files and connections."""
