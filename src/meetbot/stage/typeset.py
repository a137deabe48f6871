"""Text set in lines of a given width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.stage.text import ELLIPSIS

if TYPE_CHECKING:
    from meetbot.stage.fonts import Fonts

__all__ = ["fit", "wrap"]


def wrap(text: str, width: float, fonts: Fonts, size: int, weight: str) -> list[str]:
    """Lines of ``text`` no wider than ``width``; a word that is wider is cut anywhere."""
    space = fonts.width(" ", size, weight)
    lines: list[str] = []
    line, taken = "", 0.0
    for word in text.split():
        wide = fonts.width(word, size, weight)
        if line and taken + space + wide <= width:
            line, taken = f"{line} {word}", taken + space + wide
            continue
        if line:
            lines.append(line)
        *whole, line = _pieces(word, wide, width, fonts, size, weight)
        lines.extend(whole)
        taken = wide if not whole else fonts.width(line, size, weight)
    return [*lines, line] if line else lines


def fit(text: str, width: float, fonts: Fonts, size: int, weight: str) -> str:
    """``text``, or as much of its beginning as fits into ``width`` with an ellipsis."""
    if fonts.width(text, size, weight) <= width:
        return text
    while text and fonts.width(text.rstrip() + ELLIPSIS, size, weight) > width:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


def _pieces(
    word: str, wide: float, width: float, fonts: Fonts, size: int, weight: str
) -> list[str]:
    if wide <= width:
        return [word]
    pieces, piece, taken = [], "", 0.0
    for char in word:
        step = fonts.width(char, size, weight)
        if piece and taken + step > width:
            pieces.append(piece)
            piece, taken = "", 0.0
        piece, taken = piece + char, taken + step
    return [*pieces, piece]
