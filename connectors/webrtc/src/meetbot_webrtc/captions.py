"""What the bot writes to everyone on the data channel ``meetbot``: captions, notices, pictures."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

from aiortc.exceptions import InvalidStateError

from meetbot.core.messages import as_json
from meetbot.core.types import ActivityChanged, Caption, Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiortc import RTCDataChannel

    from meetbot.core.types import RoomMessage

__all__ = ["CaptionBoard"]

log = logging.getLogger(__name__)

RECENT = 50
WAITING = 500
BUFFERED_BYTES = 64 * 1024


class CaptionBoard:
    """Keeps what was said lately for those who come later, and one letter box per peer."""

    def __init__(self) -> None:
        self._recent: deque[str] = deque(maxlen=RECENT)
        self._notice: str | None = None
        self._boxes: dict[RTCDataChannel, LetterBox] = {}

    def send(self, message: RoomMessage) -> None:
        """Give everyone ``message``; nobody waits for anybody else."""
        text = json.dumps(as_json(message), ensure_ascii=False)
        partial = message.utterance_id if isinstance(message, Caption) else None
        final = not isinstance(message, Caption) or message.final
        if isinstance(message, Notice):
            self._notice = text
        elif final and not isinstance(message, ActivityChanged):
            self._recent.append(text)
        for box in list(self._boxes.values()):
            box.put(text, partial, final=final)

    def relay(self, chat: Mapping[str, object]) -> None:
        """Give everyone what somebody wrote, those who come later too."""
        text = json.dumps(chat, ensure_ascii=False)
        self._recent.append(text)
        for box in list(self._boxes.values()):
            box.put(text, None, final=True)

    def open(self, channel: RTCDataChannel, stuck: Callable[[], None]) -> None:
        """A peer's channel was made. ``stuck``: called when it does not take 500 messages."""
        box = LetterBox(channel, stuck)
        for text in (*self._recent, *([self._notice] if self._notice else [])):
            box.put(text, None, final=True)
        self._boxes[channel] = box
        box.start()

    async def close(self, channel: RTCDataChannel) -> None:
        """That peer is gone."""
        box = self._boxes.pop(channel, None)
        if box is not None:
            await box.close()

    async def drain(self, seconds: float) -> None:
        """Wait until all was handed over, but ``seconds`` at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while any(box.pending for box in self._boxes.values()):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)


class LetterBox:
    """What one peer is still to be told: all finals in order; of a partial caption the latest."""

    def __init__(self, channel: RTCDataChannel, stuck: Callable[[], None]) -> None:
        self._channel = channel
        self._stuck = stuck
        self._finals: deque[str] = deque()
        self._partials: OrderedDict[str, str] = OrderedDict()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        channel.on("open", self._wake.set)
        channel.bufferedAmountLowThreshold = BUFFERED_BYTES // 2
        channel.on("bufferedamountlow", self._wake.set)

    @property
    def pending(self) -> bool:
        """Whether something is left to hand to an open channel, or on its way out of it."""
        if self._channel.readyState != "open":
            return False
        return bool(self._finals or self._channel.bufferedAmount)

    def put(self, text: str, utterance_id: str | None, *, final: bool) -> None:
        """Queue ``text``; a final one takes its partial's place."""
        if utterance_id is not None:
            self._partials.pop(utterance_id, None)
        if final:
            self._finals.append(text)
        elif utterance_id is not None:
            self._partials[utterance_id] = text
        if len(self._finals) > WAITING:
            self._stuck()
        self._wake.set()

    def start(self) -> None:
        """Hand over, in a task of its own."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop handing over."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        with contextlib.suppress(InvalidStateError, ConnectionError):
            while self._channel.readyState in {"connecting", "open"}:
                self._wake.clear()
                self._hand_over()
                await self._wake.wait()

    def _hand_over(self) -> None:
        while self._channel.readyState == "open" and self._channel.bufferedAmount < BUFFERED_BYTES:
            if self._finals:
                self._channel.send(self._finals.popleft())
            elif self._partials:
                self._channel.send(self._partials.popitem(last=False)[1])
            else:
                return
