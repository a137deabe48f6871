"""One database, on one thread: opening, migrating, transactions, and what can go wrong.

SQLite runs with a write-ahead log and ``synchronous=FULL``: a commit that returned is on the disk,
whatever happens to the process or the machine next. ``secure_delete`` overwrites what is deleted.
Writers begin with ``BEGIN IMMEDIATE``, so that two programs on one file wait for one another (up
to ``BUSY_SECONDS``) instead of failing half-way. See https://www.sqlite.org/wal.html and
https://www.sqlite.org/pragma.html.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session

from meetbot.core.clock import NS_PER_S, monotonic_ns
from meetbot.core.errors import ConfigError, StoreError
from meetbot.core.worker import ModelThread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["BUSY_SECONDS", "FILE_NAME", "Database"]

T = TypeVar("T")

FILE_NAME = "meetbot.sqlite3"
"""The SQLite file inside a store's folder."""
BUSY_SECONDS = 15.0
"""How long one program waits for another's write."""
MIGRATION_LOCK = 0x6D656574
WRITING = "meetbot_writing"


class Database:
    """Runs work in transactions on a thread of its own. Made by ``open``, ended by ``close``."""

    def __init__(self, engine: Engine, place: str, thread: ModelThread) -> None:
        self._readers = engine
        self._writers = engine.execution_options(**{WRITING: True})
        self._thread = thread
        self.place = place

    @classmethod
    async def open(cls, location: str | Path) -> Self:
        """Open, and create or migrate, the database in a folder or at an SQLAlchemy URL.

        Raises ``StoreError`` when it cannot be used and ``ConfigError`` for a URL that makes no
        sense.
        """
        thread = ModelThread("store")
        try:
            return await thread.run(cls._open, location, thread)
        except BaseException:
            thread.close()
            raise

    @classmethod
    def _open(cls, location: str | Path, thread: ModelThread) -> Self:
        url, place = _resolve(location)
        try:
            engine = _engine(url)
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise ConfigError(f"the store's URL cannot be used: {error}") from error
        database = cls(engine, place, thread)
        try:
            with database._saying("opened"), database._writers.begin() as connection:
                _migrate(connection)
        except BaseException:
            engine.dispose()
            raise
        return database

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run ``work`` on a session that sees one moment of the database."""
        return await self._thread.run(self._read, work)

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run ``work`` in a transaction: all of it is on the disk at return, or none of it is.

        Raises ``StoreError`` (disk full, locked too long, damaged, read-only).
        """
        return await self._thread.run(self._write, work)

    def _read(self, work: Callable[[Session], T]) -> T:
        with self._saying("read"), Session(self._readers) as session:
            return work(session)

    def _write(self, work: Callable[[Session], T]) -> T:
        with (
            self._saying("written"),
            Session(self._writers, expire_on_commit=False) as session,
            session.begin(),
        ):
            result = work(session)
            session.flush()
            return result

    async def scrub(self) -> None:
        """Leave no byte of deleted rows in the file or its log. Raises ``StoreError``.

        Needs the other programs on the file to let go for a moment; it waits ``BUSY_SECONDS``.
        """
        await self._thread.run(self._scrub)

    def _scrub(self) -> None:
        if self._readers.dialect.name != "sqlite":
            return
        deadline = monotonic_ns() + BUSY_SECONDS * NS_PER_S
        with self._saying("cleaned"), self._readers.connect() as connection:
            raw: Any = connection.connection.driver_connection
            raw.execute("VACUUM")
            while raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                if monotonic_ns() > deadline:
                    raise StoreError(
                        f"deleted, but the log of {self.place} still holds the old bytes, since "
                        "another program reads it; close that program and run this again"
                    )
                time.sleep(0.05)

    async def close(self) -> None:
        """Close every connection and end the thread; calling it again does no harm."""
        with contextlib.suppress(RuntimeError):
            await self._thread.run(self._readers.dispose)
        self._thread.close()

    @contextlib.contextmanager
    def _saying(self, verb: str) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error, CommandError) as error:
            raise StoreError(_explain(error, self.place, verb)) from error


def _resolve(location: str | Path) -> tuple[URL, str]:
    if isinstance(location, str) and "://" in location:
        try:
            url = make_url(location)
        except ArgumentError as error:
            raise ConfigError(f"the store's URL cannot be read: {error}") from error
        return url, url.render_as_string(hide_password=True)
    folder = Path(location).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / FILE_NAME
        path.touch(mode=0o600)
    except OSError as error:
        raise StoreError(
            f"the store cannot be made in {folder}: {error.strerror or error}; "
            "set store.folder to a folder that can be written"
        ) from error
    return URL.create("sqlite", database=str(path)), str(path)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, pool_size=1, max_overflow=1)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _settle)
    event.listen(engine, "begin", _begin)
    return engine


def _settle(connection: Any, record: object) -> None:
    del record
    connection.isolation_level = None
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode=WAL")
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get(WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _migrate(connection: Connection) -> None:
    """Bring the schema up to date inside the given transaction; others wait for its end."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    with as_file(files("meetbot.store") / "migrations") as scripts:
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _explain(error: Exception, place: str, verb: str) -> str:
    cause = getattr(error, "orig", None) or error
    said = str(cause)
    for sign, hint in _HINTS:
        if sign in said:
            return f"the store {place} cannot be {verb}: {hint}"
    return f"the store {place} cannot be {verb}: {said}"


_HINTS = (
    ("disk is full", "the disk is full; free some space, what was stored before is safe"),
    ("disk I/O error", "the disk reports an error (full or failing?); what was stored is safe"),
    ("is locked", f"another program has held it for over {BUSY_SECONDS:.0f} s; close that one"),
    ("readonly", "it is read-only; give this user the right to write it"),
    ("not a database", "the file is not an SQLite database; move it away or set store.folder"),
    ("malformed", "the file is damaged; restore a copy, or move it away to start anew"),
    ("Can't locate revision", "a newer version of Meetbot made it; use that version"),
)
