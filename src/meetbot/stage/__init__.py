"""What the bot shows: its video tracks, drawn from captions, notices, who speaks, and pictures."""

from meetbot.stage.pictures import PICTURES_TRACK, PictureStage
from meetbot.stage.stage import STAGE_TRACK, Stage

__all__ = ["PICTURES_TRACK", "STAGE_TRACK", "PictureStage", "Stage", "video_tracks"]


def video_tracks(paints: bool) -> tuple[str, ...]:
    """The tracks of a bot, besides its camera; ``paints``: whether it paints pictures."""
    return (STAGE_TRACK, PICTURES_TRACK) if paints else (STAGE_TRACK,)
