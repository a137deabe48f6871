"""What the bot shows: its video tracks, drawn from captions, notices, who speaks, and pictures."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from meetbot.stage.pictures import PICTURES_TRACK, PictureStage
from meetbot.stage.stage import STAGE_TRACK, Stage

if TYPE_CHECKING:
    from meetbot.stage.composed import Composed

__all__ = ["PICTURES_TRACK", "STAGE_TRACK", "Composed", "PictureStage", "Stage", "video_tracks"]


def video_tracks(paints: bool) -> tuple[str, ...]:
    """The tracks of a bot, besides its camera; ``paints``: whether it paints pictures."""
    return (STAGE_TRACK, PICTURES_TRACK) if paints else (STAGE_TRACK,)


def __getattr__(name: str) -> object:
    """``Composed`` comes when it is asked for: what it scales with takes a while to load."""
    if name != "Composed":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module("meetbot.stage.composed").Composed
