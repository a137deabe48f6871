"""The pictures' video track: what was painted, one picture fading into the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.core.types import VideoFrame
from meetbot.core.worker import ModelThread
from meetbot.stage.layout import load_layout
from meetbot.stage.pace import Pacer
from meetbot.stage.picture_scene import (
    PictureScene,
    picture_at_time,
    with_begun,
    with_people,
    with_picture,
    with_subtitle,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.core.clock import Clock
    from meetbot.core.pictures import Picture
    from meetbot.core.types import Caption, Participant
    from meetbot.stage.painter import Painter
    from meetbot.stage.stage import StageSettings

__all__ = ["PICTURES_TRACK", "PictureStage"]

PICTURES_TRACK = "pictures"


class PictureStage:
    """Shows the picture painted last, moving slowly, with those before it and whose words it is of.

    The methods that tell it something are cheap and may be called at any rate from the event
    loop. Raises ``ConfigError`` for a layout that is not there.
    """

    def __init__(
        self,
        settings: StageSettings,
        clock: Clock,
        *,
        layout: str = "picture",
        subtitles: bool = False,
    ) -> None:
        self._layout = load_layout(layout).sized(settings.width, settings.height)
        self._clock = clock
        self._subtitles = subtitles
        self._scene = PictureScene()
        self._pacer = Pacer(clock, settings.fps)
        self._latest: NDArray[np.uint8] | None = None

    @property
    def late_frames(self) -> int:
        """Frames that were left out because painting came too late."""
        return self._pacer.late

    @property
    def scene(self) -> PictureScene:
        """What is shown at present."""
        return self._scene

    @property
    def latest(self) -> NDArray[np.uint8] | None:
        """The pixels of the frame given out last, for a composed picture."""
        return self._latest

    def show(self, picture: Picture) -> None:
        """Fade to ``picture``; the next frame shows the beginning of it."""
        self._scene = with_picture(self._scene, picture, self._clock.now_ns())

    def begun(self, participant: Participant | None, text: str) -> None:
        """A picture of ``text`` is being painted; ``participant`` None: a program asked for it."""
        self._scene = with_begun(self._scene, participant, text, self._clock.now_ns())

    def caption(self, caption: Caption) -> None:
        """Somebody says something; shown where subtitles are on."""
        self._scene = with_subtitle(self._scene, caption, self._clock.now_ns())

    def participants(self, participants: tuple[Participant, ...]) -> None:
        """Who is in the room now."""
        self._scene = with_people(self._scene, participants)

    async def frames(self) -> AsyncIterator[VideoFrame]:
        """Frames at absolute times, until ``close``: the same contract as ``Stage.frames``."""
        thread = ModelThread("pictures", niceness=2)
        try:
            painter = await thread.run(self._painter)
            async for due in self._pacer.times():
                self._scene = picture_at_time(self._scene, due)
                self._latest = await thread.run(painter.paint, self._scene, due)
                yield VideoFrame(self._latest, due)
        finally:
            thread.close()

    def close(self) -> None:
        """No more frames after the one being painted."""
        self._pacer.close()

    def _painter(self) -> Painter[PictureScene]:
        from meetbot.stage.painter import Painter
        from meetbot.stage.widgets.pictures import OVERLAYS, WIDGETS

        hidden = () if self._subtitles else ("subtitles",)
        return Painter(self._layout.without(hidden), WIDGETS, OVERLAYS)
