"""Pictures of the store as commands show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from meetbot.cli.options import console

if TYPE_CHECKING:
    from collections.abc import Iterable

    from meetbot.store.pictures import KeptPicture

__all__ = ["described", "print_pictures"]

NS_PER_S = 1_000_000_000


def described(picture: KeptPicture) -> dict[str, Any]:
    """A picture for ``--json``. ``at``: seconds of meeting time."""
    return {
        "id": picture.id,
        "meeting": picture.meeting_id,
        "painted_at": picture.at.isoformat(),
        "at": picture.at_ns / NS_PER_S,
        "said_end": picture.said_end_ns / NS_PER_S,
        "file": str(picture.path),
        "speakers": [speaker.name for speaker in picture.speakers],
        "trigger": picture.trigger,
        "subject": picture.subject,
        "prompt": picture.prompt,
        "style": picture.style,
        "palette": list(picture.palette),
        "seed": picture.seed,
        "engine": picture.engine,
        "width": picture.width,
        "height": picture.height,
        "safe": picture.safe,
    }


def print_pictures(pictures: Iterable[KeptPicture]) -> None:
    """A line for each: when, of what, in which style, and its file."""
    from rich.text import Text

    from meetbot.transcript.cues import one_line

    for picture in pictures:
        line = Text(f"{picture.at:%Y-%m-%d %H:%M:%S}  ", style="dim")
        line.append(one_line(picture.subject) or "(neutral)")
        line.append(f"  {picture.style}, {picture.engine}  {picture.path}", style="dim")
        console().print(line, soft_wrap=True)
