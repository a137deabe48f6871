"""What a text is about: words become icons, places, moods and a title."""

from __future__ import annotations

from meetbot.engines.painter.storyboard.reading.icons import IconSet

__all__ = ["IconSet"]
