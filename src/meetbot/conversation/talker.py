"""What the conversation needs of whatever speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from meetbot.core.voice import Answer

__all__ = ["Talker"]


class Talker(Protocol):
    """Speaks answers. Its methods are cheap: none waits for the sound."""

    def prepare(self, answer: Answer) -> None:
        """Make the beginning of ``answer`` ready to be heard, and say nothing yet."""

    def release(self, answer_id: str) -> None:
        """Say what was prepared as soon as there is sound; an id that was dropped is ignored."""

    def drop(self, answer_id: str) -> None:
        """Never say it, or stop saying it; an id that it does not know is ignored."""
