"""What a member of a LiveKit room is made of: parts that outlive each single connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from livekit import rtc

__all__ = ["Part"]


class Part(Protocol):
    """Something that a member does in a room, whichever connection it has at the time.

    The calls of one connection come in this order: ``attach``, ``up``, ``down``. A connection that
    the SDK resumes by itself is still the same one; one that is made anew is another.
    """

    def attach(self, room: rtc.Room) -> None:
        """``room`` is about to connect: register handlers on it. Must not block."""

    async def up(self, room: rtc.Room) -> None:
        """``room`` is connected: publish, and tell what everyone has to know."""

    async def down(self) -> None:
        """The connection is gone: let go of everything that was made with it."""
