"""Small wheels and catalogue entries for the tests of the model store."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from meetbot.models.entries import (
    Hub,
    ModelEntry,
    ModelFile,
    Piece,
    SourceError,
    Wheel,
)

if TYPE_CHECKING:
    from pathlib import Path

    from meetbot.models.entries import Package, PackageKind

__all__ = [
    "FolderClient",
    "build_wheel",
    "entry_of",
    "sha256",
    "split_entry",
    "whole_file",
]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def build_wheel(folder: Path, package: str, members: dict[str, bytes]) -> Wheel:
    """A wheel that pip and uv take, with these members; returns how a catalogue pins it."""
    module = package.replace("-", "_")
    info = f"{module}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n".encode()
    tags = b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files = {**members, f"{info}/METADATA": metadata, f"{info}/WHEEL": tags}
    record = "".join(f"{name},,\n" for name in (*files, f"{info}/RECORD"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{module}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**files, f"{info}/RECORD": record.encode()}.items():
            archive.writestr(name, data)
    return Wheel(package, "1.0", sha256(path.read_bytes()), path.stat().st_size)


def whole_file(name: str, wheel: Wheel, member: str, data: bytes) -> ModelFile:
    digest = sha256(data)
    return ModelFile(name, digest, len(data), (Piece(wheel, member, digest, len(data)),), name)


def entry_of(name: str, *files: ModelFile, commercial: bool = True) -> ModelEntry:
    licence = "MIT" if commercial else "CC-BY-NC-4.0"
    return ModelEntry(
        name=name,
        task="recording",
        summary="made by a test",
        licence=licence,
        commercial=commercial,
        files=files,
        hub=None if all(file.pieces for file in files) else Hub("someone/something", "0" * 40),
    )


def split_entry(folder: Path, name: str, halves: tuple[bytes, bytes]) -> ModelEntry:
    """An entry whose one file is cut over two wheels, written into ``folder``."""
    pieces = tuple(
        Piece(
            build_wheel(folder, f"{name}-part{number}", {f"data/model.bin.part{number}": half}),
            f"data/model.bin.part{number}",
            sha256(half),
            len(half),
        )
        for number, half in enumerate(halves, start=1)
    )
    joined = b"".join(halves)
    return entry_of(name, ModelFile("model.bin", sha256(joined), len(joined), pieces))


@dataclass(frozen=True)
class _Opened:
    path: Path

    def open(self, member: str) -> IO[bytes]:
        return zipfile.ZipFile(self.path).open(member)


@dataclass
class FolderClient:
    """A package client without a network: takes wheels from a folder, and counts."""

    folder: Path
    fetched: list[str] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)
    name: str = "folder"
    kind: PackageKind = "wheel"

    def fetch(self, wheel: Package, folder: Path) -> _Opened:
        self.fetched.append(wheel.name)
        path = self.folder / f"{wheel.name.replace('-', '_')}-1.0-py3-none-any.whl"
        if wheel.name in self.absent or not path.exists():
            raise SourceError(f"no package is called {wheel.name}")
        return _Opened(path)
