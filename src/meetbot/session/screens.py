"""What the bot shows in one room: captions and pictures, on as many videos as the room takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.stage import STAGE_TRACK, Composed, PictureStage, Stage, video_tracks

if TYPE_CHECKING:
    from meetbot.config import Settings
    from meetbot.core.clock import Clock
    from meetbot.core.ports import Room

__all__ = ["Screens"]

CAPTIONS_BESIDE_PICTURE = "captions-beside-picture"
CAPTIONS_COLUMN = "captions-column"


class Screens:
    """The stages of captions and of pictures; ``settle`` them in a room before they are shown."""

    def __init__(self, room: Room, settings: Settings, clock: Clock) -> None:
        self._room = room
        self._settings = settings
        self._clock = clock
        self._beside: Composed | None = None
        painting = settings.painting
        self.captions = Stage(settings.stage, clock, settings.room.bot_name)
        self.pictures = PictureStage(
            settings.stage, clock, layout=painting.layout, subtitles=painting.subtitles
        )
        self.videos: tuple[str, ...] = ()
        """What is sent in this room."""

    @property
    def late_frames(self) -> int:
        """Frames that were left out because painting came too late."""
        return self.captions.late_frames + self.pictures.late_frames

    def settle(self, *, talks: bool, paints: bool) -> None:
        """Choose the videos; captions and pictures that share the only one are laid out for that.

        ``talks``, ``paints``: what the bot does in this room.
        """
        wanted = video_tracks(talks=talks, paints=paints)
        self.videos = wanted[: self._room.capabilities.video_tracks]
        if talks or not paints or self.videos != (STAGE_TRACK,):
            return
        settings = self._settings.stage
        self._beside = Composed(CAPTIONS_BESIDE_PICTURE, (settings.width, settings.height))
        width, height = self._beside.beside
        column = settings.model_copy(update={"width": width, "height": height})
        name = self._settings.room.bot_name
        self.captions = Stage(column, self._clock, name, layout=CAPTIONS_COLUMN)

    async def show(self) -> None:
        """Send the captions' video, with the pictures in it where they share it."""
        frames = self.captions.frames()
        if self._beside is not None:
            frames = self._beside.frames(frames, lambda: self.pictures.latest)
        await self._room.publish(STAGE_TRACK, frames)

    def close(self) -> None:
        """No more frames."""
        self.captions.close()
        self.pictures.close()
