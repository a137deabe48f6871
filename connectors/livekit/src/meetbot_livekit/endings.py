"""Why a connection ended, and whether the meeting is over for the bot with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livekit.rtc import DisconnectReason

from meetbot.core.errors import RoomLost

if TYPE_CHECKING:
    from meetbot_livekit.address import Address

__all__ = ["ended"]

_OVER = {
    DisconnectReason.DUPLICATE_IDENTITY: (
        "somebody else joined {} with the bot's identity; give each its own room.livekit.identity"
    ),
    DisconnectReason.PARTICIPANT_REMOVED: "the bot was removed from {}",
    DisconnectReason.ROOM_DELETED: "{} was closed by its host",
    DisconnectReason.USER_REJECTED: "the bot was rejected by {}",
}
"""Anything else is a server that goes down, or a network that is cut; and a room is closed
(``ROOM_CLOSED``) by the server itself when only bots are left in it: it opens again."""


def ended(reason: DisconnectReason.ValueType, address: Address) -> RoomLost | None:
    """The error that ends the bot's stay; None: it should come back."""
    text = _OVER.get(reason)
    return RoomLost(text.format(address)) if text is not None else None
