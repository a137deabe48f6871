"""What LiveKit's own components show of an agent: that it is one, and what it is doing."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from typing import TYPE_CHECKING

from meetbot.core.limits import RateLimit

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from livekit import rtc

    from meetbot.core.types import Activity

__all__ = ["AI", "AI_METADATA", "INITIALIZING", "STATE", "Sign"]

log = logging.getLogger(__name__)

STATE = "lk.agent.state"
INITIALIZING = "initializing"
AI = "meetbot.ai"
"""The attribute that says, when it is ``true``, that a participant is a machine."""
AI_METADATA = json.dumps({"ai": True, "program": "meetbot"})
CHANGES_PER_SECOND = 4.0
CHANGES_AT_ONCE = 4
STEP_SECONDS = 5.0


class Sign:
    """The bot's attributes: four changes at once, and four a second; of more the latest."""

    def __init__(self) -> None:
        self._states: deque[str] = deque([INITIALIZING], maxlen=CHANGES_AT_ONCE)
        self._changed = asyncio.Event()

    def show(self, activity: Activity) -> None:
        """The bot does ``activity`` from now on."""
        self._states.append(str(activity))
        self._changed.set()

    async def run(self, room: rtc.Room) -> None:
        """Keep the attributes of this connection as they should be, until cancelled."""
        me = room.local_participant
        if not me.permissions.can_update_metadata:
            log.warning("the token lets the bot set no attributes: nobody sees what it is doing")
            return
        if not me.metadata:
            await _in_time(me.set_metadata(AI_METADATA))
        limit = RateLimit(per_second=CHANGES_PER_SECOND, burst=CHANGES_AT_ONCE)
        shown: str | None = None
        while True:
            while self._states[0] == shown and len(self._states) > 1:
                self._states.popleft()
            if self._states[0] == shown:
                self._changed.clear()
                await self._changed.wait()
                continue
            if limit.allows():
                shown = self._states[0]
                await _in_time(me.set_attributes({AI: "true", STATE: shown}))
            else:
                await asyncio.sleep(1 / CHANGES_PER_SECOND)


async def _in_time(step: Awaitable[None]) -> None:
    try:
        async with asyncio.timeout(STEP_SECONDS):
            await step
    except TimeoutError:
        log.warning("the server takes no attributes")
