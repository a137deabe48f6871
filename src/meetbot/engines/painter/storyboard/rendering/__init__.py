"""Makes pixels of a scene, in a style and a palette."""

from meetbot.engines.painter.storyboard.rendering.palette import palette_after
from meetbot.engines.painter.storyboard.rendering.renderer import Renderer

__all__ = ["Renderer", "palette_after"]
