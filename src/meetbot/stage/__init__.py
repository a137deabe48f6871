"""What the bot shows: its video tracks, drawn from captions, notices, who speaks, and pictures."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from meetbot.stage.pictures import PICTURES_TRACK, PictureStage
from meetbot.stage.stage import STAGE_TRACK, Stage

if TYPE_CHECKING:
    from meetbot.stage.composed import Composed

__all__ = [
    "AVATAR_TRACK",
    "PICTURES_TRACK",
    "STAGE_TRACK",
    "Composed",
    "PictureStage",
    "Stage",
    "video_tracks",
]


AVATAR_TRACK = "avatar"
"""The bot's camera: its face, where it talks."""


def video_tracks(*, talks: bool, paints: bool) -> tuple[str, ...]:
    """A bot's videos, the first ones first where a room does not take them all."""
    if not talks:
        return (STAGE_TRACK, PICTURES_TRACK) if paints else (STAGE_TRACK,)
    return (AVATAR_TRACK, PICTURES_TRACK, STAGE_TRACK) if paints else (AVATAR_TRACK, STAGE_TRACK)


def __getattr__(name: str) -> object:
    """``Composed`` comes when it is asked for: what it scales with takes a while to load."""
    if name != "Composed":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module("meetbot.stage.composed").Composed
