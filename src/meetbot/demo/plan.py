"""Who comes to a meeting of the demo or a benchmark, and what they say when."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["GuestPlan", "PlannedQuestion", "PlannedSound"]


@dataclass(frozen=True, slots=True)
class PlannedSound:
    """``file`` is played from ``at`` seconds after the common beginning, or when the last ends."""

    at: float
    file: str


@dataclass(frozen=True, slots=True)
class PlannedQuestion:
    """``file`` says ``text``, ``at`` seconds after the beginning or when the bot has finished.

    ``barge_in``: a file to play into the answer, ``barge_in_after`` seconds after it was first
    heard.
    """

    text: str
    file: str
    at: float = 0.0
    barge_in: str | None = None
    barge_in_after: float = 1.5


@dataclass(frozen=True, slots=True)
class GuestPlan:
    """One participant, a process of its own. ``watch``: a folder to keep what it received in.

    ``questions`` are asked after ``sounds``. ``video``: whether the bot's pictures are
    received; ``record``: whether a watcher keeps them, and the sound, as ``demo.mp4``. ``server``
    is the address that the room's ``kind`` has; ``token``: to join with, where it wants one.
    """

    server: str
    room: str
    name: str
    sounds: tuple[PlannedSound, ...] = ()
    shared_microphone: bool = False
    watch: str | None = None
    video: bool = False
    record: bool = False
    questions: tuple[PlannedQuestion, ...] = ()
    kind: Literal["webrtc", "livekit"] = "webrtc"
    token: str | None = field(default=None, repr=False)

    @property
    def hears(self) -> bool:
        """Whether it needs any sound of others."""
        return self.watch is not None or bool(self.questions)

    def write(self, path: Path) -> None:
        """Write it as JSON, for the guest's process to read, and for nobody else."""
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(json.dumps(asdict(self), ensure_ascii=False), "utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what ``write`` wrote."""
        values = json.loads(path.read_text("utf-8"))
        values["sounds"] = tuple(PlannedSound(**sound) for sound in values["sounds"])
        values["questions"] = tuple(PlannedQuestion(**one) for one in values["questions"])
        return cls(**values)
