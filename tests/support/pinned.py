"""Stores whose catalogue pins whatever lies in a folder: to see what engines make of bad files."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from meetbot.models import CATALOGUE, ModelStore
from meetbot.models.entries import ModelFile
from meetbot.models.files import sha256_of
from meetbot.models.manifest import write_manifest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from meetbot.models import ModelEntry

__all__ = ["cut_model", "pin", "pin_all"]


def pin(folder: Path, name: str) -> ModelStore:
    """A store in ``folder`` whose entry ``name`` pins the files as they now lie there."""
    return ModelStore(folder, hub=False, catalogue={name: _pinned(folder, name)}, clients=())


def pin_all(folder: Path, names: Iterable[str]) -> ModelStore:
    """A store in ``folder`` with the whole catalogue, where ``names`` are as they now lie there."""
    pinned = {name: _pinned(folder, name) for name in names}
    return ModelStore(folder, hub=False, catalogue={**CATALOGUE, **pinned}, clients=())


def _pinned(folder: Path, name: str) -> ModelEntry:
    entry = CATALOGUE[name]
    lie = ((file, folder / name / file) for file in entry.kept)
    files = tuple(
        ModelFile(file, sha256_of(path), path.stat().st_size, hub_name=file) for file, path in lie
    )
    hub = entry.hub or CATALOGUE["spkrec-ecapa-voxceleb"].hub
    pinned = replace(entry, files=files, hub=hub, converter=None, made=())
    write_manifest(folder / name, pinned)
    return pinned


def cut_model(models: ModelStore, folder: Path, name: str, file: str, keep: int) -> ModelStore:
    """The model ``name`` in ``folder``, with only the first ``keep`` bytes of ``file``; pinned."""
    (folder / name).mkdir(parents=True)
    for path in models.path(name).iterdir():
        place = folder / name / path.name
        if path.name == file:
            place.write_bytes(path.read_bytes()[:keep])
        elif path.name != ".manifest.json":
            shutil.copyfile(path, place)
    return pin(folder, name)
