"""The tables, typed. Every change to them is a migration in ``store/migrations/versions``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

__all__ = [
    "AuditRow",
    "Base",
    "EmbeddingRow",
    "EventRow",
    "FormerPersonRow",
    "MeetingRow",
    "PersonRow",
    "PersonaRow",
    "PersonaVoiceRow",
    "PictureRow",
    "PictureSpeakerRow",
    "PresetRow",
    "ReferenceRow",
    "RevisionRow",
    "UtcDateTime",
    "UtteranceRow",
]


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC date and time, also where the database keeps no time zone (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; a naive time is refused, since nobody can know what it means."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value}")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Back with the zone on."""
        if value is None:
            return None
        stamp: datetime = value
        return stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can alter them on any database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class MeetingRow(Base):
    """One meeting; ``ended_at`` stays empty when the program was killed in it."""

    __tablename__ = "meetings"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    room: Mapped[str] = mapped_column(Text)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class UtteranceRow(Base):
    """A final utterance, as announced. The speaker's present name is in ``people``, if there."""

    __tablename__ = "utterances"
    __table_args__ = (Index("ix_utterances_meeting_id_start_ns", "meeting_id", "start_ns"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"))
    participant_id: Mapped[str] = mapped_column(Text)
    participant_name: Mapped[str] = mapped_column(Text)
    participant_is_bot: Mapped[bool]
    participant_shared: Mapped[bool]
    speaker_id: Mapped[str | None] = mapped_column(String(40), index=True)
    speaker_name: Mapped[str | None] = mapped_column(Text)
    speaker_colour: Mapped[str | None] = mapped_column(String(7))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(16))
    start_ns: Mapped[int] = mapped_column(BigInteger)
    end_ns: Mapped[int] = mapped_column(BigInteger)
    words: Mapped[list[list[Any]]] = mapped_column(JSON)
    committed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EventRow(Base):
    """Something that happened in a meeting and is no utterance: joined, left, restarted."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    meeting_id: Mapped[str] = mapped_column(
        ForeignKey("meetings.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)


class PersonRow(Base):
    """Someone with a name; ``name_key`` is the name casefolded, one person each."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text, unique=True)
    colour: Mapped[str] = mapped_column(String(7))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_heard_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EmbeddingRow(Base):
    """One voice-print: float32 little-endian bytes, by the encoder named ``model``."""

    __tablename__ = "embeddings"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    model: Mapped[str] = mapped_column(String(128))
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    seconds: Mapped[float]
    enrolled: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PresetRow(Base):
    """One setting that a person likes, as ``key`` = ``value``."""

    __tablename__ = "presets"

    person_id: Mapped[str] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class AuditRow(Base):
    """What was done with someone's voice-print, and on whose word. Holds no name and no print."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    person_id: Mapped[str] = mapped_column(String(40), index=True)
    action: Mapped[str] = mapped_column(String(32))
    basis: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class FormerPersonRow(Base):
    """A person who was merged into another (``became``) or forgotten (``became`` is empty)."""

    __tablename__ = "former_people"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    became: Mapped[str | None] = mapped_column(String(40))


class RevisionRow(Base):
    """Counts changes to people, so that a running meeting notices what another process did."""

    __tablename__ = "revisions"

    subject: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int]


class PersonaRow(Base):
    """Someone whom the bot can be; ``name_key`` is the name casefolded, one persona each.

    ``photo``, ``samples``: sha256 of what was given; the first names the folder with the prepared
    face. ``voice_print``: float32 little-endian bytes by the encoder ``voice_model``; empty without
    samples, and after the retention time. ``voice_hz``: the samples' median pitch.
    """

    __tablename__ = "personas"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text, unique=True)
    prompt: Mapped[str] = mapped_column(Text)
    photo: Mapped[str] = mapped_column(String(64), index=True)
    samples: Mapped[str | None] = mapped_column(String(64))
    voice_model: Mapped[str | None] = mapped_column(String(128))
    voice_print: Mapped[bytes | None] = mapped_column(LargeBinary)
    voice_hz: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PersonaVoiceRow(Base):
    """The voice of a persona by one engine: which of its voices, how high, whether it cloned."""

    __tablename__ = "persona_voices"

    persona_id: Mapped[str] = mapped_column(
        ForeignKey("personas.id", ondelete="CASCADE"), primary_key=True
    )
    engine: Mapped[str] = mapped_column(String(64), primary_key=True)
    voice: Mapped[str | None] = mapped_column(Text)
    pitch: Mapped[float]
    likeness: Mapped[float | None]
    cloned: Mapped[bool]


class PictureRow(Base):
    """A picture that was painted, and of what. ``file``: its name among the store's files.

    No ``meeting_id``: it was painted by command. ``prompt``, ``subject``: as in ``PaintRequest``.
    """

    __tablename__ = "pictures"
    __table_args__ = (Index("ix_pictures_meeting_id_at_ns", "meeting_id", "at_ns"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    meeting_id: Mapped[str | None] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    at_ns: Mapped[int] = mapped_column(BigInteger)
    said_end_ns: Mapped[int] = mapped_column(BigInteger)
    participant_id: Mapped[str | None] = mapped_column(Text)
    participant_name: Mapped[str | None] = mapped_column(Text)
    trigger: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(Text)
    prompt: Mapped[str] = mapped_column(Text)
    negative: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(16))
    style: Mapped[str] = mapped_column(Text)
    palette: Mapped[list[str]] = mapped_column(JSON)
    seed: Mapped[int] = mapped_column(BigInteger)
    engine: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    width: Mapped[int]
    height: Mapped[int]
    safe: Mapped[bool]
    file: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))


class PictureSpeakerRow(Base):
    """Whose words a picture shows, the one in whose style it is first (``place`` 0)."""

    __tablename__ = "picture_speakers"

    picture_id: Mapped[str] = mapped_column(
        ForeignKey("pictures.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(primary_key=True)
    speaker_id: Mapped[str] = mapped_column(String(40), index=True)
    speaker_name: Mapped[str] = mapped_column(Text)
    speaker_colour: Mapped[str] = mapped_column(String(7))


class ReferenceRow(Base):
    """A picture that a person gave to be painted after; ``name`` is unique among theirs."""

    __tablename__ = "reference_pictures"
    __table_args__ = (UniqueConstraint("person_id", "name"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(Text)
    file: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
