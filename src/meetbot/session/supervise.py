"""Restarts a part that failed, with back-off, and says so."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from meetbot.core.errors import ConfigError, RoomError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["supervise"]

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0


async def supervise(
    name: str, part: Callable[[], Awaitable[None]], report: Callable[[str], Awaitable[None]]
) -> None:
    """Run ``part`` until it returns; when it breaks, ``report`` a line and run it again.

    A wrong setting and a lost room are not cured by trying again: they pass through.
    """
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            await part()
        except (ConfigError, RoomError):
            raise
        except Exception as error:
            log.exception("%s failed", name)
            await report(f"{name} failed and is being restarted: {error}")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        else:
            return
