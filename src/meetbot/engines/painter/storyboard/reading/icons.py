"""The icons a scene is composed of: what there is, and how each is drawn."""

from __future__ import annotations

import json
import mmap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from meetbot.core.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from meetbot.models import ModelStore

__all__ = ["MODEL", "IconSet"]

MODEL: Final = "fluent-icons"
_TONES = ("light", "medium-light", "medium", "medium-dark", "dark")


@dataclass(frozen=True, slots=True)
class IconSet:
    """Icons by name, such as ``dog`` or ``man-farmer-medium-dark``."""

    _index: Mapping[str, tuple[int, int, int, int, str]] = field(repr=False)
    _fragments: mmap.mmap = field(repr=False)

    @classmethod
    def load(cls, models: ModelStore) -> Self:
        """The icons of the catalogue's ``fluent-icons``. Raises ``ModelMissing``."""
        return cls.open(models.path(MODEL))

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The icons of a folder that ``meetbot.models.icons`` wrote. Raises ``EngineError``."""
        try:
            index: dict[str, Any] = json.loads((folder / "icons.json").read_bytes())
            with (folder / "icons.svg").open("rb") as file:
                fragments = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise EngineError(f"the icons in {folder} cannot be read: {error}") from error
        return cls({name: tuple(entry) for name, entry in index.items()}, fragments)

    @property
    def names(self) -> tuple[str, ...]:
        """Every icon's name, in alphabetical order."""
        return tuple(self._index)

    def __contains__(self, name: object) -> bool:
        return name in self._index

    def body(self, name: str) -> str:
        """An SVG fragment, drawn in a box of 32 × 32; its ids begin with the icon's name.

        Raises ``KeyError`` for a name that is not in the set.
        """
        start, length, *_ = self._index[name]
        return self._fragments[start : start + length].decode()

    def kind(self, name: str) -> tuple[int, int]:
        """The group and subgroup of Unicode's emoji ordering; -1 where it is in none."""
        _, _, group, subgroup, _ = self._index[name]
        return group, subgroup

    def emoji(self, name: str) -> str:
        """The character that it is; empty for a skin tone's variant."""
        return self._index[name][4]

    def variants(self, name: str) -> tuple[str, ...]:
        """The same figure in five skin tones, the lightest first; empty where it has none."""
        toned = (f"{name}-{tone}" for tone in _TONES)
        return tuple(variant for variant in toned if variant in self._index)
