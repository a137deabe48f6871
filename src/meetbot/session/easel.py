"""The bot's pictures in one session: what is painted, kept, shown and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.core.types import PictureShown
from meetbot.painting import PaintingLane
from meetbot.session.spare import Spare
from meetbot.stage import PICTURES_TRACK, Composed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from meetbot.config import Settings
    from meetbot.core.clock import Clock
    from meetbot.core.pictures import Picture
    from meetbot.core.ports import Painter, Room, SafetyFilter, TextEncoder
    from meetbot.core.types import (
        Caption,
        ChatReceived,
        Participant,
        Speaker,
        SpeechEvent,
        Utterance,
    )
    from meetbot.gallery import Gallery
    from meetbot.observe import Metrics
    from meetbot.session.announcer import Announcer
    from meetbot.stage import PictureStage

__all__ = ["Easel", "Paints", "open_easel"]


class Paints:
    """What painting needs, for any number of sessions; all of it loaded and warm.

    ``load_painter``: loads another one in place of ``painter`` when that hangs. ``load_spare``:
    loads what paints while it is broken; None: nothing does. ``safety`` None: nobody looks at the
    pictures. ``styles``: words for each style.
    """

    def __init__(
        self,
        *,
        painter: Painter,
        load_painter: Callable[[], Awaitable[Painter]],
        load_spare: Callable[[], Awaitable[Painter]] | None,
        safety: SafetyFilter | None,
        text: TextEncoder,
        gallery: Gallery,
        styles: Mapping[str, Sequence[str]],
    ) -> None:
        self.painter = painter
        self.safety = safety
        self.text = text
        self.gallery = gallery
        self.styles = styles
        self._spare = Spare(load_spare) if load_spare is not None else None
        self._load_painter = load_painter
        self._hung: list[Painter] = []

    async def rebuild(self) -> Painter:
        """A new painter, for the sessions to come as well, in place of one that hangs."""
        painter = await self._load_painter()
        self._hung.append(self.painter)
        self.painter = painter
        return painter

    @property
    def load_spare(self) -> Callable[[], Awaitable[Painter]] | None:
        """What stands in for the painter, loaded once for all sessions."""
        return self._spare.get if self._spare is not None else None

    async def close(self) -> None:
        """Give the memory back."""
        spare = self._spare.loaded if self._spare is not None else None
        for painter in (self.painter, *self._hung, spare):
            if painter is not None:
                await painter.close()


class Easel:
    """The painting lane of one session, and the way of its pictures: to the store, then to all.

    ``parts``: what has to run, by the name it bears in reports.
    """

    def __init__(
        self, paints: Paints, stage: PictureStage, room: Room, announcer: Announcer, meeting_id: str
    ) -> None:
        self._gallery = paints.gallery
        self._stage = stage
        self._room = room
        self._announcer = announcer
        self._meeting_id = meeting_id
        self._composed: Composed | None = None
        self._lane: PaintingLane

    def attach(self, lane: PaintingLane, composed: Composed | None) -> None:
        """``composed``: makes one picture of the face and the pictures, where only one is sent."""
        self._lane = lane
        self._composed = composed

    @property
    def parts(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What has to run, by its name."""
        return {"Painting": self._lane.run, "The bot's pictures": self._show}

    @property
    def composed(self) -> Callable[[NDArray[np.uint8]], NDArray[np.uint8]] | None:
        """What makes the one picture that is sent of the bot's face; None: there are tracks."""
        return self._compose if self._composed is not None else None

    def noticed(self, event: SpeechEvent) -> None:
        """Someone pauses, or has finished."""
        self._lane.noticed(event)

    def growing(self, caption: Caption) -> None:
        """What is not said to its end is not painted."""

    def heard(self, utterance: Utterance) -> None:
        """What someone said, the bot included."""
        self._lane.heard(utterance)

    def chat(self, message: ChatReceived) -> None:
        """Someone wrote to the room."""
        self._lane.chat(message)

    def participants(self, present: Sequence[Participant]) -> None:
        """Who is in the room."""
        self._lane.participants(present)
        self._stage.participants(tuple(present))

    def claims(self, text: str, called: bool) -> bool:
        """Whether ``text``, said to the bot (by its name if ``called``), is about pictures."""
        return self._lane.claims(text, called)

    def request(self, text: str, speaker: Speaker | None) -> str:
        """Paint ``text``, or without words what is talked about; the id of the picture to come."""
        return self._lane.request(text, speaker=speaker)

    async def painted(self, picture: Picture) -> None:
        """Keep it, show it, tell of it. Raises ``StoreError``: it was not kept, so not shown."""
        await self._gallery.keep(self._meeting_id, picture)
        self._stage.show(picture)
        await self._announcer.tell(_shown(picture))

    def begun(self, participant: Participant | None, text: str) -> None:
        """Somebody's picture is being painted."""
        self._stage.begun(participant, text)

    async def told(self, text: str) -> None:
        """A line for everyone."""
        await self._announcer.remark(text)

    async def trouble(self, text: str) -> None:
        """Something failed."""
        await self._announcer.trouble(text)

    def close(self) -> None:
        """The session is over."""
        self._lane.close()

    async def _show(self) -> None:
        if self._composed is None:
            await self._room.publish(PICTURES_TRACK, self._stage.frames())
            return
        async for _ in self._stage.frames():
            pass

    def _compose(self, face: NDArray[np.uint8]) -> NDArray[np.uint8]:
        composed = self._composed
        if composed is None:
            return face
        return composed.compose(face, self._stage.latest)


def open_easel(
    paints: Paints,
    settings: Settings,
    stage: PictureStage,
    room: Room,
    announcer: Announcer,
    clock: Clock,
    metrics: Metrics,
    meeting_id: str,
    *,
    composed: bool,
    at_ease: Callable[[], Awaitable[None]],
) -> Easel:
    """The painting side of a session in ``room``. Raises ``ConfigError`` for an unknown layout.

    ``composed``: the pictures have no video of their own. ``at_ease`` returns when nothing is more
    urgent than painting.
    """
    easel = Easel(paints, stage, room, announcer, meeting_id)
    lane = PaintingLane(
        settings.painting,
        painter=paints.painter,
        load_spare=paints.load_spare,
        safety=paints.safety,
        text=paints.text,
        presets=paints.gallery,
        clock=clock,
        sink=easel,
        metrics=metrics,
        bot_names=(settings.room.bot_name, *settings.conversation.names),
        styles=paints.styles,
        rebuild=paints.rebuild,
        at_ease=at_ease,
    )
    size = (settings.stage.width, settings.stage.height)
    easel.attach(lane, Composed(settings.painting.composed_layout, size) if composed else None)
    return easel


def _shown(picture: Picture) -> PictureShown:
    return PictureShown(
        picture_id=picture.id,
        subject=picture.request.subject if picture.safe else "",
        participant=picture.participant,
        speakers=picture.speakers,
        trigger=picture.trigger,
        said_end_ns=picture.said_end_ns,
        at_ns=picture.at_ns,
    )
