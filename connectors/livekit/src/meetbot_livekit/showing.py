"""The bot's camera, screen share and microphone (being built)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from livekit import rtc

    from meetbot.config import RoomSettings
    from meetbot.core.clock import Clock
    from meetbot.core.types import VideoFrame
    from meetbot.core.voice import Moment

__all__ = ["MOST_TRACKS", "Showing"]

MOST_TRACKS = 2


class Showing:
    """A ``Part``: takes pictures and sound, and shows none of them yet."""

    def __init__(self, clock: Clock, tracks: tuple[str, ...], settings: RoomSettings) -> None:
        self.drops: dict[str, int] = {}

    def attach(self, room: rtc.Room) -> None:
        """Nothing to listen to."""

    async def up(self, room: rtc.Room) -> None:
        """Nothing to publish."""

    async def down(self) -> None:
        """Nothing to let go of."""

    async def publish(self, track: str, frames: AsyncIterator[VideoFrame]) -> None:
        """Take ``frames`` until they end."""
        async for _ in frames:
            pass

    async def present(self, moments: AsyncIterator[Moment]) -> None:
        """Take ``moments`` until they end."""
        async for _ in moments:
            pass
