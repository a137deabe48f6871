"""Prepared faces in folders: by the photo's content, and in it by the engine that prepared them.

::

    FOLDER/PHOTO/portrait.npz     the portrait, made once
    FOLDER/PHOTO/SIZE-ENGINE/     what the face engine prepared from it

Everything is written beside its place and renamed into it, so a folder that is there is whole.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.errors import StoreError
from meetbot.core.voice import Portrait
from meetbot.personas.matte import scaled

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FaceFolder"]

UNSAFE = re.compile(r"[^a-zA-Z0-9._-]+")


class FaceFolder:
    """The faces prepared from one photo, for portraits of ``size`` pixels. Blocking."""

    def __init__(self, root: Path, photo: str, size: int) -> None:
        self.path = root / photo
        self._size = size

    def prepared(self, engine: str) -> Path | None:
        """What the engine of that name and version prepared; None: nothing yet."""
        path = self._place(engine)
        return path if path.is_dir() else None

    def portrait(self) -> Portrait | None:
        """The portrait, scaled to the size that is wanted; None: not made yet, or damaged."""
        try:
            with (
                self._portrait_file().open("rb") as file,
                np.load(file, allow_pickle=False) as stored,
            ):
                kept = Portrait(stored["pixels"], stored["landmarks"], stored["mask"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        return scaled(kept, self._size)

    def keep_portrait(self, portrait: Portrait) -> None:
        """Write it. Raises ``StoreError``."""
        with _writing(self.path):
            with tempfile.NamedTemporaryFile(dir=self.path, suffix=".part", delete=False) as file:
                np.savez(
                    file, pixels=portrait.pixels, landmarks=portrait.landmarks, mask=portrait.mask
                )
            Path(file.name).replace(self._portrait_file())

    def begin(self) -> Path:
        """An empty folder for a face engine to prepare in. Raises ``StoreError``."""
        with _writing(self.path):
            return Path(tempfile.mkdtemp(dir=self.path, prefix=".preparing-"))

    def finish(self, folder: Path, engine: str) -> Path:
        """Put what was prepared in its place; what another process put there first stays."""
        place = self._place(engine)
        with _writing(self.path):
            try:
                folder.rename(place)
            except OSError:
                if not place.is_dir():
                    raise
                shutil.rmtree(folder, ignore_errors=True)
        return place

    def remove(self) -> None:
        """Delete the portrait and all that was prepared. Raises ``StoreError``."""
        with _writing(self.path):
            shutil.rmtree(self.path)

    def _portrait_file(self) -> Path:
        return self.path / "portrait.npz"

    def _place(self, engine: str) -> Path:
        return self.path / f"{self._size}-{UNSAFE.sub('_', engine)}"


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield
    except OSError as error:
        raise StoreError(
            f"the faces of personas cannot be kept in {path}: {error.strerror or error}; "
            "free some space, or set store.folder to a folder that can be written"
        ) from error
