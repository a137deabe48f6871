"""What ``meetbot join livekit://HOST/ROOM`` finds by its entry point."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meetbot.config import RoomSettings
    from meetbot.core.clock import Clock
    from meetbot.core.ports import Room

__all__ = ["LiveKitConnector"]


class LiveKitConnector:
    """Rooms of a LiveKit server."""

    schemes = ("livekit",)
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
        """The room at ``livekit://HOST[:PORT]/ROOM``, not joined yet. Raises ``ConfigError``.

        ``token``: made by somebody else; None: made with the settings' key and secret.
        ``tracks``: the videos that the bot would send: the first goes out as its camera, the
        second as its screen share.
        """
        from meetbot_livekit.room import LiveKitRoom

        return LiveKitRoom(target, name, clock, settings, token=token, tracks=tracks)
