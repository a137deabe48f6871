"""What is still to be told to a room, whichever connection it has at the time."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

from meetbot.core.types import ActivityChanged, Caption

if TYPE_CHECKING:
    from meetbot.core.types import RoomMessage

__all__ = ["MOST_FINALS", "Outbox"]

MOST_FINALS = 10_000
"""Some hours of talk."""
MOST_PARTIALS = 64
"""More people than speak at once."""
ACTIVITY = "activity"


class Outbox:
    """Finals in order; of a partial caption, and of what the bot does, the latest.

    Finals wait as long as there is no connection; of more than ``MOST_FINALS`` the oldest are
    dropped and counted. A final takes its partial's place.
    """

    def __init__(self) -> None:
        self._finals: deque[RoomMessage] = deque()
        self._partials: OrderedDict[str, RoomMessage] = OrderedDict()
        self._filled = asyncio.Event()
        self.dropped = 0

    def put(self, message: RoomMessage) -> None:
        """Never waits."""
        self._filled.set()
        if isinstance(message, ActivityChanged):
            self._partials[ACTIVITY] = message
            return
        if isinstance(message, Caption):
            self._partials.pop(message.utterance_id, None)
            if not message.final:
                self._partials[message.utterance_id] = message
                if len(self._partials) > MOST_PARTIALS:
                    self._partials.popitem(last=False)
                return
        self._finals.append(message)
        self._cut()

    def put_back(self, messages: list[RoomMessage]) -> None:
        """Told to a connection that broke: they are to be told again, before all others."""
        self._finals.extendleft(reversed(messages))
        self._cut()
        if messages:
            self._filled.set()

    def forget_partials(self) -> None:
        """They are old by the time that there is a connection again."""
        activity = self._partials.get(ACTIVITY)
        self._partials.clear()
        if activity is not None:
            self._partials[ACTIVITY] = activity

    def take(self) -> RoomMessage | None:
        """The next one, finals first; None: nothing is left."""
        if self._finals:
            return self._finals.popleft()
        if self._partials:
            return self._partials.popitem(last=False)[1]
        self._filled.clear()
        return None

    async def filled(self) -> None:
        """Return when something was put since ``take`` found nothing."""
        await self._filled.wait()

    def wake(self) -> None:
        """Let ``filled`` return."""
        self._filled.set()

    def _cut(self) -> None:
        while len(self._finals) > MOST_FINALS:
            self._finals.popleft()
            self.dropped += 1
