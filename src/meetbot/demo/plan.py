"""Who comes to a meeting of the demo or a benchmark, and what they say when."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["GuestPlan", "PlannedSound"]


@dataclass(frozen=True, slots=True)
class PlannedSound:
    """``file`` is played from ``at`` seconds after the common beginning, or when the last ends."""

    at: float
    file: str


@dataclass(frozen=True, slots=True)
class GuestPlan:
    """One participant, a process of its own. ``watch``: a folder to keep what it received in.

    ``video``: whether a watcher receives the bot's picture and records ``demo.mp4``.
    """

    server: str
    room: str
    name: str
    sounds: tuple[PlannedSound, ...] = ()
    shared_microphone: bool = False
    watch: str | None = None
    video: bool = False

    def write(self, path: Path) -> None:
        """Write it as JSON, for the guest's process to read."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False), "utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what ``write`` wrote."""
        values = json.loads(path.read_text("utf-8"))
        values["sounds"] = tuple(PlannedSound(**sound) for sound in values["sounds"])
        return cls(**values)
