"""A participant in Python, whatever the room: for the demo, the benchmarks and the tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

    import av
    import numpy as np
    from numpy.typing import NDArray

    from meetbot.core.channels import Channel

__all__ = ["Clip", "Played", "ReceivedPicture", "ReceivedSound", "RoomGuest"]

Clip: TypeAlias = "NDArray[np.int16] | AsyncIterable[NDArray[np.int16]]"
"""Sound to play: int16 mono at 48 kHz, whole or in pieces of any length."""


@dataclass(frozen=True, slots=True)
class Played:
    """Monotonic ns at which the first and the last packet (20 ms) of a clip went out."""

    first_ns: int
    last_ns: int


@dataclass(frozen=True, slots=True)
class ReceivedSound:
    """What someone said, as it came: int16 mono at 48 kHz.

    ``pts_ns``: monotonic time of the first sample, gaps kept; ``arrival_ns``: when it came.
    ``captured_ns``: when it was, on the sender's own clock: comparable with pictures of the same
    sender; None where the room does not tell, and for silence in between.
    """

    participant_id: str
    participant_name: str
    samples: NDArray[np.int16]
    pts_ns: int
    arrival_ns: int
    is_bot: bool = False
    captured_ns: int | None = None


@dataclass(frozen=True, slots=True)
class ReceivedPicture:
    """A decoded picture of a bot's video track ``track`` (``stage``, ``pictures``, ``avatar``).

    ``arrival_ns``: monotonic time at which it was there. ``captured_ns``: as for sound.
    ``loudness``: of the sound that belongs with it, as the sender told: the peak of each equal part
    of the picture's 40 ms, 0…255; None: not told.
    """

    participant_id: str
    frame: av.VideoFrame
    arrival_ns: int
    track: str = "stage"
    captured_ns: int | None = None
    loudness: bytes | None = None


class RoomGuest(Protocol):
    """Somebody in a room with a bot; an async context manager that joins and leaves.

    ``captions`` are ``(arrival in monotonic ns, message)`` for all that the bot tells.
    """

    captions: Channel[tuple[int, dict[str, Any]]]
    received_audio: Channel[ReceivedSound]
    bot_video: Channel[ReceivedPicture]

    @property
    def id(self) -> str:
        """This participant's id in the roster."""

    async def play(self, clip: Clip) -> Played:
        """Say ``clip`` (int16 mono 48 kHz); returns when its last sample has gone out."""

    async def bot_is_here(self) -> None:
        """Wait until a bot hears this participant."""

    async def meeting_offset(self, questions: int = 8) -> float:
        """Seconds of this machine's monotonic clock at which the bot's meeting time was 0."""

    async def chat(self, text: str) -> None:
        """Write ``text`` to the room."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...
