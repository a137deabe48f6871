"""Talking clips: a text said by a persona, as an mp4."""

from __future__ import annotations

from meetbot.clip.language import language_of
from meetbot.clip.render import MOST_CHARACTERS, Clip, render_clip

__all__ = ["MOST_CHARACTERS", "Clip", "language_of", "render_clip"]
