"""Alembic's scripts, run by ``store.database`` when a store is opened."""

from __future__ import annotations

__all__: list[str] = []
