"""Pictures of the store as commands print them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.cli.options import console

if TYPE_CHECKING:
    from collections.abc import Iterable

    from meetbot.store.pictures import KeptPicture

__all__ = ["print_pictures"]


def print_pictures(pictures: Iterable[KeptPicture]) -> None:
    """A line for each: when, of what, in which style, and its file."""
    from rich.text import Text

    from meetbot.transcript.cues import one_line

    for picture in pictures:
        line = Text(f"{picture.at:%Y-%m-%d %H:%M:%S}  ", style="dim")
        line.append(one_line(picture.subject) or "(neutral)")
        line.append(f"  {picture.style}, {picture.engine}  {picture.path}", style="dim")
        console().print(line, soft_wrap=True)
