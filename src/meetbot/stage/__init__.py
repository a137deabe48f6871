"""What the bot shows: its video tracks, drawn from captions, notices, who speaks, and pictures."""

from meetbot.stage.pictures import PICTURES_TRACK, PictureStage
from meetbot.stage.stage import Stage

__all__ = ["PICTURES_TRACK", "PictureStage", "Stage"]
