"""The room's chat, as LiveKit's clients have it, and questions for the time."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import OrderedDict
from typing import TYPE_CHECKING

from livekit import rtc

from meetbot.core.clock import wall_now
from meetbot.core.limits import RateLimit, clean_text
from meetbot.core.messages import CHANNEL, from_json, question_number

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CHAT", "LEGACY_CHAT", "MAX_CHAT", "ChatIn", "write_chat"]

CHAT = "lk.chat"
"""The topic of text streams that clients take for chat."""
LEGACY_CHAT = "lk-chat-topic"
"""The topic of the data packets that clients sent before there were text streams."""
MAX_CHAT = 2_000
MAX_MESSAGE = 16_384
CHATS_PER_SECOND = 1.0
CHATS_AT_ONCE = 8
TIMES_PER_SECOND = 5.0
TIMES_AT_ONCE = 32
MOST_READ_AT_ONCE = 32
MOST_READ_OF_ONE = 4
"""So that nobody who begins many texts and ends none keeps the others' from being read."""
READ_SECONDS = 10.0
REMEMBERED = 1_000


class ChatIn:
    """Reads what participants write. ``wrote(identity, text)``: cleaned, not empty, cut to length.

    ``asked(identity, number)`` is told of a question for the time. What is not understood, too
    much, or from nobody in the room is left out. A text that comes in more than one form counts
    once, by its id.
    """

    def __init__(
        self, wrote: Callable[[str, str], None], asked: Callable[[str, int], None]
    ) -> None:
        self._wrote = wrote
        self._asked = asked
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._chats: dict[str, RateLimit] = {}
        self._times: dict[str, RateLimit] = {}
        self._reading: dict[asyncio.Task[None], str] = {}
        self._room: rtc.Room | None = None

    def attach(self, room: rtc.Room) -> None:
        """Listen in ``room``."""
        self._room = room
        room.register_text_stream_handler(CHAT, self._open)
        room.on("data_received", self._take)
        room.on("participant_disconnected", self._forget)

    async def close(self) -> None:
        """What is still being read is left."""
        room, self._room = self._room, None
        if room is not None:
            room.unregister_text_stream_handler(CHAT)
            room.off("data_received", self._take)
            room.off("participant_disconnected", self._forget)
        self._chats.clear()
        self._times.clear()
        tasks = list(self._reading)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, participant: rtc.RemoteParticipant) -> None:
        self._chats.pop(participant.identity, None)
        self._times.pop(participant.identity, None)

    def _is_here(self, identity: str) -> bool:
        return self._room is not None and identity in self._room.remote_participants

    def _open(self, reader: rtc.TextStreamReader, identity: str) -> None:
        of_one = sum(who == identity for who in self._reading.values())
        full = len(self._reading) >= MOST_READ_AT_ONCE or of_one >= MOST_READ_OF_ONE
        if full or not self._is_here(identity):
            reader.close()
            return
        task = asyncio.create_task(self._read(reader, identity), name="chat")
        self._reading[task] = identity
        task.add_done_callback(self._reading.pop)

    async def _read(self, reader: rtc.TextStreamReader, identity: str) -> None:
        text = ""
        try:
            with contextlib.suppress(TimeoutError, rtc.StreamError):
                async with asyncio.timeout(READ_SECONDS):
                    async for piece in reader:
                        text += piece[: MAX_MESSAGE - len(text)]
                        if len(text) >= MAX_MESSAGE:
                            break
        finally:
            reader.close()
        self._accept(identity, reader.info.stream_id, text)

    def _take(self, packet: rtc.DataPacket) -> None:
        topics = {CHANNEL, LEGACY_CHAT}
        if packet.participant is None or packet.topic not in topics:
            return
        if len(packet.data) > MAX_MESSAGE or not self._is_here(packet.participant.identity):
            return
        message = from_json(packet.data)
        number = question_number(message)
        if packet.topic == LEGACY_CHAT:
            if message.get("ignoreLegacy") is not True:
                self._accept(packet.participant.identity, message.get("id"), message.get("message"))
        elif number is not None:
            self._answer(packet.participant.identity, number)
        elif message.get("type") == "chat":
            self._accept(packet.participant.identity, message.get("id"), message.get("text"))

    def _answer(self, identity: str, number: int) -> None:
        if self._limit(self._times, identity, TIMES_PER_SECOND, TIMES_AT_ONCE):
            self._asked(identity, number)

    def _accept(self, identity: str, message_id: object, text: object) -> None:
        if not isinstance(message_id, str) or not isinstance(text, str):
            return
        text = clean_text(text[:MAX_MESSAGE])[:MAX_CHAT]
        known = (identity, message_id[:64])
        if not text or known in self._known or not self._is_here(identity):
            return
        if not self._limit(self._chats, identity, CHATS_PER_SECOND, CHATS_AT_ONCE):
            return
        self._known[known] = None
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        self._wrote(identity, text)

    def _limit(
        self, limits: dict[str, RateLimit], identity: str, per_second: float, burst: int
    ) -> bool:
        limit = limits.get(identity)
        if limit is None:
            limit = limits[identity] = RateLimit(per_second=per_second, burst=burst)
        return limit.allows()


async def write_chat(
    room: rtc.Room, message_id: str, text: str, to: list[str] | None = None
) -> None:
    """Write ``text`` to everyone, or to the identities ``to``.

    The legacy form bears the same id, and the mark by which clients that know text streams leave
    it out, as their own do.
    """
    me = room.local_participant
    writer = await me.stream_text(topic=CHAT, stream_id=message_id, destination_identities=to)
    await writer.write(text)
    await writer.aclose()
    now_ms = round(wall_now().timestamp() * 1000)
    legacy = {"id": message_id, "timestamp": now_ms, "message": text, "ignoreLegacy": True}
    await me.publish_data(
        json.dumps(legacy, ensure_ascii=False),
        topic=LEGACY_CHAT,
        destination_identities=to or [],
    )
