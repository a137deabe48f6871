"""Pictures in the store: kept before anyone sees them, found again by meeting and by person."""

from __future__ import annotations

import asyncio
import functools
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from meetbot.config import ReferenceSettings
from meetbot.core.clock import wall_now
from meetbot.core.errors import InputError
from meetbot.core.types import Speaker
from meetbot.gallery.presets import from_values, to_values
from meetbot.gallery.references import REFERENCES, KeptReference, References
from meetbot.gallery.rows import picture_png, picture_row
from meetbot.people import PeopleDirectory
from meetbot.people.pictures import drop_references, of_person
from meetbot.store.log import current_person
from meetbot.store.pictures import PICTURES, find_pictures
from meetbot.store.schema import (
    MeetingRow,
    PersonRow,
    PictureRow,
    PictureSpeakerRow,
    PresetRow,
    ReferenceRow,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from meetbot.core.pictures import PaintPreset, Picture, Reference
    from meetbot.store import Store
    from meetbot.store.pictures import KeptPicture

__all__ = ["Gallery"]

DEFAULT_LIMITS = ReferenceSettings()


@dataclass(frozen=True, slots=True)
class _People:
    """A picture's speakers as they are by now; whether one of them was forgotten."""

    known: tuple[Speaker, ...]
    forgotten: bool


class Gallery:
    """Pictures, presets and references of a store, whose files lie beside its database.

    Every method raises ``StoreError`` when the database or the disk cannot do it. ``limits``: what
    a reference may be.
    """

    def __init__(self, store: Store, limits: ReferenceSettings = DEFAULT_LIMITS) -> None:
        self._database = store.database
        self._files = store.files
        self._people = PeopleDirectory(store)
        self._references = References(store, limits)

    async def sweep(self) -> int:
        """Delete files that no row names: of a process that was killed. Returns how many."""

        def known(session: Session) -> tuple[set[str], set[str]]:
            pictures = set(session.scalars(select(PictureRow.file)))
            return pictures, set(session.scalars(select(ReferenceRow.file)))

        pictures, references = await self._database.read(known)
        gone = await asyncio.to_thread(self._files.sweep, PICTURES, pictures)
        return gone + await asyncio.to_thread(self._files.sweep, REFERENCES, references)

    async def keep(self, meeting_id: str | None, picture: Picture) -> KeptPicture:
        """Store a picture, for good when this returns; None: it belongs to no meeting.

        A speaker who was merged meanwhile is stored as the one they became; one who was forgotten
        is not stored. Raises ``InputError`` where there is no such meeting.
        """
        row = picture_row(meeting_id, picture)
        kept: KeptPicture | None = None
        while kept is None:
            people = await self._database.read(lambda session: _present(session, picture))
            data = await asyncio.to_thread(_encode, row, picture, people)
            row.file = await asyncio.to_thread(self._files.write, PICTURES, ".png", data)
            commit = functools.partial(self._commit, row=row, picture=picture, people=people)
            try:
                kept = await self._database.write(commit)
            except Exception:  # being cancelled is none: the row may still be on its way
                await asyncio.to_thread(self._files.remove, [row.file])
                raise
            if kept is None:
                await asyncio.to_thread(self._files.remove, [row.file])
        return kept

    def _commit(
        self, session: Session, *, row: PictureRow, picture: Picture, people: _People
    ) -> KeptPicture | None:
        """None: somebody was renamed or forgotten while the picture was encoded."""
        if row.meeting_id is not None and session.get(MeetingRow, row.meeting_id) is None:
            raise InputError(f"there is no meeting {row.meeting_id!r}; see: meetbot meetings list")
        if _present(session, picture) != people:
            return None
        session.add(row)
        session.flush()
        for place, speaker in enumerate(people.known):
            session.add(
                PictureSpeakerRow(
                    picture_id=row.id,
                    place=place,
                    speaker_id=speaker.person_id,
                    speaker_name=speaker.name,
                    speaker_colour=speaker.colour,
                )
            )
        session.flush()
        return find_pictures(session, self._files, PictureRow.id == row.id)[0]

    async def pictures(self, meeting_id: str) -> tuple[KeptPicture, ...]:
        """Those of a meeting, in order of time."""
        return await self._found(PictureRow.meeting_id == meeting_id)

    async def of_person(self, person_id: str, limit: int = 50) -> tuple[KeptPicture, ...]:
        """Those that show words of a person, the latest first."""
        return await self._found(of_person(person_id), latest=limit)

    async def latest(
        self, limit: int, *, meeting_id: str | None = None, person_id: str | None = None
    ) -> tuple[KeptPicture, ...]:
        """The latest first; only of that meeting, only of that person's words, where given."""
        where: list[ColumnElement[bool]] = []
        if meeting_id is not None:
            where.append(PictureRow.meeting_id == meeting_id)
        if person_id is not None:
            where.append(of_person(person_id))
        return await self._found(*where, latest=limit)

    async def picture(self, picture_id: str) -> KeptPicture:
        """One picture. Raises ``InputError``: there is none of that id."""
        found = await self._found(PictureRow.id == picture_id)
        if not found:
            raise InputError(f"there is no picture {picture_id!r}; see: meetbot meetings show ID")
        return found[0]

    async def speaker(self, who: str) -> Speaker:
        """The person of that name or id. Raises ``InputError``."""
        person = await self._people.find(who)
        return Speaker(person.id, person.name, person.colour)

    async def recent(self, person_id: str, n: int) -> tuple[str, ...]:
        """The prompts of someone's last ``n`` pictures, the latest first."""
        return tuple(kept.prompt for kept in await self.of_person(person_id, n))

    async def preset(self, person_id: str) -> PaintPreset:
        """How someone likes to be painted; nothing is set of one who is not known (any more)."""

        who = await self._now(person_id)

        def read(session: Session) -> dict[str, str]:
            rows = session.scalars(select(PresetRow).where(PresetRow.person_id == who))
            return {row.key: row.value for row in rows}

        values = await self._database.read(read)
        return from_values(values, [kept.name for kept in await self._references.kept(who)])

    async def save(self, person_id: str, preset: PaintPreset) -> None:
        """Keep how someone likes to be painted; of one who is not known (any more), nothing.

        References are not changed by it: they are added and removed one by one.
        """
        who = await self._now(person_id)
        if who:
            await self._people.set_presets(who, to_values(preset))

    async def add_reference(
        self, person_id: str, source: Path | bytes | str, name: str | None = None
    ) -> KeptReference:
        """Keep a picture that someone is to be painted after: a file, bytes, or an address.

        Raises ``InputError`` where it is no fit picture, or there are too many already.
        """
        return await self._references.add(person_id, source, name)

    async def kept_references(self, person_id: str) -> tuple[KeptReference, ...]:
        """Someone's references by name, as they are kept."""
        return await self._references.kept(await self._now(person_id))

    async def references(self, person_id: str) -> tuple[Reference, ...]:
        """Someone's references by name, decoded."""
        return await self._references.decoded(await self._now(person_id))

    async def remove_reference(self, person_id: str, name: str) -> None:
        """Delete one. Raises ``InputError``: there is none of that name."""
        await self._references.remove(person_id, name)

    async def purge(self, days: int) -> int:
        """Delete references that people gave who were not heard for ``days``; how many."""
        limit = wall_now() - timedelta(days=days)

        def purge(session: Session) -> tuple[str, ...]:
            silent = select(PersonRow.id).where(
                func.coalesce(PersonRow.last_heard_at, PersonRow.created_at) < limit
            )
            old = ReferenceRow.added_at < limit, ReferenceRow.person_id.in_(silent)
            return drop_references(session, *old)

        gone = await self._database.write(purge)
        await asyncio.to_thread(self._files.remove, gone)
        return len(gone)

    async def _now(self, person_id: str) -> str:
        """Who they turned out to be; empty where they are not known (any more)."""

        def look(session: Session) -> str:
            who = current_person(session, person_id)
            return who if who and session.get(PersonRow, who) is not None else ""

        return await self._database.read(look)

    async def _found(
        self, *where: ColumnElement[bool], latest: int | None = None
    ) -> tuple[KeptPicture, ...]:
        return await self._database.read(
            lambda session: find_pictures(session, self._files, *where, latest=latest)
        )


def _encode(row: PictureRow, picture: Picture, people: _People) -> bytes:
    """The PNG of ``row``, which also gets its hash."""
    if people.forgotten:
        row.prompt, row.negative = row.subject, ""  # no trace of what they liked
    data = picture_png(row, picture, [speaker.name for speaker in people.known])
    row.sha256 = hashlib.sha256(data).hexdigest()
    return data


def _present(session: Session, picture: Picture) -> _People:
    """Who the speakers are by now, each once."""
    found: dict[str, Speaker] = {}
    forgotten = False
    for speaker in picture.speakers:
        person_id = current_person(session, speaker.person_id)
        if person_id is None:
            forgotten = True
            continue
        row = session.get(PersonRow, person_id)
        found.setdefault(person_id, Speaker(row.id, row.name, row.colour) if row else speaker)
    return _People(tuple(found.values()), forgotten)
