"""Pictures as the store keeps them: a row, whose words they show, and a PNG that says the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from meetbot.core.types import Speaker
from meetbot.store.png import tagged
from meetbot.store.schema import PersonRow, PictureRow, PictureSpeakerRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from meetbot.store.files import StoreFiles

__all__ = [
    "PICTURES",
    "KeptPicture",
    "drop_pictures",
    "find_pictures",
    "picture_words",
    "retag",
    "speakers_of",
]

PICTURES = "pictures"
"""The folder of their files."""


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """A picture of the store. ``path``: a PNG that bears the same facts (see ``picture_words``).

    No ``meeting_id``: painted by command. ``at_ns``, ``said_end_ns``: meeting time. ``speakers``:
    under the names that they bear now, the one in whose style it is first.
    """

    id: str
    meeting_id: str | None
    at: datetime
    at_ns: int
    said_end_ns: int
    participant: str | None
    speakers: tuple[Speaker, ...]
    trigger: str
    subject: str
    prompt: str
    negative: str
    language: str
    style: str
    palette: tuple[str, ...]
    seed: int
    engine: str
    note: str
    width: int
    height: int
    safe: bool
    path: Path
    sha256: str


def picture_words(row: PictureRow | KeptPicture, speakers: Iterable[str]) -> Mapping[str, str]:
    """What a picture's PNG says of it, by keyword; ``docs/pictures.md`` tells what each means."""
    return {
        "Title": row.subject,
        "Software": "Meetbot",
        "prompt": row.prompt,
        "negative": row.negative,
        "seed": str(row.seed),
        "engine": row.engine,
        "style": row.style,
        "palette": " ".join(row.palette),
        "speaker": ", ".join(speakers),
        "time": row.at.isoformat(),
        "meeting": row.meeting_id or "",
    }


def find_pictures(
    session: Session, files: StoreFiles, *where: ColumnElement[bool], latest: int | None = None
) -> tuple[KeptPicture, ...]:
    """Pictures in order of time; of ``latest`` only so many, the latest first."""
    query = select(PictureRow).where(*where)
    if latest is None:
        query = query.order_by(PictureRow.at_ns, PictureRow.id)
    else:
        query = query.order_by(PictureRow.at.desc(), PictureRow.id).limit(latest)
    return tuple(_kept(session, files, row) for row in list(session.scalars(query)))


def speakers_of(session: Session, picture_id: str) -> tuple[Speaker, ...]:
    """Whose words it shows, each once, as they are called now."""
    query = (
        select(PictureSpeakerRow, PersonRow.name, PersonRow.colour)
        .outerjoin(PersonRow, PersonRow.id == PictureSpeakerRow.speaker_id)
        .where(PictureSpeakerRow.picture_id == picture_id)
        .order_by(PictureSpeakerRow.place)
    )
    found = (
        Speaker(row.speaker_id, name or row.speaker_name, colour or row.speaker_colour)
        for row, name, colour in session.execute(query)
    )
    return tuple({speaker.person_id: speaker for speaker in found}.values())


def drop_pictures(session: Session, *where: ColumnElement[bool]) -> tuple[str, ...]:
    """Delete pictures' rows; their files, to be deleted once this is committed."""
    rows = list(session.scalars(select(PictureRow).where(*where)))
    for row in rows:
        session.delete(row)
    session.flush()
    return tuple(row.file for row in rows)


def retag(session: Session, files: StoreFiles, row: PictureRow) -> str:
    """Put what ``row`` says now into a copy of its file; the old one, to be deleted when committed.

    Raises ``StoreError``; ``ValueError`` where the file is gone or is no PNG any more.
    """
    names = [speaker.name for speaker in speakers_of(session, row.id)]
    if not files.path(row.file).is_file():
        raise ValueError(f"{row.file} is gone")
    data = tagged(files.read(row.file), picture_words(row, names))
    old, row.file = row.file, files.write(PICTURES, ".png", data)
    row.sha256 = hashlib.sha256(data).hexdigest()
    return old


def _kept(session: Session, files: StoreFiles, row: PictureRow) -> KeptPicture:
    return KeptPicture(
        id=row.id,
        meeting_id=row.meeting_id,
        at=row.at,
        at_ns=row.at_ns,
        said_end_ns=row.said_end_ns,
        participant=row.participant_name,
        speakers=speakers_of(session, row.id),
        trigger=row.trigger,
        subject=row.subject,
        prompt=row.prompt,
        negative=row.negative,
        language=row.language,
        style=row.style,
        palette=tuple(row.palette),
        seed=row.seed,
        engine=row.engine,
        note=row.note,
        width=row.width,
        height=row.height,
        safe=row.safe,
        path=files.path(row.file),
        sha256=row.sha256,
    )
