"""Folders: room on the disk, the right to write, and a database that is whole."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from meetbot.doctor.findings import Finding, Verdict
from meetbot.models import ModelStore
from meetbot.store import FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meetbot.config import Settings

__all__ = ["check"]

GB = 10**9
NEEDED_FOR_DATA = 0.2 * GB
GOOD_FOR_DATA = 2 * GB
_GROUP = "storage"


def check(settings: Settings) -> Iterator[Finding]:
    """The models' folder and the store's."""
    models = ModelStore.configured(settings.models)
    missing = sum(
        models.entry(name).bytes
        for name in models.expand(["embedded"])
        if models.state(name) != "ready"
    )
    yield _folder("models' folder", models.folder, "models.folder", missing * 2.2)
    location = settings.store.location
    if isinstance(location, Path):
        yield _folder("store's folder", location, "store.folder", NEEDED_FOR_DATA)
        yield from _database(location / FILE_NAME)
    else:
        found = f"at a URL ({location.split('://')[0]})"
        advice = "not tried here: meetbot serve opens it before any room"
        yield Finding(_GROUP, "database", Verdict.WARN, found, advice)


def _folder(name: str, folder: Path, key: str, needed: float) -> Finding:
    place = folder
    while not place.exists():
        place = place.parent
    found = f"{folder}"
    try:
        with tempfile.TemporaryFile(dir=place):
            free = shutil.disk_usage(place).free
    except OSError as error:
        advice = f"let this user write there, or set {key}"
        return Finding(_GROUP, name, Verdict.FAIL, f"{found}: {error.strerror}", advice)
    found = f"{found} ({free / GB:.1f} GB free)"
    if free < needed:
        advice = f"needs {needed / GB:.1f} GB: make room, or set {key} to another disk"
        return Finding(_GROUP, name, Verdict.FAIL, found, advice)
    if free < needed + GOOD_FOR_DATA:
        return Finding(_GROUP, name, Verdict.WARN, found, "the disk is nearly full")
    return Finding(_GROUP, name, Verdict.OK, found)


def _database(file: Path) -> Iterator[Finding]:
    if not file.exists():
        yield Finding(_GROUP, "database", Verdict.OK, "none yet: the first meeting makes it")
        return
    try:
        uri = f"{file.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=5)) as connection:
            answer = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        answer = str(error)
    found = f"{file.name}, {file.stat().st_size / 1e6:.1f} MB"
    if answer == "ok":
        yield Finding(_GROUP, "database", Verdict.OK, found)
    else:
        advice = f"restore {file} from a backup, or move it away to begin anew"
        yield Finding(_GROUP, "database", Verdict.FAIL, f"{found}: {answer}", advice)
