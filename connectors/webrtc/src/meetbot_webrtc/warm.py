"""The first connection of a process loads and makes a lot; better before anyone waits for it."""

from __future__ import annotations

import asyncio

from aiortc import RTCPeerConnection

__all__ = ["warm_up"]


async def warm_up() -> None:
    """Negotiate once with oneself, without a packet, on a thread and a loop of its own."""
    await asyncio.to_thread(lambda: asyncio.run(_negotiate()))


async def _negotiate() -> None:
    one, other = RTCPeerConnection(), RTCPeerConnection()
    try:
        one.addTransceiver("audio")
        one.addTransceiver("video")
        one.createDataChannel("warm")
        offer = await one.createOffer()
        await other.setRemoteDescription(offer)
        await other.createAnswer()
    finally:
        await asyncio.gather(one.close(), other.close())
