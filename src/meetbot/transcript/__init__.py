"""What was said as files to read, and that other programs read: HTML, Markdown, WebVTT, JSON."""

from meetbot.transcript.cues import Cue, cues
from meetbot.transcript.documents import to_document, to_markdown
from meetbot.transcript.illustrated import Illustrated, to_html
from meetbot.transcript.subtitles import to_srt, to_vtt, write_srt, write_vtt

__all__ = [
    "Cue",
    "Illustrated",
    "cues",
    "to_document",
    "to_html",
    "to_markdown",
    "to_srt",
    "to_vtt",
    "write_srt",
    "write_vtt",
]
