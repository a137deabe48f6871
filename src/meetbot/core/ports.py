"""The seams: what the lanes need of a room and of an engine, and nothing more.

Engines do their blocking work on a thread of their own (``core.worker.ModelThread``), so every
call that may take over a millisecond is awaited. Sound is float32 mono at 16 kHz, full scale ±1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.core.types import (
        Recognition,
        RoomCapabilities,
        RoomEvent,
        RoomMessage,
        VideoFrame,
    )

__all__ = [
    "Recognizer",
    "Room",
    "SpeakerEncoder",
    "TurnDetector",
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
