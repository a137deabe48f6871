"""What a catalogue entry is: frozen values, checked when they are made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from meetbot.core.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Hub",
    "ModelEntry",
    "ModelFile",
    "Package",
    "PackageKind",
    "Piece",
    "SourceError",
    "Tarball",
    "Task",
    "Wheel",
]

PackageKind = Literal["wheel", "npm"]

Task = Literal[
    "speech recognition",
    "voice activity",
    "end of turn",
    "voice-print",
    "language model",
    "text to speech",
    "face",
    "upscaling",
    "painting",
    "picture safety",
    "sentence vectors",
    "recording",
]

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class SourceError(ModelError):
    """This source does not have the bytes, or does not answer; another one may."""


def _check_sha256(value: str) -> None:
    if not _SHA256.fullmatch(value):
        raise ValueError(f"not a sha256 in lower-case hex: {value!r}")


def _check_plain_name(value: str) -> None:
    if not _PLAIN_NAME.fullmatch(value) or value.endswith((".lock", ".part")):
        raise ValueError(f"not a plain file name: {value!r}")


def _check_place(value: str) -> None:
    """A plain file name, or one in a folder of the entry's."""
    if value.count("/") > 1:
        raise ValueError(f"not a plain file name: {value!r}")
    for part in value.split("/"):
        _check_plain_name(part)


@dataclass(frozen=True, slots=True)
class _Pinned:
    """A package's file at one version. ``bytes`` is its size as downloaded."""

    name: str
    version: str
    sha256: str
    bytes: int

    def __post_init__(self) -> None:
        _check_sha256(self.sha256)


@dataclass(frozen=True, slots=True)
class Wheel(_Pinned):
    """A wheel of the Python registry."""

    kind: ClassVar[PackageKind] = "wheel"

    @property
    def requirement(self) -> str:
        return f"{self.name}=={self.version}"


@dataclass(frozen=True, slots=True)
class Tarball(_Pinned):
    """A package of npm's registry."""

    kind: ClassVar[PackageKind] = "npm"

    @property
    def requirement(self) -> str:
        return f"{self.name}@{self.version}"


Package: TypeAlias = Wheel | Tarball


@dataclass(frozen=True, slots=True)
class Piece:
    """A member of a package: a whole file, or one part of a file that is cut in several."""

    package: Package
    member: str
    sha256: str
    bytes: int

    def __post_init__(self) -> None:
        _check_sha256(self.sha256)


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file that an entry's folder holds, and where its bytes come from.

    ``name`` may be that of a file in a folder there, as ``unet/config.json``.
    ``pieces`` are joined in order. ``hub_name`` is its path in the entry's hub repository,
    None where the hub does not have it.
    """

    name: str
    sha256: str
    bytes: int
    pieces: tuple[Piece, ...] = ()
    hub_name: str | None = None

    def __post_init__(self) -> None:
        _check_place(self.name)
        _check_sha256(self.sha256)
        if self.pieces and sum(piece.bytes for piece in self.pieces) != self.bytes:
            raise ValueError(f"the pieces of {self.name} do not add up to its size")


@dataclass(frozen=True, slots=True)
class Hub:
    """A repository of the model hub at one commit."""

    repository: str
    revision: str


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One line of the catalogue.

    ``converter`` names the function of ``meetbot.models.converters`` that turns the downloaded
    ``files`` into the ones that are kept (``made``); the downloaded ones are then dropped.
    ``commercial`` says whether the licence allows commercial use.
    """

    name: str
    task: Task
    summary: str
    licence: str
    commercial: bool
    files: tuple[ModelFile, ...]
    hub: Hub | None = None
    converter: str | None = None
    made: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_plain_name(self.name)
        for name in self.made:
            _check_place(name)
        if bool(self.converter) != bool(self.made):
            raise ValueError(f"{self.name}: a converter and what it makes come together")
        if self.hub is None and not all(file.pieces for file in self.files):
            raise ValueError(f"{self.name}: a file without a source")

    @property
    def bytes(self) -> int:
        """Size of the downloaded files once unpacked."""
        return sum(file.bytes for file in self.files)

    @property
    def kept(self) -> tuple[str, ...]:
        """Names of the files in the finished folder."""
        return self.made or tuple(file.name for file in self.files)

    def packages(self) -> Iterator[Package]:
        """The packages it needs, each once, in order."""
        seen: set[Package] = set()
        for file in self.files:
            for piece in file.pieces:
                if piece.package not in seen:
                    seen.add(piece.package)
                    yield piece.package
