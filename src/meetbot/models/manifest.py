"""What was verified in a model's folder, so that the next look costs a few file stats."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meetbot.core.errors import ModelCorrupt, ModelMissing
from meetbot.core.files import write_whole
from meetbot.models.files import check_sha256, disk_errors, sha256_of

if TYPE_CHECKING:
    from pathlib import Path

    from meetbot.models.entries import ModelEntry

__all__ = ["MANIFEST", "Manifest", "check_folder", "write_manifest"]

MANIFEST = ".manifest.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class _Seal:
    sha256: str
    bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """The sha256 of what was downloaded, and the seal of each file that is kept."""

    sources: dict[str, str]
    files: dict[str, _Seal]


def _sources(entry: ModelEntry) -> dict[str, str]:
    return {file.name: file.sha256 for file in entry.files}


def _seal(path: Path) -> _Seal:
    status = path.stat()
    return _Seal(sha256_of(path), status.st_size, status.st_mtime_ns)


def _save(folder: Path, manifest: Manifest) -> None:
    data = {
        "format": _FORMAT,
        "sources": manifest.sources,
        "files": {
            name: {"sha256": seal.sha256, "bytes": seal.bytes, "mtime_ns": seal.mtime_ns}
            for name, seal in manifest.files.items()
        },
    }
    with disk_errors(folder):
        write_whole(folder / MANIFEST, json.dumps(data, indent=1).encode())


def write_manifest(folder: Path, entry: ModelEntry) -> None:
    """Seal a folder whose downloaded files were just verified."""
    _save(folder, Manifest(_sources(entry), {name: _seal(folder / name) for name in entry.kept}))


def _load(folder: Path, entry: ModelEntry) -> Manifest:
    try:
        data = json.loads((folder / MANIFEST).read_bytes())
        manifest = Manifest(
            dict(data["sources"]), {name: _Seal(**seal) for name, seal in data["files"].items()}
        )
    except FileNotFoundError:
        raise ModelMissing(
            f"the model {entry.name} is not on this machine; run: meetbot models pull {entry.name}"
        ) from None
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ModelCorrupt(
            f"{folder / MANIFEST} cannot be read; run: meetbot models pull {entry.name}"
        ) from error
    if manifest.sources != _sources(entry) or set(manifest.files) != set(entry.kept):
        raise ModelMissing(
            f"the model {entry.name} on this machine is another version than the catalogue's; "
            f"run: meetbot models pull {entry.name}"
        )
    return manifest


def _compare(path: Path, seal: _Seal, *, rehash: bool) -> bool:
    """Whether the seal stands as it is; False where only the time differs."""
    try:
        status = path.stat()
    except FileNotFoundError:
        raise ModelCorrupt(f"{path} is gone") from None
    if status.st_size != seal.bytes:
        raise ModelCorrupt(
            f"{path} has {status.st_size:,} bytes, expected {seal.bytes:,} (sha256 {seal.sha256})"
        )
    same_time = status.st_mtime_ns == seal.mtime_ns
    if rehash or not same_time:
        check_sha256(str(path), seal.sha256, sha256_of(path))
    return same_time


def _check_file(path: Path, seal: _Seal, name: str, *, rehash: bool, discard: bool) -> bool:
    try:
        return _compare(path, seal, rehash=rehash)
    except ModelCorrupt as error:
        removed = "; the file was removed" if discard and path.exists() else ""
        if discard:
            path.unlink(missing_ok=True)
        raise ModelCorrupt(f"{error}{removed}; run: meetbot models pull {name}") from None


def check_folder(
    folder: Path, entry: ModelEntry, *, rehash: bool = False, discard: bool = True
) -> None:
    """Check an entry's folder: presence and size always, sha256 of what changed, or of all.

    Raises ModelMissing where it was never pulled or is of another version; ModelCorrupt where a
    file is gone, cut short or has other bytes. Such a file is removed, unless ``discard`` is off.
    """
    manifest = _load(folder, entry)
    for file in entry.files:
        if file.name in manifest.files:
            check_sha256(file.name, file.sha256, manifest.files[file.name].sha256)
    unchanged = [
        _check_file(folder / name, seal, entry.name, rehash=rehash, discard=discard)
        for name, seal in manifest.files.items()
    ]
    if not all(unchanged):
        seals = {
            name: _Seal(seal.sha256, seal.bytes, (folder / name).stat().st_mtime_ns)
            for name, seal in manifest.files.items()
        }
        _save(folder, Manifest(manifest.sources, seals))
