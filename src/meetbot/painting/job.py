"""One picture on its way."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from meetbot.core.pictures import PaintRequest, Trigger
    from meetbot.core.types import Participant, Speaker
    from meetbot.painting.fit import Fit
    from meetbot.painting.phrases import Phrase

__all__ = ["Job", "person_key"]


def person_key(participant: Participant | None, speaker: Speaker | None) -> str:
    """Who is painted: the person, else the microphone, else whoever asks by a program."""
    if speaker is not None:
        return speaker.person_id
    return f"participant:{participant.id}" if participant is not None else "program"


@dataclass(slots=True, eq=False)
class Job:
    """What to paint and how far it is.

    ``sure`` False: begun in a pause, shown only if the turn ends with it. ``void`` is set when it
    is not wanted any more, wherever it is by then. ``speakers``: whose words it shows.
    ``blocked``: they are not to be painted. ``excuse``: why there is no picture. ``finished``:
    painted, found fit to be seen, with the request it was painted by and whether that is the one
    asked for.
    """

    request: PaintRequest
    trigger: Trigger
    participant: Participant | None
    speaker: Speaker | None
    language: str
    said_end_ns: int
    due_ns: int
    sure: bool = True
    id: str = field(default_factory=lambda: uuid4().hex)
    void: asyncio.Event = field(default_factory=asyncio.Event)
    begun: bool = False
    blocked: bool = False
    excuse: Phrase | None = None
    finished: Fit | None = None
    speakers: tuple[Speaker, ...] = ()

    @property
    def key(self) -> str:
        """Whose slot it waits in."""
        return person_key(self.participant, self.speaker)

    @property
    def explicit(self) -> bool:
        """Whether someone asked for it and waits."""
        return self.trigger in {"request", "api"}
