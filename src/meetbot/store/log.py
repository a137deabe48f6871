"""The meeting log: every final utterance is here before anyone is told of it."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import delete, func, select

from meetbot.core.clock import wall_now
from meetbot.core.errors import InputError
from meetbot.core.types import Participant, Speaker, Utterance, Word
from meetbot.store.database import Database
from meetbot.store.files import StoreFiles
from meetbot.store.pictures import drop_pictures
from meetbot.store.schema import (
    EventRow,
    FormerPersonRow,
    MeetingRow,
    PersonRow,
    PictureRow,
    UtteranceRow,
)

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

__all__ = ["LoggedEvent", "Meeting", "Store", "current_person"]


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting of the log. ``ended_at`` is None while it runs, or when it was killed."""

    id: str
    room: str
    began_at: datetime
    ended_at: datetime | None
    utterances: int
    speakers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """Something that happened in a meeting at ``at`` (UTC)."""

    at: datetime
    kind: str
    text: str


class Store:
    """Meetings and what was said in them. ``database`` also holds the people, ``files`` pictures.

    Every method raises ``StoreError`` when the database cannot do it (disk full, locked, damaged);
    what was committed before stays. ``InputError``: there is no such meeting.
    """

    def __init__(self, database: Database, files: StoreFiles) -> None:
        self.database = database
        self.files = files

    @classmethod
    async def open(cls, location: str | Path) -> Self:
        """Open the store in a folder, or at an SQLAlchemy URL, creating or migrating it."""
        return cls(await Database.open(location), StoreFiles.beside(location))

    async def close(self) -> None:
        """Let the database go."""
        await self.database.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def begin_meeting(self, room: str) -> str:
        """Begin a meeting in ``room``; returns its id, which sorts by time."""
        now = wall_now()
        meeting_id = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        row = MeetingRow(id=meeting_id, room=room, began_at=now, ended_at=None)
        await self.database.write(lambda session: session.add(row))
        return meeting_id

    async def end_meeting(self, meeting_id: str) -> None:
        """Note when it ended."""
        now = wall_now()

        def end(session: Session) -> None:
            _meeting(session, meeting_id).ended_at = now

        await self.database.write(end)

    async def commit_utterance(self, meeting_id: str, utterance: Utterance) -> None:
        """Store a final utterance; it survives ``kill -9`` from the moment this returns.

        Committing an id again replaces it. A speaker who was merged meanwhile is stored as the
        one they became; the name of one who was forgotten is not stored.
        """
        now = wall_now()

        def commit(session: Session) -> None:
            _meeting(session, meeting_id)
            session.merge(_utterance_row(session, meeting_id, utterance, now))

        await self.database.write(commit)

    async def log_event(self, meeting_id: str, kind: str, text: str) -> None:
        """Note something that happened and is no utterance."""
        row = EventRow(meeting_id=meeting_id, at=wall_now(), kind=kind, text=text)

        def log(session: Session) -> None:
            _meeting(session, meeting_id)
            session.add(row)

        await self.database.write(log)

    async def meetings(self) -> tuple[Meeting, ...]:
        """All meetings, the latest first."""
        return await self.database.read(lambda session: _meetings(session, None))

    async def meeting(self, meeting_id: str) -> Meeting:
        """One meeting; an unambiguous beginning of its id will do. Raises ``InputError``."""
        return await self.database.read(lambda session: _one_meeting(session, meeting_id))

    async def utterances(self, meeting_id: str) -> tuple[Utterance, ...]:
        """What was said, by time of beginning, under the names that people bear now."""

        def read(session: Session) -> tuple[Utterance, ...]:
            _meeting(session, meeting_id)
            query = (
                select(UtteranceRow, PersonRow.name, PersonRow.colour)
                .outerjoin(PersonRow, PersonRow.id == UtteranceRow.speaker_id)
                .where(UtteranceRow.meeting_id == meeting_id)
                .order_by(UtteranceRow.start_ns, UtteranceRow.end_ns, UtteranceRow.id)
            )
            return tuple(_utterance(row, name, tint) for row, name, tint in session.execute(query))

        return await self.database.read(read)

    async def events(self, meeting_id: str) -> tuple[LoggedEvent, ...]:
        """What happened, in order."""

        def read(session: Session) -> tuple[LoggedEvent, ...]:
            _meeting(session, meeting_id)
            query = select(EventRow).where(EventRow.meeting_id == meeting_id).order_by(EventRow.id)
            return tuple(LoggedEvent(e.at, e.kind, e.text) for e in session.scalars(query))

        return await self.database.read(read)

    async def remove_meeting(self, meeting_id: str) -> None:
        """Delete a meeting, its utterances, events and pictures, and leave no byte of them."""

        def remove(session: Session) -> tuple[str, ...]:
            _meeting(session, meeting_id)
            pictures = drop_pictures(session, PictureRow.meeting_id == meeting_id)
            for table in (UtteranceRow, EventRow):
                session.execute(delete(table).where(table.meeting_id == meeting_id))
            session.execute(delete(MeetingRow).where(MeetingRow.id == meeting_id))
            return pictures

        pictures = await self.database.write(remove)
        await asyncio.to_thread(self.files.remove, pictures)
        await self.database.scrub()


def current_person(session: Session, person_id: str) -> str | None:
    """Who ``person_id`` is by now: themselves, whom they were merged into, None if forgotten."""
    while (former := session.get(FormerPersonRow, person_id)) is not None:
        if former.became is None:
            return None
        person_id = former.became
    return person_id


def _meeting(session: Session, meeting_id: str) -> MeetingRow:
    row = session.get(MeetingRow, meeting_id)
    if row is None:
        raise InputError(f"there is no meeting {meeting_id!r}; see: meetbot meetings list")
    return row


def _meetings(session: Session, only: str | None) -> tuple[Meeting, ...]:
    name = func.coalesce(PersonRow.name, UtteranceRow.speaker_name)
    counts = select(UtteranceRow.meeting_id, name, func.count()).outerjoin(
        PersonRow, PersonRow.id == UtteranceRow.speaker_id
    )
    rows = select(MeetingRow).order_by(MeetingRow.began_at.desc(), MeetingRow.id.desc())
    if only is not None:
        counts = counts.where(UtteranceRow.meeting_id == only)
        rows = rows.where(MeetingRow.id == only)
    said: dict[str, int] = {}
    names: dict[str, set[str]] = {}
    for meeting_id, speaker, count in session.execute(
        counts.group_by(UtteranceRow.meeting_id, name)
    ):
        said[meeting_id] = said.get(meeting_id, 0) + count
        if speaker is not None:
            names.setdefault(meeting_id, set()).add(speaker)
    return tuple(
        Meeting(
            id=row.id,
            room=row.room,
            began_at=row.began_at,
            ended_at=row.ended_at,
            utterances=said.get(row.id, 0),
            speakers=tuple(sorted(names.get(row.id, ()))),
        )
        for row in session.scalars(rows)
    )


def _one_meeting(session: Session, prefix: str) -> Meeting:
    found = _meetings(session, prefix)
    if found:
        return found[0]
    query = select(MeetingRow.id).where(MeetingRow.id.startswith(prefix, autoescape=True)).limit(2)
    matches = list(session.scalars(query)) if prefix else []
    if len(matches) > 1:
        raise InputError(f"more than one meeting begins with {prefix!r}; give more of the id")
    if not matches:
        raise InputError(f"there is no meeting {prefix!r}; see: meetbot meetings list")
    return _meetings(session, matches[0])[0]


def _utterance_row(
    session: Session, meeting_id: str, utterance: Utterance, now: datetime
) -> UtteranceRow:
    speaker = utterance.speaker
    person = current_person(session, speaker.person_id) if speaker is not None else None
    named = speaker if person is not None else None
    participant = utterance.participant
    return UtteranceRow(
        id=utterance.id,
        meeting_id=meeting_id,
        participant_id=participant.id,
        participant_name=participant.name,
        participant_is_bot=participant.is_bot,
        participant_shared=participant.shared_microphone,
        speaker_id=person,
        speaker_name=named.name if named is not None else None,
        speaker_colour=named.colour if named is not None else None,
        text=utterance.text,
        language=utterance.language,
        start_ns=utterance.start_ns,
        end_ns=utterance.end_ns,
        words=[[w.text, w.start_ns, w.end_ns, w.probability] for w in utterance.words],
        committed_at=now,
    )


def _utterance(row: UtteranceRow, name: str | None, colour: str | None) -> Utterance:
    speaker = None
    if row.speaker_id is not None:
        speaker = Speaker(
            person_id=row.speaker_id,
            name=name or row.speaker_name or "",
            colour=colour or row.speaker_colour or "",
        )
    words: list[list[Any]] = row.words
    return Utterance(
        id=row.id,
        participant=Participant(
            id=row.participant_id,
            name=row.participant_name,
            is_bot=row.participant_is_bot,
            shared_microphone=row.participant_shared,
        ),
        speaker=speaker,
        text=row.text,
        language=row.language,
        start_ns=row.start_ns,
        end_ns=row.end_ns,
        words=tuple(Word(text, start, end, sure) for text, start, end, sure in words),
    )
