"""What members write on the bot's data channel: questions for the time, and chat."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from aiortc.exceptions import InvalidStateError

from meetbot.core.clock import NS_PER_S
from meetbot.core.limits import RateLimit, clean_text
from meetbot.core.messages import from_json, question_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiortc import RTCDataChannel

    from meetbot.core.clock import Clock

__all__ = ["MAX_CHAT", "Desk"]

MAX_CHAT = 2_000
MAX_MESSAGE = 16_384
CHATS_PER_SECOND = 1.0
CHATS_AT_ONCE = 8


class Desk:
    """Reads one member's messages. ``wrote(text, id)`` is told of chat, cleaned and not empty.

    What is not understood, too long or too much is left out.
    """

    def __init__(
        self, channel: RTCDataChannel, clock: Clock, wrote: Callable[[str, str], None]
    ) -> None:
        self._channel = channel
        self._clock = clock
        self._wrote = wrote
        self._limit = RateLimit(per_second=CHATS_PER_SECOND, burst=CHATS_AT_ONCE)
        channel.on("message", self._read)

    def _read(self, raw: str | bytes) -> None:
        if len(raw) > MAX_MESSAGE:
            return
        message = from_json(raw)
        number = question_number(message)
        if number is not None:
            self._tell_time(number)
        elif message.get("type") == "chat" and self._limit.allows():
            self._take(message.get("text"), message.get("id"))

    def _tell_time(self, number: int) -> None:
        """Answer with the meeting's time, as NTP would."""
        seconds = self._clock.now_ns() / NS_PER_S
        with contextlib.suppress(InvalidStateError):
            self._channel.send(json.dumps({"type": "time", "id": number, "meeting": seconds}))

    def _take(self, text: object, message_id: object) -> None:
        text = clean_text(text)[:MAX_CHAT] if isinstance(text, str) else ""
        if text:
            name = message_id if isinstance(message_id, str) else ""
            self._wrote(text, clean_text(name)[:64])
