"""What ``meetbot join webrtc://HOST/ROOM`` finds by its entry point."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meetbot.config import RoomSettings
    from meetbot.core.clock import Clock
    from meetbot.core.ports import Room

__all__ = ["WebRtcConnector"]


class WebRtcConnector:
    """Rooms of a Meetbot server, over WebRTC."""

    schemes = ("webrtc",)
    """The address schemes that this connector takes."""

    def room(
        self,
        target: str,
        name: str,
        clock: Clock,
        settings: RoomSettings,
        *,
        token: str | None = None,
        bot_secret: str | None = None,
        tracks: tuple[str, ...] = ("stage",),
    ) -> Room:
        """The room at ``webrtc://HOST[:PORT]/ROOM``, not joined yet. Raises ``ConfigError``.

        ``tracks``: the videos that the bot would send, the first ones first; it sends as many of
        them as the room's ``capabilities`` say.
        """
        from meetbot_webrtc.link import room_address
        from meetbot_webrtc.room import WebRtcRoom

        room_address(target)
        return WebRtcRoom(
            target, name, clock, settings, token=token, bot_secret=bot_secret, tracks=tracks
        )
