"""What the lane needs from outside: where presets are kept, and where pictures go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from meetbot.core.pictures import PaintPreset, Picture, Reference
    from meetbot.core.types import Participant

__all__ = ["PaintingSink", "PresetSource"]


class PresetSource(Protocol):
    """How people like to be painted. Every method raises ``StoreError``."""

    async def preset(self, person_id: str) -> PaintPreset:
        """What is kept of the person; an empty one where nothing is."""

    async def save(self, person_id: str, preset: PaintPreset) -> None:
        """Keep it in place of the one before."""

    async def references(self, person_id: str) -> tuple[Reference, ...]:
        """The pictures that the person's preset names, decoded."""

    async def recent(self, person_id: str, n: int) -> tuple[str, ...]:
        """The prompts of the person's last ``n`` pictures, the latest first."""


class PaintingSink(Protocol):
    """The lane's way out."""

    async def painted(self, picture: Picture) -> None:
        """Keep the picture, then show it. Raises ``StoreError``: it was neither."""

    def begun(self, participant: Participant | None, text: str) -> None:
        """A picture of ``text`` is being painted; returns at once."""

    async def told(self, text: str) -> None:
        """A line for everyone in the room."""

    async def trouble(self, text: str) -> None:
        """Something failed, and what happens instead."""
