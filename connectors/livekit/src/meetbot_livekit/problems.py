"""What a LiveKit server's refusals mean, in one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.core.errors import RoomError, RoomLost, RoomRefused

if TYPE_CHECKING:
    from livekit import rtc

    from meetbot_livekit.address import Address

__all__ = ["refused"]


def refused(error: rtc.ConnectError, address: Address) -> RoomError:
    """``RoomRefused`` where the server said no, ``RoomLost`` where it could not be reached."""
    text = error.message
    if any(code in text for code in ("401", "403")):
        return RoomRefused(f"{address} does not take the bot: {text}")
    return RoomLost(f"{address} cannot be reached: {text}")
