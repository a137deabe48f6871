"""What people ask of the painter, and how they wish to be painted: English and Russian."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Command", "Commands", "Drawing", "Wish"]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture is asked for; ``subject`` is empty where the talk itself is to be painted.

    ``style``: for this picture only; None: as its speaker is painted.
    """

    subject: str
    style: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """How someone wants to be painted from now on. What is empty stays as it was.

    ``forget``: everything goes back to nothing. ``unknown``: a style that nobody knows.
    """

    style: str | None = None
    palette: tuple[str, ...] = ()
    colours: str = ""
    likes: tuple[str, ...] = ()
    dislikes: tuple[str, ...] = ()
    forget: bool = False
    unknown: str = ""


Command = Drawing | Wish


class Commands:
    """Understands what is asked of the painter; ``styles``: what each style is called."""

    def __init__(self, styles: Mapping[str, Sequence[str]]) -> None:
        self._styles = styles

    def parse(self, text: str, *, named: bool) -> Command | None:
        """What ``text``, without the bot's name, asks for; None: nothing of a painter's."""
        found = re.match(
            r"(?:please )?(?:draw|paint|sketch|нарисуй)\s+(?:me |мне )?(.+)", text, re.I
        )
        return Drawing(found.group(1)) if found else None
