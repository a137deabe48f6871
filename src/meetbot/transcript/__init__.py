"""What was said as files that other programs read: WebVTT, SubRip, Markdown, JSON."""

from meetbot.transcript.cues import Cue, cues
from meetbot.transcript.documents import to_document, to_markdown
from meetbot.transcript.subtitles import to_srt, to_vtt, write_srt, write_vtt

__all__ = [
    "Cue",
    "cues",
    "to_document",
    "to_markdown",
    "to_srt",
    "to_vtt",
    "write_srt",
    "write_vtt",
]
