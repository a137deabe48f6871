"""What Ctrl-C and SIGTERM do to a command that runs until it is told to end."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["on_signals"]


def on_signals(end: Callable[[], None]) -> None:
    """The first one calls ``end``, for an end in good order; the next one ends it at once."""
    loop = asyncio.get_running_loop()

    def asked() -> None:
        end()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked)
