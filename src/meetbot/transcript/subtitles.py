"""WebVTT (W3C, with voice spans) and SubRip, by webvtt-py. All text is untrusted."""

from __future__ import annotations

import html
from io import StringIO
from typing import TYPE_CHECKING

from meetbot.core.errors import InputError
from meetbot.transcript.cues import Cue, cues

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from webvtt.models import Caption

    from meetbot.core.types import Utterance

__all__ = ["to_srt", "to_vtt", "write_srt", "write_vtt"]

MS = 1_000_000
_BRACKETS = str.maketrans("<>", "‹›")


def to_vtt(utterances: Iterable[Utterance]) -> str:
    """A WebVTT file: each cue a voice span ``<v Name>`` with its text escaped."""
    from webvtt import WebVTT

    captions = [_caption(cue, _voice(cue)) for cue in cues(utterances)]
    return str(WebVTT(captions=captions).content).rstrip("\n") + "\n"


def to_srt(utterances: Iterable[Utterance]) -> str:
    """A SubRip file: each cue ``Name: text``.

    Players of SubRip take ``<…>`` for markup and have no way to escape it, so angle brackets are
    written as their typographic kin.
    """
    from webvtt import WebVTT

    out = StringIO()
    WebVTT(captions=[_caption(cue, _plain(cue)) for cue in cues(utterances)]).write(out, "srt")
    written = out.getvalue().rstrip("\n")
    return f"{written}\n" if written else ""


def write_vtt(path: Path, utterances: Iterable[Utterance]) -> None:
    """Write ``to_vtt``, UTF-8. Raises ``InputError`` where ``path`` cannot be written."""
    _write(path, to_vtt(utterances))


def write_srt(path: Path, utterances: Iterable[Utterance]) -> None:
    """Write ``to_srt``, UTF-8. Raises ``InputError`` where ``path`` cannot be written."""
    _write(path, to_srt(utterances))


def _caption(cue: Cue, text: str) -> Caption:
    from webvtt.models import Caption

    start = cue.start_ns // MS
    return Caption(_stamp(start), _stamp(max(cue.end_ns // MS, start + 1)), text)


def _stamp(milliseconds: int) -> str:
    seconds, thousandths = divmod(max(0, milliseconds), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{thousandths:03}"


def _voice(cue: Cue) -> str:
    text = "\n".join(html.escape(line, quote=False) for line in cue.lines)
    return f"<v {html.escape(cue.speaker, quote=False)}>{text}</v>"


def _plain(cue: Cue) -> str:
    text = "\n".join((f"{cue.speaker}: {cue.lines[0]}", *cue.lines[1:]))
    return text.translate(_BRACKETS)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error
