"""Recordings to who said what, by the same pipeline that hears a meeting."""

from meetbot.transcribe.transcriber import Transcriber, Transcript

__all__ = ["Transcriber", "Transcript"]
