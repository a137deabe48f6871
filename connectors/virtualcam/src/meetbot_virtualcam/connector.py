"""What ``meetbot camera`` and ``meetbot doctor`` find by its entry point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from meetbot.config import CameraSettings, RoomSettings
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
        size: tuple[int, int] = (1280, 720),
    ) -> Room:
        """This machine's virtual devices, not opened yet. Raises ``ConfigError``.

        ``target``: ``camera://``, or ``camera://DEVICE`` in place of the settings' device. Of
        ``tracks`` the first is sent, with what is painted composed into it, in ``size`` (width,
        height) where the device takes it.
        """
        from urllib.parse import unquote

        from meetbot_virtualcam.room import CameraRoom

        del name, token, bot_secret  # nobody sees a roster, and nobody is asked
        camera = settings.camera
        device = unquote(target.partition("://")[2])
        if device.strip("/"):
            camera = camera.model_copy(update={"device": device})
        return CameraRoom(clock, camera, size=size, tracks=tracks)

    def inventory(self, settings: CameraSettings) -> dict[str, Any]:
        """Cameras, microphones and cables of this machine, what would be used, what is missing."""
        from meetbot_virtualcam.inventory import inventory

        return inventory(settings)
