"""The composition of an illustration: a scene of a reading."""

from meetbot.engines.painter.storyboard.arranging.arrange import arrange

__all__ = ["arrange"]
