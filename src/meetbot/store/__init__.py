"""The store: one database for meetings and people. Importing it imports SQLAlchemy."""

from __future__ import annotations

from meetbot.store.database import FILE_NAME, Database
from meetbot.store.log import LoggedEvent, Meeting, Store

__all__ = ["FILE_NAME", "Database", "LoggedEvent", "Meeting", "Store"]
