"""Everyone known by voice: the operations on people, each one transaction.

A voice-print is personal data of a special kind: every print made, moved and deleted leaves a line
in the audit, which holds neither names nor prints. Forgetting deletes for good (``forget``).
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, or_, select, update

from meetbot.core.clock import wall_now
from meetbot.core.errors import InputError
from meetbot.core.types import Speaker
from meetbot.people import pictures, rows
from meetbot.people.values import AuditEntry, KnownVoice, Person, Saying
from meetbot.store.schema import (
    AuditRow,
    EmbeddingRow,
    FormerPersonRow,
    MeetingRow,
    PersonRow,
    PresetRow,
    ReferenceRow,
    UtteranceRow,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from meetbot.store import Store

__all__ = ["PeopleDirectory"]


class PeopleDirectory:
    """People in a store. Every method raises ``StoreError``; ``who`` is a name or an id.

    ``InputError``: nobody is called that, a name is empty, too long, or another person's.
    """

    def __init__(self, store: Store) -> None:
        self._database = store.database
        self._files = store.files

    async def revision(self) -> int:
        """Grows with every change that a running meeting must know of, by any program."""
        return await self._database.read(rows.revision)

    async def people(self) -> tuple[Person, ...]:
        """Everyone, by name."""
        return await self._database.read(rows.people)

    async def find(self, who: str) -> Person:
        """The person of that name or id."""

        def find(session: Session) -> Person:
            return rows.person(session, rows.named(session, who))

        return await self._database.read(find)

    async def voices(self, model: str) -> tuple[KnownVoice, ...]:
        """Everyone of whom ``model`` has made prints."""
        return await self._database.read(lambda session: rows.voices(session, model))

    async def create(
        self,
        name: str | None,
        model: str,
        prints: NDArray[np.float32],
        *,
        seconds: float,
    ) -> Speaker:
        """A new person with float32 prints (n, d) of ``seconds`` each.

        ``name`` None, or borne by someone who has a voice already: "Guest N", N the first free.
        One who bears the name and has no print by any model gets these.
        """

        def create(session: Session) -> Speaker:
            row = rows.unvoiced(session, name) if name else None
            row = row or rows.new_person(session, name)
            rows.add_prints(session, row.id, model, prints, seconds, enrolled=False)
            rows.audit(session, row.id, "created", "heard in a meeting")
            rows.changed(session)
            return Speaker(row.id, row.name, row.colour)

        return await self._database.write(create)

    async def enrol(
        self, name: str, model: str, prints: NDArray[np.float32], *, seconds: float
    ) -> Speaker:
        """Prints given on purpose, for whoever bears the name, else for a new person of that name.

        They are kept before any that were merely heard.
        """

        def enrol(session: Session) -> Speaker:
            wanted = rows.clean_name(name)
            row = rows.by_name(session, wanted) or rows.new_person(session, wanted)
            rows.add_prints(session, row.id, model, prints, seconds, enrolled=True)
            rows.audit(session, row.id, "enrolled", "recordings given by command")
            rows.changed(session)
            return Speaker(row.id, row.name, row.colour)

        return await self._database.write(enrol)

    async def add_prints(
        self,
        person_id: str,
        model: str,
        prints: NDArray[np.float32],
        *,
        seconds: float,
    ) -> None:
        """More prints of a person; of those not enrolled the oldest go when there are over 20.

        Someone forgotten or merged meanwhile gets none.
        """

        def add(session: Session) -> None:
            if session.get(PersonRow, person_id) is not None:
                rows.add_prints(session, person_id, model, prints, seconds, enrolled=False)

        await self._database.write(add)

    async def heard(self, person_id: str, model: str) -> None:
        """Note that this person spoke now, which keeps their prints from expiring."""
        now = wall_now()

        def touch(session: Session) -> None:
            session.execute(
                update(PersonRow).where(PersonRow.id == person_id).values(last_heard_at=now)
            )
            session.execute(
                update(EmbeddingRow)
                .where(EmbeddingRow.person_id == person_id, EmbeddingRow.model == model)
                .values(used_at=now)
            )

        await self._database.write(touch)

    async def rename(self, who: str, name: str) -> Speaker:
        """Give someone another name, in old transcripts too."""

        def rename(session: Session) -> Speaker:
            row = rows.named(session, who)
            wanted = rows.clean_name(name)
            holder = rows.by_name(session, wanted)
            if holder is not None and holder.id != row.id:
                raise InputError(
                    f"{holder.name!r} is another person; to make the two one: "
                    f"meetbot people merge {row.name!r} {holder.name!r}"
                )
            row.name, row.name_key = wanted, rows.key(wanted)
            rows.audit(session, row.id, "renamed", "by command")
            rows.changed(session)
            return Speaker(row.id, row.name, row.colour)

        return await self._database.write(rename)

    async def merge(self, who: str, into: str) -> Speaker:
        """``who`` turns out to be ``into``: prints, presets and history go over."""

        def merge(session: Session) -> Speaker:
            gone, kept = rows.named(session, who), rows.named(session, into)
            if gone.id == kept.id:
                raise InputError(f"{who!r} and {into!r} are the same person already")
            rows.hand_over(session, gone, kept)
            rows.audit(session, gone.id, "merged", f"into {kept.id}")
            rows.changed(session)
            return Speaker(kept.id, kept.name, kept.colour)

        return await self._database.write(merge)

    async def forget(self, who: str, *, words: bool = False) -> None:
        """Delete someone for good: person, prints, presets, references, their name everywhere.

        What they said, and pictures of it, stay without a name, unless ``words``: then they are
        deleted too. No byte of it is left in an SQLite file or its log. Raises ``StoreError``
        where another program keeps the old bytes in use; the deletion itself holds all the same.
        """

        def forget(session: Session) -> tuple[str, ...]:
            row = rows.named(session, who)
            old = self._out_of_pictures(session, row, words=words)
            rows.unname(session, row, words=words)
            for table in (EmbeddingRow, PresetRow):
                session.execute(delete(table).where(table.person_id == row.id))
            session.execute(delete(PersonRow).where(PersonRow.id == row.id))
            former = update(FormerPersonRow).where(FormerPersonRow.became == row.id)
            session.execute(former.values(became=None))
            session.add(FormerPersonRow(id=row.id, became=None))
            rows.audit(session, row.id, "forgotten", "by command")
            rows.changed(session)
            return old

        old = await self._database.write(forget)
        await asyncio.to_thread(self._files.remove, old)
        await self._database.scrub()

    def _out_of_pictures(self, session: Session, row: PersonRow, *, words: bool) -> tuple[str, ...]:
        dropped = pictures.drop_pictures_of(session, row.id) if words else ()
        unnamed = pictures.unname_pictures(
            session, self._files, row.id, lambda name: rows.key(name) == row.name_key
        )
        given = pictures.drop_references(session, ReferenceRow.person_id == row.id)
        return (*dropped, *unnamed, *given)

    async def purge(self, days: int) -> int:
        """Delete prints not used for ``days``; returns how many. Names and history stay."""
        limit = wall_now() - timedelta(days=days)

        def purge(session: Session) -> int:
            old = EmbeddingRow.used_at < limit
            owners = session.scalars(select(EmbeddingRow.person_id).where(old).distinct())
            for person_id in list(owners):
                rows.audit(session, person_id, "expired", f"not heard for {days} days")
            count = session.scalar(select(func.count()).select_from(EmbeddingRow).where(old)) or 0
            session.execute(delete(EmbeddingRow).where(old))
            if count:
                rows.changed(session)
            return count

        count = await self._database.write(purge)
        if count:
            await self._database.scrub()
        return count

    async def set_presets(self, who: str, values: Mapping[str, str | None]) -> None:
        """Keep each ``key`` = ``value`` for someone, all at once; None takes one away."""

        def put(session: Session) -> None:
            person_id = rows.named(session, who).id
            for name, value in values.items():
                row = session.get(PresetRow, (person_id, name))
                if value is not None:
                    session.merge(PresetRow(person_id=person_id, key=name, value=value))
                elif row is not None:
                    session.delete(row)

        await self._database.write(put)

    async def history(self, who: str, limit: int = 50) -> tuple[Saying, ...]:
        """What someone said, the latest first."""

        def read(session: Session) -> tuple[Saying, ...]:
            row = rows.named(session, who)
            query = (
                select(UtteranceRow, MeetingRow)
                .join(MeetingRow, MeetingRow.id == UtteranceRow.meeting_id)
                .where(UtteranceRow.speaker_id == row.id)
                .order_by(MeetingRow.began_at.desc(), UtteranceRow.start_ns.desc())
                .limit(limit)
            )
            return tuple(
                Saying(meeting.id, meeting.room, meeting.began_at, said.start_ns, said.text)
                for said, meeting in session.execute(query)
            )

        return await self._database.read(read)

    async def audit(self, person_id: str | None = None) -> tuple[AuditEntry, ...]:
        """What was done with voice-prints, in order; of one person (by id), or of all."""

        def read(session: Session) -> tuple[AuditEntry, ...]:
            query = select(AuditRow).order_by(AuditRow.id)
            if person_id is not None:
                query = query.where(
                    or_(AuditRow.person_id == person_id, AuditRow.basis == f"into {person_id}")
                )
            return tuple(
                AuditEntry(row.at, row.person_id, row.action, row.basis)
                for row in session.scalars(query)
            )

        return await self._database.read(read)
