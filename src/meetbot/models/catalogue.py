"""The catalogue: every model that Meetbot loads, pinned byte for byte, one file of ``data`` each.

``data/NAME.toml`` describes the entry NAME::

    task = "…"                      # of entries.Task
    summary = "…"                   # what it is, in a few words
    licence = "MIT"                 # SPDX where there is one
    commercial = true               # whether the licence allows commercial use
    sets = ["embedded"]             # optional: what it is pulled with
    hub = "owner/name@commit"       # optional: where the hub has the files
    converter = "…"                 # optional, with made = ["file", …]: see entries.ModelEntry

    [wheels]                        # optional: packages that carry the same bytes
    package-name = { version = "1.0", sha256 = "…", bytes = 1 }

    [npm]                           # optional: the same, of npm's registry
    "@scope/name" = { version = "1.0.0", sha256 = "…", bytes = 1 }

    [[files]]
    name = "model.bin"
    sha256 = "…"
    bytes = 1
    wheel = "package-name"          # which wheel has it (or npm = …), …
    member = "folder/model.bin"     # … and where in that wheel; or, for a file that is cut up:
    parts = [{ wheel = "…", member = "…", sha256 = "…", bytes = 1 }]

A wheel is only another way to the official bytes, which its files were compared with. The sha256
of entries that only the hub has are those that several other projects pin for the same commit;
they were not downloaded here. Add an entry together with the code that loads it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args

from meetbot.models.entries import Hub, ModelEntry, ModelFile, Piece, Tarball, Task, Wheel

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from meetbot.models.entries import Package

__all__ = ["CATALOGUE", "SETS", "read_entry"]

T = TypeVar("T")


def read_entry(name: str, text: str) -> tuple[ModelEntry, tuple[str, ...]]:
    """The entry that ``text`` (TOML, as above) describes, and the sets that it is in.

    Raises ``ValueError``, naming the entry, where the text does not describe one.
    """
    try:
        return _entry(name, tomllib.loads(text))
    except KeyError as error:
        raise ValueError(f"the catalogue's {name}: {error} is missing") from error
    except (TypeError, ValueError) as error:
        raise ValueError(f"the catalogue's {name}: {error}") from error


def _entry(name: str, table: dict[str, Any]) -> tuple[ModelEntry, tuple[str, ...]]:
    if table["task"] not in get_args(Task):
        raise ValueError(f"no task is called {table['task']!r}")
    packages: dict[str, Package] = {
        name: Wheel(name, **pinned) for name, pinned in table.pop("wheels", {}).items()
    }
    packages |= {name: Tarball(name, **pinned) for name, pinned in table.pop("npm", {}).items()}
    repository, _, revision = table.pop("hub", "").partition("@")
    hub = Hub(repository, revision) if repository else None
    found = tuple(_file(file, packages, hub) for file in table.pop("files"))
    sets = tuple(table.pop("sets", ()))
    made = tuple(table.pop("made", ()))
    return ModelEntry(name=name, files=found, hub=hub, made=made, **table), sets


def _file(table: dict[str, Any], packages: Mapping[str, Package], hub: Hub | None) -> ModelFile:
    parts = table.pop("parts", [])
    for kind in ("wheel", "npm"):
        if kind in table:
            whole = {"sha256": table["sha256"], "bytes": table["bytes"]}
            parts = [{kind: table.pop(kind), "member": table.pop("member"), **whole}]
    pieces = tuple(
        Piece(packages[part.pop("npm" if "npm" in part else "wheel")], **part) for part in parts
    )
    return ModelFile(pieces=pieces, hub_name=table["name"] if hub else None, **table)


class _Read(Mapping[str, T], Generic[T]):
    """A mapping that is made when it is first looked into."""

    def __init__(self, make: Callable[[], dict[str, T]]) -> None:
        self._made = cache(make)

    def __getitem__(self, key: str) -> T:
        return self._made()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made())

    def __len__(self) -> int:
        return len(self._made())


@cache
def _read() -> list[tuple[ModelEntry, tuple[str, ...]]]:
    """Everything, by task and then by name."""
    tasks = get_args(Task)
    described: list[Traversable] = list((files("meetbot.models") / "data").iterdir())
    entries = [
        read_entry(file.name.removesuffix(".toml"), file.read_text(encoding="utf-8"))
        for file in described
        if file.name.endswith(".toml")
    ]
    return sorted(entries, key=lambda read: (tasks.index(read[0].task), read[0].name))


def _entries() -> dict[str, ModelEntry]:
    return {entry.name: entry for entry, _ in _read()}


def _sets() -> dict[str, tuple[str, ...]]:
    names = dict.fromkeys(name for _, sets in _read() for name in sets)
    return {name: tuple(entry.name for entry, sets in _read() if name in sets) for name in names}


CATALOGUE: Mapping[str, ModelEntry] = _Read(_entries)
"""Every entry by its name."""

SETS: Mapping[str, tuple[str, ...]] = _Read(_sets)
"""Names that stand for several entries."""
