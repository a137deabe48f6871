"""What ``meetbot camera`` finds by its entry point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.core.errors import ConfigError

if TYPE_CHECKING:
    from meetbot.config import RoomSettings
    from meetbot.core.clock import Clock
    from meetbot.core.ports import Room

__all__ = ["CameraConnector"]


class CameraConnector:
    """The webcam and the microphone of this machine as a room."""

    schemes = ("camera",)
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
        """This machine's virtual devices, not opened yet. Raises ``ConfigError``.

        Of ``tracks`` the first is sent, with what is painted composed into it.
        """
        raise ConfigError(f"{target}: the virtual camera is being built")
