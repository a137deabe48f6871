"""The bot's video track: takes what happens in the meeting, gives frames at a steady pace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from meetbot.core.types import Caption, Notice, VideoFrame
from meetbot.core.worker import ModelThread
from meetbot.stage.layout import load_layout
from meetbot.stage.pace import Pacer
from meetbot.stage.scene import (
    at_time,
    opening,
    with_caption,
    with_level,
    with_notice,
    with_participants,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from meetbot.core.clock import Clock
    from meetbot.core.types import Participant, RoomMessage
    from meetbot.stage.painter import Painter
    from meetbot.stage.scene import Scene

__all__ = ["STAGE_TRACK", "Stage", "StageSettings"]

STAGE_TRACK = "stage"


class StageSettings(Protocol):
    """What the stage reads of the configuration: the picture's size in pixels, frames a second."""

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def fps(self) -> int: ...


class Stage:
    """Shows captions, the roster, who speaks, notices, and that an AI is listening.

    The methods that tell it something are cheap and may be called at any rate from the event
    loop.
    """

    def __init__(
        self, settings: StageSettings, clock: Clock, bot_name: str, *, layout: str = "captions"
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._layout = layout
        self._scene = opening(bot_name)
        self._pacer = Pacer(clock, settings.fps)

    @property
    def late_frames(self) -> int:
        """Frames that were left out because painting came too late."""
        return self._pacer.late

    @property
    def scene(self) -> Scene:
        """What is shown at present."""
        return self._scene

    def show(self, message: RoomMessage) -> None:
        """Show a caption or a notice (pictures have a track of their own)."""
        now = self._clock.now_ns()
        if isinstance(message, Caption):
            self._scene = with_caption(self._scene, message, now)
        elif isinstance(message, Notice):
            self._scene = with_notice(self._scene, message, now)

    def participants(self, participants: tuple[Participant, ...]) -> None:
        """The roster as it is now, in the order in which to show it."""
        self._scene = with_participants(self._scene, participants)

    def speaking(self, participant_id: str, level: float) -> None:
        """Someone is heard, at ``level`` 0…1 of full scale; call it a few times a second."""
        self._scene = with_level(self._scene, participant_id, level, self._clock.now_ns())

    async def frames(self) -> AsyncIterator[VideoFrame]:
        """Frames at absolute times ``1/fps`` apart, until ``close``; late ones are left out.

        ``pixels`` is uint8 RGB (height, width, 3), C-contiguous and read-only. A frame in which
        nothing changed carries the *same array object* as the one before, so that an encoder may
        skip its colour conversion. May be iterated again after it ended by an error; by one
        reader at a time. Raises ``EngineError`` where the typeface is missing.
        """
        thread = ModelThread("stage", niceness=2)
        try:
            painter = await thread.run(_painter, self._layout, self._settings)
            async for due in self._pacer.times():
                self._scene = at_time(self._scene, due)
                yield VideoFrame(await thread.run(painter.paint, self._scene, due), due)
        finally:
            thread.close()

    def close(self) -> None:
        """No more frames after the one being painted."""
        self._pacer.close()


def _painter(layout: str, settings: StageSettings) -> Painter[Scene]:
    from meetbot.stage.painter import Painter
    from meetbot.stage.widgets import WIDGETS

    return Painter(load_layout(layout).sized(settings.width, settings.height), WIDGETS)
