"""Personas: whom the bot can be, and the voices that engines have for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "downgrade", "revision", "upgrade"]

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Make their tables."""
    op.create_table(
        "personas",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("photo", sa.String(length=64), nullable=False),
        sa.Column("samples", sa.String(length=64), nullable=True),
        sa.Column("voice_model", sa.String(length=128), nullable=True),
        sa.Column("voice_print", sa.LargeBinary(), nullable=True),
        sa.Column("voice_hz", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personas")),
        sa.UniqueConstraint("name_key", name=op.f("uq_personas_name_key")),
    )
    op.create_index(op.f("ix_personas_photo"), "personas", ["photo"], unique=False)
    op.create_table(
        "persona_voices",
        sa.Column("persona_id", sa.String(length=40), nullable=False),
        sa.Column("engine", sa.String(length=64), nullable=False),
        sa.Column("voice", sa.Text(), nullable=True),
        sa.Column("pitch", sa.Double(), nullable=False),
        sa.Column("likeness", sa.Double(), nullable=True),
        sa.Column("cloned", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["persona_id"],
            ["personas.id"],
            name=op.f("fk_persona_voices_persona_id_personas"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("persona_id", "engine", name=op.f("pk_persona_voices")),
    )


def downgrade() -> None:
    """Drop their tables."""
    op.drop_table("persona_voices")
    op.drop_index(op.f("ix_personas_photo"), table_name="personas")
    op.drop_table("personas")
