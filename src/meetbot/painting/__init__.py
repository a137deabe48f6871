"""The lane that decides what to paint, when, and in whose style."""

from meetbot.painting.lane import PaintingLane
from meetbot.painting.ports import PaintingSink, PresetSource
from meetbot.painting.prompt import build_prompt

__all__ = ["PaintingLane", "PaintingSink", "PresetSource", "build_prompt"]
