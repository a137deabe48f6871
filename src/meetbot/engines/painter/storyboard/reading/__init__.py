"""What a text is about: words become icons, places, moods and a title."""

from __future__ import annotations

from meetbot.engines.painter.storyboard.reading.icons import IconSet
from meetbot.engines.painter.storyboard.reading.reader import Reader

__all__ = ["IconSet", "Reader"]
