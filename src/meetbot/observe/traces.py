"""Which errors are worth more than a line of the log."""

from __future__ import annotations

from meetbot.core.errors import MeetbotError

__all__ = ["unexpected"]


def unexpected(error: Exception) -> Exception | None:
    """``error`` where its trace is worth logging; None where its message says it all."""
    return None if isinstance(error, MeetbotError) else error
