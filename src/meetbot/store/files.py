"""Files that belong to rows of the store: pictures and references, in folders beside the database.

A file is written before its row is committed, and its row is gone before it is deleted. So a row
always has its file, whatever was killed in between; what no row names is swept away later.
"""

from __future__ import annotations

import contextlib
import errno
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Self

import platformdirs

from meetbot.core.clock import wall_now
from meetbot.core.errors import StoreError
from meetbot.core.files import OWNER_ONLY, write_whole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

__all__ = ["YOUNG_SECONDS", "StoreFiles"]

YOUNG_SECONDS = 3_600
"""A file without a row is left alone for so long: its row may be on its way."""


class StoreFiles:
    """The files in a folder, by names such as ``pictures/1f….png``. Every method blocks."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def beside(cls, location: str | Path) -> Self:
        """Beside the database in a folder; in this user's data folder for one at a URL."""
        if isinstance(location, str) and "://" in location:
            return cls(Path(platformdirs.user_data_dir("meetbot", False)))
        return cls(Path(location).expanduser())

    def path(self, name: str) -> Path:
        """Where the file of that name is."""
        return self.root / name

    def read(self, name: str) -> bytes:
        """Its bytes. Raises ``StoreError``: it is gone, or cannot be read."""
        with self._saying("read"):
            return self.path(name).read_bytes()

    def write(self, folder: str, suffix: str, data: bytes) -> str:
        """Keep ``data`` in a new file in ``folder``; returns its name. Raises ``StoreError``."""
        name = f"{folder}/{uuid.uuid4().hex}{suffix}"
        with self._saying("written"):
            self.path(folder).mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(self.path(name), data, mode=OWNER_ONLY)
        return name

    def remove(self, names: Iterable[str]) -> None:
        """Delete files; those that are gone already do no harm. Raises ``StoreError``."""
        with self._saying("deleted"):
            for name in names:
                self.path(name).unlink(missing_ok=True)

    def sweep(self, folder: str, known: Collection[str]) -> int:
        """Delete the files of ``folder`` that are not ``known`` and not young; how many."""
        place = self.path(folder)
        if not place.is_dir():
            return 0
        limit = wall_now().timestamp() - YOUNG_SECONDS
        with self._saying("cleaned"):
            orphans = [
                path
                for path in place.iterdir()
                if f"{folder}/{path.name}" not in known and path.stat().st_mtime < limit
            ]
            for path in orphans:
                path.unlink(missing_ok=True)
        return len(orphans)

    @contextlib.contextmanager
    def _saying(self, verb: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            hint = "set store.folder to a folder that can be written"
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                hint = "the disk is full; free some space, what was stored before is safe"
            raise StoreError(
                f"files of the store in {self.root} cannot be {verb}: "
                f"{error.strerror or error}; {hint}"
            ) from error
