"""Alembic's environment: runs on the connection and in the transaction it is given."""

from __future__ import annotations

from alembic import context

from meetbot.store.schema import Base

__all__: list[str] = []

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
context.run_migrations()
