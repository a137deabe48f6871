"""Packages, fetched by the client that the machine has, and opened as plain data.

The client is the user's own (pip or uv; for npm's packages see ``npm``), so that their index,
mirror, proxy and credentials hold. Nothing of a package is imported or run: no source packages,
no dependencies, no bytecode, no scripts.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, ClassVar, Protocol

from meetbot.core.errors import ModelCorrupt, ModelError
from meetbot.models.entries import SourceError
from meetbot.models.files import check_sha256, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from meetbot.models.entries import Package, PackageKind

__all__ = [
    "PackageClient",
    "Parcel",
    "Pip",
    "Uv",
    "fetch_package",
    "find_clients",
    "find_uv",
    "run_client",
]

_TIMEOUT_S = 1800.0


class Parcel(Protocol):
    """A fetched package, from which members are read by name."""

    def open(self, member: str) -> IO[bytes]:
        """The member's bytes. Raises ModelCorrupt where it is not a plain file of it."""
        ...


class PackageClient(Protocol):
    """Something that fetches a package from its registry."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> PackageKind:
        """Which packages it fetches."""
        ...

    def fetch(self, package: Package, folder: Path) -> Parcel:
        """Fetch into ``folder`` (empty). Raises ModelCorrupt for other bytes, else SourceError."""
        ...


@dataclass(frozen=True, slots=True)
class _ZipParcel:
    path: Path

    def open(self, member: str) -> IO[bytes]:
        try:
            archive = zipfile.ZipFile(self.path)
        except zipfile.BadZipFile as error:
            raise ModelCorrupt(f"{self.path.name} is not a wheel: {error}") from error
        _refuse_unsafe(archive, self.path.name)
        try:
            return archive.open(member)
        except KeyError:
            raise ModelCorrupt(f"{self.path.name} has no {member}") from None


@dataclass(frozen=True, slots=True)
class _FolderParcel:
    root: Path
    wheel: str

    def open(self, member: str) -> IO[bytes]:
        path = (self.root / member).resolve()
        if not path.is_relative_to(self.root.resolve()) or not path.is_file():
            raise ModelCorrupt(f"{self.wheel} has no {member}")
        return path.open("rb")


def _refuse_unsafe(archive: zipfile.ZipFile, name: str) -> None:
    """A wheel with names that lead out of it, or with links, is hostile as a whole."""
    for info in archive.infolist():
        path = PurePosixPath(info.filename.replace("\\", "/"))
        link = stat.S_ISLNK(info.external_attr >> 16)
        if path.is_absolute() or ".." in path.parts or ":" in info.filename or link:
            raise ModelCorrupt(f"{name} holds an unsafe name, and is not used: {info.filename!r}")


def run_client(
    command: Sequence[str],
    name: str,
    package: Package,
    environment: dict[str, str],
    folder: Path | None = None,
) -> None:
    """Run a package client, in ``folder``. Raises as ``PackageClient.fetch`` does."""
    try:
        result = subprocess.run(  # noqa: S603  # no shell; the arguments are the catalogue's
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SourceError(f"{name} did not fetch {package.requirement} in time") from error
    except OSError as error:
        raise SourceError(f"{name} cannot be run: {error}") from error
    if result.returncode:
        _explain(result.stderr, name, package)


def _explain(output: str, name: str, package: Package) -> None:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if any("no space left on device" in line.lower() for line in lines):
        raise ModelError(
            f"the disk is full: {name} could not store {package.requirement}; "
            "make room, or set models.folder"
        )
    if any("Hash mismatch" in line for line in lines):
        raise ModelCorrupt(
            f"{package.requirement} is not the catalogue's: {' '.join(lines[-4:])} "
            f"(expected sha256 {package.sha256})"
        )
    errors = [line for line in lines if "error" in line.lower()] or lines[-1:]
    raise SourceError(f"{name} could not fetch {package.requirement}: {' '.join(errors)[:400]}")


@dataclass(frozen=True, slots=True)
class Pip:
    """``pip download``: ``command`` starts pip."""

    command: tuple[str, ...]

    kind: ClassVar[PackageKind] = "wheel"

    @property
    def name(self) -> str:
        return "pip"

    def fetch(self, package: Package, folder: Path) -> Parcel:
        scratch = folder / "scratch"
        scratch.mkdir(parents=True)
        command = [*self.command, "download", "--no-deps", "--only-binary=:all:"]
        command += [
            "--no-cache-dir",
            "--no-input",
            "--disable-pip-version-check",
            "--progress-bar=off",
            "--quiet",
        ]
        command += ["--dest", str(folder), package.requirement]
        run_client(command, self.name, package, {"TMPDIR": str(scratch), "TEMP": str(scratch)})
        found = sorted(folder.glob("*.whl"))
        if len(found) != 1:
            raise SourceError(f"pip fetched {len(found)} files for {package.requirement}, not one")
        check_sha256(found[0].name, package.sha256, sha256_of(found[0]))
        return _ZipParcel(found[0])


@dataclass(frozen=True, slots=True)
class Uv:
    """``uv pip install --target``, which only unpacks a wheel; uv itself checks its sha256."""

    command: tuple[str, ...]

    kind: ClassVar[PackageKind] = "wheel"

    @property
    def name(self) -> str:
        return "uv"

    def fetch(self, package: Package, folder: Path) -> Parcel:
        folder.mkdir(parents=True, exist_ok=True)
        folder = folder.resolve()
        target, wanted = folder / "wheel", folder / "wanted.txt"
        wanted.write_text(
            f"{package.requirement} --hash=sha256:{package.sha256}\n", encoding="utf-8"
        )
        command = [*self.command, "pip", "install", "--no-deps", "--no-build", "--require-hashes"]
        command += ["--python", sys.executable, "--target", str(target)]
        command += ["--no-progress", "--color=never", "--requirements", str(wanted)]
        # Its own cache: no second copy is left behind, and progress can be seen there.
        kept = {"UV_CACHE_DIR": str(folder / "cache"), "UV_LINK_MODE": "hardlink"}
        # From there: uv obeys the pyproject.toml of where it is run, its constraints too.
        run_client(command, self.name, package, {**kept, "UV_COMPILE_BYTECODE": "false"}, folder)
        return _FolderParcel(target, package.requirement)


def find_clients() -> tuple[PackageClient, ...]:
    """The clients of this machine for wheels, the nearest first; empty where there is none."""
    clients: list[PackageClient] = []
    if importlib.util.find_spec("pip"):
        clients.append(Pip((sys.executable, "-m", "pip")))
    if uv := find_uv():
        clients.append(Uv((uv,)))
    pip = shutil.which("pip3") or shutil.which("pip")
    if pip and not clients:
        clients.append(Pip((pip,)))
    return tuple(clients)


def find_uv() -> str | None:
    """The user's uv, else the one that came with us."""
    return os.environ.get("UV") or shutil.which("uv") or _installed_uv()


def _installed_uv() -> str | None:
    """The uv that came with us, on no PATH."""
    try:
        from uv import find_uv_bin

        return find_uv_bin()
    except (ImportError, FileNotFoundError):
        return None


@contextmanager
def fetch_package(
    package: Package, clients: Sequence[PackageClient], folder: Path
) -> Iterator[Parcel]:
    """The package from the first client that gets it; what it left in ``folder`` goes at the end.

    Raises ModelCorrupt at once where the bytes are not the pinned ones, SourceError where no
    client gets it, ModelError where the disk is full.
    """
    failures: list[str] = []
    able = [client for client in clients if client.kind == package.kind]
    if not able:
        nearest = "npm" if package.kind == "npm" else "pip"
        failures.append(f"neither {nearest} nor uv is on this machine")
    try:
        for client in able:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            try:
                parcel = client.fetch(package, folder)
            except SourceError as error:
                failures.append(str(error))
                continue
            yield parcel
            return
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    raise SourceError("; ".join(failures))
