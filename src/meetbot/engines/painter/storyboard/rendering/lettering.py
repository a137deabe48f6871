"""Words in a picture: its title, and names on signs, in Manrope. All text is untrusted."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from meetbot.core.errors import EngineError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["font_file", "plain_words", "title_lines", "width_of", "words_mask"]

LONGEST = 200
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@lru_cache(maxsize=64)
def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_file(weight), size)


@lru_cache(maxsize=8)
def font_file(weight: str = "Bold") -> str:
    """The file of the typeface. Raises ``EngineError`` where it is missing."""
    try:
        path = resources.files("font_manrope") / "files" / f"Manrope-{weight}.ttf"
    except ModuleNotFoundError as error:
        raise EngineError("the typeface is missing: install the package font-manrope") from error
    return str(path)


def plain_words(text: str) -> str:
    """``text`` on one line, of letters that Manrope draws, 200 at most."""
    words = "".join(
        " " if unicodedata.category(char) in UNSEEN else char
        for char in unicodedata.normalize("NFC", text[: 4 * LONGEST])
        if ord(char) < 0x2190 or char in "–—…«»“”„’№"
    )
    return " ".join(words.split())[:LONGEST]


def width_of(text: str, size: int, weight: str = "Bold") -> float:
    """How many pixels wide ``text`` is."""
    return float(_font(weight, size).getlength(text))


def title_lines(text: str, size: int, width: int, lines: int = 2) -> list[str]:
    """``text`` in at most so many lines of ``width`` pixels; what is too much ends in "…"."""
    words = plain_words(text).split()
    found: list[str] = []
    while words and len(found) < lines:
        line = words.pop(0)
        while words and width_of(f"{line} {words[0]}", size) <= width:
            line = f"{line} {words.pop(0)}"
        found.append(line)
    if found and (words or width_of(found[-1], size) > width):
        last = found[-1]
        while last and width_of(f"{last}…", size) > width:
            last = last[:-1]
        found[-1] = f"{last.rstrip(' ,.;:')}…"
    return found


def words_mask(lines: list[str], size: int, weight: str = "Bold") -> NDArray[np.uint8]:
    """The lines as coverage 0…255, shape (height, width), 1.18 sizes apart."""
    font = _font(weight, size)
    step = round(size * 1.18)
    wide = max((width_of(line, size, weight) for line in lines), default=0.0)
    image = Image.new("L", (int(wide) + 4, step * len(lines) + size // 3))
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        draw.text((1, number * step), line, font=font, fill=255)
    return np.asarray(image, np.uint8)
