"""Pictures in the store: kept before anyone sees them, found again by meeting and by person."""

from __future__ import annotations

import asyncio
import functools
import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import select

from meetbot.core.clock import wall_now
from meetbot.core.errors import InputError
from meetbot.core.types import Speaker
from meetbot.gallery.encoding import to_png
from meetbot.people.pictures import of_person
from meetbot.store.log import current_person
from meetbot.store.pictures import PICTURES, find_pictures, picture_words
from meetbot.store.schema import MeetingRow, PersonRow, PictureRow, PictureSpeakerRow, ReferenceRow

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from meetbot.core.pictures import Picture
    from meetbot.store import Store
    from meetbot.store.pictures import KeptPicture

__all__ = ["REFERENCES", "Gallery"]

REFERENCES = "references"
"""The folder of references' files."""


class Gallery:
    """Every method raises ``StoreError`` when the database or the disk cannot do it."""

    def __init__(self, store: Store) -> None:
        self._database = store.database
        self._files = store.files

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
        row = _row(meeting_id, picture)
        kept: KeptPicture | None = None
        while kept is None:
            people = await self._database.read(lambda session: _present(session, picture))
            data = await asyncio.to_thread(_encode, row, picture, people)
            row.file = await asyncio.to_thread(self._files.write, PICTURES, ".png", data)
            try:
                kept = await self._database.write(
                    functools.partial(self._commit, row=row, picture=picture, people=people)
                )
            finally:
                if kept is None:
                    await asyncio.to_thread(self._files.remove, [row.file])
        return kept

    def _commit(
        self, session: Session, *, row: PictureRow, picture: Picture, people: tuple[Speaker, ...]
    ) -> KeptPicture | None:
        """None: somebody was renamed or forgotten while the picture was encoded."""
        if row.meeting_id is not None and session.get(MeetingRow, row.meeting_id) is None:
            raise InputError(f"there is no meeting {row.meeting_id!r}; see: meetbot meetings list")
        if _present(session, picture) != people:
            return None
        session.add(row)
        session.flush()
        for place, speaker in enumerate(people):
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

    async def picture(self, picture_id: str) -> KeptPicture:
        """One picture. Raises ``InputError``: there is none of that id."""
        found = await self._found(PictureRow.id == picture_id)
        if not found:
            raise InputError(f"there is no picture {picture_id!r}; see: meetbot meetings show ID")
        return found[0]

    async def _found(
        self, *where: ColumnElement[bool], latest: int | None = None
    ) -> tuple[KeptPicture, ...]:
        return await self._database.read(
            lambda session: find_pictures(session, self._files, *where, latest=latest)
        )


def _row(meeting_id: str | None, picture: Picture) -> PictureRow:
    request, painting, who = picture.request, picture.painting, picture.participant
    height, width = painting.pixels.shape[:2]
    return PictureRow(
        id=picture.id,
        meeting_id=meeting_id,
        at=wall_now(),
        at_ns=picture.at_ns,
        said_end_ns=picture.said_end_ns,
        participant_id=who.id if who else None,
        participant_name=who.name if who else None,
        trigger=picture.trigger,
        subject=request.subject,
        prompt=request.prompt,
        negative=request.negative,
        language=request.language,
        style=request.style,
        palette=list(request.palette),
        seed=request.seed,
        engine=painting.engine,
        note=painting.note,
        width=width,
        height=height,
        safe=picture.safe,
    )


def _encode(row: PictureRow, picture: Picture, people: tuple[Speaker, ...]) -> bytes:
    """The PNG of ``row``, which also gets its hash."""
    if len(people) < len({speaker.person_id for speaker in picture.speakers}):
        row.prompt, row.negative = row.subject, ""  # no trace of what a forgotten person liked
    words = picture_words(row, [speaker.name for speaker in people])
    data = to_png(picture.painting.pixels, words)
    row.sha256 = hashlib.sha256(data).hexdigest()
    return data


def _present(session: Session, picture: Picture) -> tuple[Speaker, ...]:
    """Who the speakers are by now, each once, without the forgotten."""
    found: dict[str, Speaker] = {}
    for speaker in picture.speakers:
        person_id = current_person(session, speaker.person_id)
        if person_id is None:
            continue
        row = session.get(PersonRow, person_id)
        named = Speaker(row.id, row.name, row.colour) if row else speaker
        found.setdefault(person_id, named)
    return tuple(found.values())
