"""Restarts a part that failed, with back-off, and says so."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from meetbot.core.clock import NS_PER_S, MeetingClock
from meetbot.core.errors import ConfigError, RoomError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["root_cause", "supervise"]

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0


async def supervise(
    name: str, part: Callable[[], Awaitable[None]], report: Callable[[str], Awaitable[None]]
) -> None:
    """Run ``part`` until it returns; when it breaks, ``report`` a line and run it again.

    A wrong setting and a lost room are not cured by trying again: they pass through. The pause
    before a restart doubles, up to 30 s; a part that ran for longer than that begins anew.
    """
    clock = MeetingClock()
    pause = FIRST_PAUSE_SECONDS
    while True:
        began_ns = clock.now_ns()
        try:
            await part()
        except Exception as error:
            cause = root_cause(error)
            if isinstance(cause, ConfigError | RoomError):
                raise cause from None
            log.error("%s failed", name, exc_info=error)
            await report(f"{name} failed and is being restarted: {cause}")
            if clock.now_ns() - began_ns > LONGEST_PAUSE_SECONDS * NS_PER_S:
                pause = FIRST_PAUSE_SECONDS
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        else:
            return


def root_cause(error: Exception) -> Exception:
    """The first error inside the groups that task groups wrap errors in."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
