"""Pictures that were painted, whose words they show, and references that people gave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "downgrade", "revision", "upgrade"]

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """Make their tables."""
    op.create_table(
        "pictures",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("meeting_id", sa.String(length=40), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.Column("said_end_ns", sa.BigInteger(), nullable=False),
        sa.Column("participant_id", sa.Text(), nullable=True),
        sa.Column("participant_name", sa.Text(), nullable=True),
        sa.Column("trigger", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("negative", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("style", sa.Text(), nullable=False),
        sa.Column("palette", sa.JSON(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("safe", sa.Boolean(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["meetings.id"],
            name=op.f("fk_pictures_meeting_id_meetings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pictures")),
    )
    op.create_index(
        "ix_pictures_meeting_id_at_ns", "pictures", ["meeting_id", "at_ns"], unique=False
    )
    op.create_table(
        "picture_speakers",
        sa.Column("picture_id", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("speaker_id", sa.String(length=40), nullable=False),
        sa.Column("speaker_name", sa.Text(), nullable=False),
        sa.Column("speaker_colour", sa.String(length=7), nullable=False),
        sa.ForeignKeyConstraint(
            ["picture_id"],
            ["pictures.id"],
            name=op.f("fk_picture_speakers_picture_id_pictures"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("picture_id", "place", name=op.f("pk_picture_speakers")),
    )
    op.create_index(
        op.f("ix_picture_speakers_speaker_id"), "picture_speakers", ["speaker_id"], unique=False
    )
    op.create_table(
        "reference_pictures",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_reference_pictures_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_pictures")),
        sa.UniqueConstraint("person_id", "name", name=op.f("uq_reference_pictures_person_id")),
    )


def downgrade() -> None:
    """Drop their tables."""
    op.drop_table("reference_pictures")
    op.drop_index(op.f("ix_picture_speakers_speaker_id"), table_name="picture_speakers")
    op.drop_table("picture_speakers")
    op.drop_index("ix_pictures_meeting_id_at_ns", table_name="pictures")
    op.drop_table("pictures")
