"""How those in the meeting are painted: what is kept of them, at hand when it is needed."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from meetbot.core.errors import MeetbotError, StoreError
from meetbot.core.pictures import PaintPreset

if TYPE_CHECKING:
    from meetbot.core.pictures import Reference
    from meetbot.core.types import Speaker
    from meetbot.painting.ports import PresetSource

__all__ = ["Known", "Presets"]

log = logging.getLogger(__name__)

RECENT = 20
MOST_PEOPLE = 256


@dataclass(frozen=True, slots=True)
class Known:
    """All that a picture of somebody's words is painted by."""

    preset: PaintPreset = field(default_factory=PaintPreset)
    references: tuple[Reference, ...] = ()
    recent: tuple[str, ...] = ()


class Presets:
    """Reads ahead: ``fetch`` when somebody is heard, ``known`` when they are painted.

    A voice without a person has a preset for this meeting only.
    """

    def __init__(self, source: PresetSource) -> None:
        self._source = source
        self._known: dict[str, Known] = {}
        self._unkept: set[str] = set()

    def known(self, key: str) -> Known:
        """What was fetched last; nothing of somebody who was not."""
        return self._known.get(key, Known())

    async def fetch(self, speaker: Speaker) -> Known:
        """What is kept of a person; what was known before where the store cannot be read."""
        person = speaker.person_id
        if person in self._unkept and not await self.save(
            person, speaker, self.known(person).preset
        ):
            return self.known(person)
        try:
            preset = await self._source.preset(person)
            references = await self._source.references(person) if preset.references else ()
            recent = await self._source.recent(person, RECENT)
        except MeetbotError as error:
            log.warning("presets could not be read: %s", error)
            return self.known(person)
        return self._keep(person, Known(preset, references, recent))

    async def save(self, key: str, speaker: Speaker | None, preset: PaintPreset) -> bool:
        """Use ``preset`` from now on, and keep it; False where the store did not take it.

        It is offered to the store again whenever the person is heard.
        """
        before = self.known(key)
        references = before.references if preset.references else ()
        self._keep(key, Known(preset, references, before.recent))
        if speaker is None:
            return True
        try:
            await self._source.save(speaker.person_id, preset)
        except StoreError as error:
            log.warning("a preset could not be kept: %s", error)
            self._unkept.add(key)
            return False
        self._unkept.discard(key)
        return True

    def _keep(self, key: str, known: Known) -> Known:
        self._known.pop(key, None)
        self._known[key] = known
        while len(self._known) > MOST_PEOPLE:
            self._known.pop(next(iter(self._known)))
        return known
