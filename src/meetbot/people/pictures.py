"""What happens to pictures of someone's words, and to the references they gave, as people change.

Each function works inside the transaction of the change and returns files that nothing names any
more: they are deleted when it is committed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, select, update

from meetbot.store.pictures import drop_pictures, retag
from meetbot.store.schema import PictureRow, PictureSpeakerRow, ReferenceRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from meetbot.store.files import StoreFiles

__all__ = [
    "drop_pictures_of",
    "drop_references",
    "hand_over_pictures",
    "of_person",
    "unname_pictures",
]


def of_person(person_id: str) -> ColumnElement[bool]:
    """Pictures that show words of that person."""
    return exists().where(
        PictureSpeakerRow.picture_id == PictureRow.id, PictureSpeakerRow.speaker_id == person_id
    )


def hand_over_pictures(session: Session, gone: str, kept: str) -> None:
    """Pictures and references of ``gone`` (both are ids) are ``kept``'s from now on."""
    theirs = update(PictureSpeakerRow).where(PictureSpeakerRow.speaker_id == gone)
    session.execute(theirs.values(speaker_id=kept))
    taken = set(session.scalars(select(ReferenceRow.name).where(ReferenceRow.person_id == kept)))
    for row in list(session.scalars(select(ReferenceRow).where(ReferenceRow.person_id == gone))):
        name, number = row.name, 2
        while row.name in taken:
            row.name, number = f"{name} {number}", number + 1
        taken.add(row.name)
        row.person_id = kept
    session.flush()


def unname_pictures(
    session: Session, files: StoreFiles, person_id: str, own_name: Callable[[str], bool]
) -> tuple[str, ...]:
    """Take a person off the pictures: their name, their id, and what their presets added.

    ``own_name``: whether a participant's name is theirs, too.
    """
    rows = list(session.scalars(select(PictureRow).where(of_person(person_id))))
    mine = delete(PictureSpeakerRow).where(PictureSpeakerRow.speaker_id == person_id)
    session.execute(mine)
    old: list[str] = []
    for row in rows:
        row.prompt, row.negative = row.subject, ""
        try:
            old.append(retag(session, files, row))
        except ValueError:  # gone or damaged: there is nothing to keep
            old.append(row.file)
            session.delete(row)
    names = session.scalars(select(PictureRow.participant_name).distinct())
    own = [name for name in names if name and own_name(name)]
    devices = update(PictureRow).where(PictureRow.participant_name.in_(own))
    session.execute(devices.values(participant_name="", participant_id=""))
    return tuple(old)


def drop_references(session: Session, *where: ColumnElement[bool]) -> tuple[str, ...]:
    """Delete references."""
    rows = list(session.scalars(select(ReferenceRow).where(*where)))
    for row in rows:
        session.delete(row)
    session.flush()
    return tuple(row.file for row in rows)


def drop_pictures_of(session: Session, person_id: str) -> tuple[str, ...]:
    """Delete the pictures that show words of that person."""
    return drop_pictures(session, of_person(person_id))
