"""What the bot shows: its video track, drawn from captions, notices and who is speaking."""

from meetbot.stage.stage import Stage

__all__ = ["Stage"]
