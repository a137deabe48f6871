"""People's rows: what the directory's transactions are made of."""

from __future__ import annotations

import difflib
import unicodedata
import uuid
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import delete, func, select, update

from meetbot.core.clock import wall_now
from meetbot.core.errors import InputError
from meetbot.core.types import Speaker
from meetbot.people.colours import next_colour
from meetbot.people.pictures import hand_over_pictures
from meetbot.people.values import KnownVoice, Person
from meetbot.store.schema import (
    AuditRow,
    EmbeddingRow,
    FormerPersonRow,
    PersonRow,
    PresetRow,
    RevisionRow,
    UtteranceRow,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

__all__ = [
    "MAX_PRINTS",
    "add_prints",
    "audit",
    "by_name",
    "changed",
    "clean_name",
    "hand_over",
    "key",
    "named",
    "new_person",
    "people",
    "person",
    "revision",
    "unname",
    "unvoiced",
    "voices",
]

MAX_PRINTS = 20
"""Prints kept of one person and model; enrolled ones stay, of the others the oldest go."""
MAX_NAME = 64
SUBJECT = "people"


def clean_name(name: str) -> str:
    """A name fit to be shown: no control characters, single spaces, 1…64 characters."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in name)
    cleaned = " ".join(unicodedata.normalize("NFC", kept).split())
    if not cleaned or len(cleaned) > MAX_NAME:
        raise InputError(f"a person's name has 1 to {MAX_NAME} characters, not {len(cleaned)}")
    return cleaned


def key(name: str) -> str:
    """What makes two names the same one."""
    return unicodedata.normalize("NFKC", name).casefold()


def by_name(session: Session, name: str) -> PersonRow | None:
    """Whoever bears the name."""
    return session.scalar(select(PersonRow).where(PersonRow.name_key == key(name)))


def named(session: Session, who: str) -> PersonRow:
    """The person of that name or id. Raises ``InputError``."""
    row = session.get(PersonRow, who) or by_name(session, who.strip())
    if row is None:
        names = {key(name): name for name in session.scalars(select(PersonRow.name))}
        close = difflib.get_close_matches(key(who.strip()), names, 1)
        hint = f"did you mean {names[close[0]]!r}?" if close else "see: meetbot people list"
        raise InputError(f"nobody is called {who!r}; {hint}")
    return row


def unvoiced(session: Session, name: str) -> PersonRow | None:
    """Whoever bears the name and has no voice-print at all."""
    row = by_name(session, clean_name(name))
    if row is None:
        return None
    prints = select(func.count()).select_from(EmbeddingRow).where(EmbeddingRow.person_id == row.id)
    return row if not session.scalar(prints) else None


def new_person(session: Session, name: str | None) -> PersonRow:
    """A row under ``name`` where it is free, else under the first free "Guest N"."""
    taken = set(session.scalars(select(PersonRow.name_key)))
    wanted = clean_name(name) if name else ""
    if not wanted or key(wanted) in taken:
        number = 1
        while key(f"Guest {number}") in taken:
            number += 1
        wanted = f"Guest {number}"
    colour = next_colour(session.scalars(select(PersonRow.colour)))
    row = PersonRow(
        id=uuid.uuid4().hex,
        name=wanted,
        name_key=key(wanted),
        colour=colour,
        created_at=wall_now(),
        last_heard_at=None,
    )
    session.add(row)
    session.flush()
    return row


def add_prints(
    session: Session,
    person_id: str,
    model: str,
    prints: NDArray[np.float32],
    seconds: float,
    *,
    enrolled: bool,
) -> None:
    """Store each row of ``prints``; then drop what is over ``MAX_PRINTS``."""
    now = wall_now()
    for vector in prints:
        session.add(
            EmbeddingRow(
                person_id=person_id,
                model=model,
                vector=np.ascontiguousarray(vector, dtype="<f4").tobytes(),
                seconds=seconds,
                enrolled=enrolled,
                created_at=now,
                used_at=now,
            )
        )
    session.flush()
    query = (
        select(EmbeddingRow.id)
        .where(EmbeddingRow.person_id == person_id, EmbeddingRow.model == model)
        .order_by(EmbeddingRow.enrolled.desc(), EmbeddingRow.id.desc())
        .offset(MAX_PRINTS)
    )
    over = list(session.scalars(query))
    session.execute(delete(EmbeddingRow).where(EmbeddingRow.id.in_(over)))


def audit(session: Session, person_id: str, action: str, basis: str) -> None:
    """One line for the record."""
    session.add(AuditRow(person_id=person_id, action=action, basis=basis, at=wall_now()))


def changed(session: Session) -> None:
    """Tell running meetings to look again."""
    row = session.get(RevisionRow, SUBJECT)
    if row is None:
        session.add(RevisionRow(subject=SUBJECT, number=1))
    else:
        row.number += 1


def revision(session: Session) -> int:
    """How often ``changed`` was called on this database."""
    row = session.get(RevisionRow, SUBJECT)
    return row.number if row is not None else 0


def people(session: Session) -> tuple[Person, ...]:
    """Everyone, by name."""
    found = list(session.scalars(select(PersonRow).order_by(PersonRow.name_key)))
    return tuple(person(session, row) for row in found)


def person(session: Session, row: PersonRow) -> Person:
    """A row with what belongs to it."""
    prints = (
        select(EmbeddingRow.model, func.count())
        .where(EmbeddingRow.person_id == row.id)
        .group_by(EmbeddingRow.model)
        .order_by(EmbeddingRow.model)
    )
    presets = select(PresetRow).where(PresetRow.person_id == row.id).order_by(PresetRow.key)
    said = select(func.count()).select_from(UtteranceRow).where(UtteranceRow.speaker_id == row.id)
    return Person(
        id=row.id,
        name=row.name,
        colour=row.colour,
        created_at=row.created_at,
        last_heard_at=row.last_heard_at,
        prints=tuple((model, count) for model, count in session.execute(prints)),
        presets=tuple((preset.key, preset.value) for preset in session.scalars(presets)),
        utterances=session.scalar(said) or 0,
    )


def voices(session: Session, model: str) -> tuple[KnownVoice, ...]:
    """Everyone with prints by ``model``."""
    query = (
        select(EmbeddingRow, PersonRow)
        .join(PersonRow, PersonRow.id == EmbeddingRow.person_id)
        .where(EmbeddingRow.model == model)
        .order_by(PersonRow.name_key, EmbeddingRow.id)
    )
    owners: dict[str, Speaker] = {}
    prints: dict[str, list[NDArray[np.float32]]] = {}
    seconds: dict[str, float] = {}
    for print_row, owner in session.execute(query):
        owners[owner.id] = Speaker(owner.id, owner.name, owner.colour)
        prints.setdefault(owner.id, []).append(np.frombuffer(print_row.vector, dtype="<f4"))
        seconds[owner.id] = seconds.get(owner.id, 0.0) + print_row.seconds
    former: dict[str, list[str]] = {}
    for row in session.scalars(select(FormerPersonRow).order_by(FormerPersonRow.id)):
        former.setdefault(row.became or "", []).append(row.id)
    return tuple(
        KnownVoice(
            speaker,
            np.stack(prints[person_id]).astype(np.float32),
            seconds[person_id],
            tuple(former.get(person_id, ())),
        )
        for person_id, speaker in owners.items()
    )


def hand_over(session: Session, gone: PersonRow, kept: PersonRow) -> None:
    """Everything of ``gone`` becomes ``kept``'s; what ``kept`` has set itself stays."""
    own = select(PresetRow.key).where(PresetRow.person_id == kept.id)
    move = update(PresetRow).where(
        PresetRow.person_id == gone.id, PresetRow.key.not_in(list(session.scalars(own)))
    )
    session.execute(move.values(person_id=kept.id))
    session.execute(delete(PresetRow).where(PresetRow.person_id == gone.id))
    prints = update(EmbeddingRow).where(EmbeddingRow.person_id == gone.id)
    session.execute(prints.values(person_id=kept.id))
    said = update(UtteranceRow).where(UtteranceRow.speaker_id == gone.id)
    session.execute(
        said.values(speaker_id=kept.id, speaker_name=kept.name, speaker_colour=kept.colour)
    )
    hand_over_pictures(session, gone.id, kept.id)
    times = [at for at in (gone.last_heard_at, kept.last_heard_at) if at is not None]
    kept.last_heard_at = max(times, default=None)
    former = update(FormerPersonRow).where(FormerPersonRow.became == gone.id)
    session.execute(former.values(became=kept.id))
    session.add(FormerPersonRow(id=gone.id, became=kept.id))
    session.delete(gone)
    session.flush()


def unname(session: Session, row: PersonRow, *, words: bool) -> None:
    """Take someone's name off what they said, or ``words`` and all, and off their own devices."""
    theirs = UtteranceRow.speaker_id == row.id
    if words:
        session.execute(delete(UtteranceRow).where(theirs))
    names = select(UtteranceRow.participant_name).distinct()
    own = [name for name in session.scalars(names) if key(name) == row.name_key]
    devices = update(UtteranceRow).where(UtteranceRow.participant_name.in_(own))
    session.execute(devices.values(participant_name="", participant_id=""))
    blank = {"speaker_id": None, "speaker_name": None, "speaker_colour": None}
    session.execute(update(UtteranceRow).where(theirs).values(**blank))
