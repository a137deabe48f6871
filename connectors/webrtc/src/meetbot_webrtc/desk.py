"""What members write on the bot's data channel: questions for the time, and chat."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from aiortc.exceptions import InvalidStateError

from meetbot_webrtc.limits import RateLimit
from meetbot_webrtc.messages import clean_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiortc import RTCDataChannel

    from meetbot.core.clock import Clock

__all__ = ["MAX_CHAT", "Desk"]

NS_PER_S = 1_000_000_000
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
        with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
            message = json.loads(raw)
            if message["type"] == "time":
                self._tell_time(int(message["id"]))
            elif message["type"] == "chat" and self._limit.allows():
                self._take(message)

    def _tell_time(self, number: int) -> None:
        """Answer ``{"type": "time", "id": …}`` with the meeting's time, as NTP would."""
        seconds = self._clock.now_ns() / NS_PER_S
        with contextlib.suppress(InvalidStateError):
            self._channel.send(json.dumps({"type": "time", "id": number, "meeting": seconds}))

    def _take(self, message: dict[str, Any]) -> None:
        text = clean_text(str(message["text"]))[:MAX_CHAT]
        if text:
            self._wrote(text, clean_text(str(message.get("id", "")))[:64])
