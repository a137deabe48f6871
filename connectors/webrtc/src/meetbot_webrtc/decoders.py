"""The threads that aiortc decodes on; it joins them on the event loop, which stops meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiortc import RTCRtpReceiver

__all__ = ["end_decoder"]


async def end_decoder(receiver: RTCRtpReceiver) -> None:
    """Let the thread of ``receiver`` end, so that joining it no longer takes time."""
    thread = getattr(receiver, "_RTCRtpReceiver__decoder_thread", None)
    if thread is not None:
        getattr(receiver, "_RTCRtpReceiver__decoder_queue").put(None)  # noqa: B009
        await asyncio.to_thread(thread.join)
