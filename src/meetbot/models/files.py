"""Bytes on disk: hashed while they are copied, whole or not there at all."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from meetbot.core.errors import ModelCorrupt, ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = [
    "check_sha256",
    "disk_errors",
    "folder_size",
    "keep_only",
    "open_new",
    "require_space",
    "sha256_of",
    "store_stream",
    "swap_folder",
    "sync_folder",
]

_CHUNK = 1 << 20


def open_new(path: Path) -> IO[bytes]:
    """A file to write. Every byte of a model goes through here."""
    return path.open("wb")


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn a failure of the disk into a ModelError that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ModelError(
                f"the disk is full: {folder} has no room; make some, or set models.folder"
            ) from error
        raise ModelError(
            f"the model folder cannot be written: {error}; set models.folder to another"
        ) from error


def require_space(folder: Path, needed: int) -> None:
    """Raise ModelError, before anything is fetched, where ``needed`` bytes do not fit."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ModelError(
            f"the disk is full: {needed / 1e6:,.0f} MB are needed in {folder} and "
            f"{free / 1e6:,.0f} MB are free; make room, or set models.folder"
        )


def check_sha256(what: str, expected: str, actual: str) -> None:
    """Raise ModelCorrupt, naming both hashes, where they differ."""
    if actual != expected:
        raise ModelCorrupt(f"{what} is not the catalogue's: sha256 {actual}, expected {expected}")


def sha256_of(path: Path) -> str:
    """The file's sha256 in lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(sources: Iterable[IO[bytes]], target: IO[bytes], limit: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for source in sources:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                return digest.hexdigest(), size
            digest.update(chunk)
            target.write(chunk)
    target.flush()
    os.fsync(target.fileno())
    return digest.hexdigest(), size


def store_stream(
    sources: Iterable[IO[bytes]], target: Path, *, what: str, sha256: str, size: int
) -> None:
    """Join ``sources`` into ``target``, which appears only when its size and sha256 are right.

    Raises ModelCorrupt, and leaves no file, otherwise.
    """
    partial = target.with_name(f"{target.name}.part")
    try:
        with disk_errors(target.parent), open_new(partial) as file:
            actual, length = _copy(sources, file, size)
        if length != size:
            count = f"more than {size:,}" if length > size else f"{length:,}"
            raise ModelCorrupt(f"{what} has {count} bytes, expected {size:,} (sha256 {sha256})")
        check_sha256(what, sha256, actual)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the folder's names last through a power cut, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def keep_only(folder: Path, names: Iterable[str]) -> None:
    """Remove everything in ``folder`` but the named files, which may be in folders there."""
    kept = {folder / name for name in names}
    folders = {path.parent for path in kept} - {folder}
    for place in (folder, *folders):
        for path in set(place.iterdir()) - kept - folders:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def swap_folder(new: Path, place: Path) -> None:
    """Put ``new`` at ``place``, whatever was there before."""
    sync_folder(new)
    old = new.with_name(f"{new.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    new.rename(place)
    sync_folder(place.parent)
    shutil.rmtree(old, ignore_errors=True)


def folder_size(folder: Path) -> int:
    """Bytes of all files below ``folder``; files that vanish meanwhile do not count."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(place, name)).st_size  # noqa: PTH116, PTH118
            except FileNotFoundError:
                continue
    return total
