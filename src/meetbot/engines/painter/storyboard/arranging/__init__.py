"""The composition of an illustration: a scene of a reading."""

from meetbot.engines.painter.storyboard.arranging.arrange import arrange
from meetbot.engines.painter.storyboard.arranging.icons import shown_as

__all__ = ["arrange", "shown_as"]
