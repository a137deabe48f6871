"""Typefaces: Manrope (OFL, Latin and Cyrillic), and what the machine has for other scripts."""

from __future__ import annotations

import shutil
import subprocess
import sys
import unicodedata
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError
from PIL import ImageFont

from meetbot.core.errors import EngineError

__all__ = ["Face", "Fonts", "Run"]

MAX_ASKED = 48
"""How many times, at most, the machine is asked for a font: text is untrusted, asking is slow."""
MAX_WIDTHS = 4096
WIDTH_FINE = 2
"""Widths are taken from letters this many times as large, so that no pixel grid rounds them."""
STAND_IN = "▯"

_WEIGHTS = ("Regular", "Medium", "SemiBold", "Bold")
_FOLDERS = {
    "darwin": ("/System/Library/Fonts", "/System/Library/Fonts/Supplemental", "/Library/Fonts"),
    "win32": ("C:/Windows/Fonts",),
}
_OTHER_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts")
_WIDE_COVERAGE = ("DejaVuSans", "NotoSans", "Arial Unicode", "PingFang", "msyh", "segoeui", "Arial")


@dataclass(frozen=True, slots=True)
class Face:
    """A font file and the code points it draws. ``index``: which face of a collection."""

    path: str
    index: int
    codes: frozenset[int]


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that one font draws."""

    text: str
    font: ImageFont.FreeTypeFont


class Fonts:
    """Letters of all sizes and scripts. Used from one thread.

    Raises ``EngineError`` when the package with the typeface is not there.
    """

    def __init__(self) -> None:
        self._own = {weight: _own_face(weight) for weight in _WEIGHTS}
        self._others: list[Face] = []
        self._refused: set[str] = set()
        self._asked: set[str] = set()
        self._loaded: dict[tuple[str, int, int], ImageFont.FreeTypeFont] = {}
        self._widths: OrderedDict[tuple[str, int, str], float] = OrderedDict()

    def font(self, size: int, weight: str = "Medium") -> ImageFont.FreeTypeFont:
        """The stage's own typeface, ``size`` pixels high."""
        return self._open(self._own[weight], size)

    def runs(self, text: str, size: int, weight: str = "Medium") -> list[Run]:
        """``text`` cut where the font must change; letters that no font draws become one small box.

        Emoji and other signs that no font draws are left out.
        """
        runs: list[tuple[Face, list[str]]] = []
        for char in text:
            before = runs[-1][0] if runs else None
            face = self._face_of(char, self._own[weight], before)
            if face is None:
                if _may_go(char) or (runs and runs[-1][1][-1] == STAND_IN):
                    continue
                char = STAND_IN  # noqa: PLW2901
                face = self._face_of(char, self._own[weight], before) or self._own[weight]
            if face is before:
                runs[-1][1].append(char)
            else:
                runs.append((face, [char]))
        return [Run("".join(chars), self._open(face, size)) for face, chars in runs]

    def width(self, text: str, size: int, weight: str = "Medium") -> float:
        """How wide ``text`` is, in pixels: remembered, since captions repeat their words."""
        key = (text, size, weight)
        if key in self._widths:
            self._widths.move_to_end(key)
            return self._widths[key]
        runs = self.runs(text, size * WIDTH_FINE, weight)
        width = sum(float(run.font.getlength(run.text)) for run in runs) / WIDTH_FINE
        self._widths[key] = width
        if len(self._widths) > MAX_WIDTHS:
            self._widths.popitem(last=False)
        return width

    def _open(self, face: Face, size: int) -> ImageFont.FreeTypeFont:
        key = (face.path, face.index, size)
        if key not in self._loaded:
            self._loaded[key] = ImageFont.truetype(face.path, size, index=face.index)
        return self._loaded[key]

    def _face_of(self, char: str, own: Face, before: Face | None) -> Face | None:
        code = ord(char)
        if before is not None and _stays(char) and code in before.codes:
            return before
        if code in own.codes:
            return own
        for face in self._others:
            if code in face.codes:
                return face
        return None if _joins(char) else self._ask(char)

    def _ask(self, char: str) -> Face | None:
        block = f"{ord(char) >> 7:x}"
        if block in self._asked or len(self._asked) >= MAX_ASKED:
            return None
        self._asked.add(block)
        for path, index in _candidates(char):
            if path in self._refused:
                continue
            face = _face(path, index)
            if face is None:
                self._refused.add(path)
            elif ord(char) in face.codes:
                self._others.append(face)
                return face
        return None


def _joins(char: str) -> bool:
    """Marks, joiners and variation selectors: nothing of their own to show."""
    return unicodedata.category(char)[0] == "M" or char in "\u200c\u200d"


def _may_go(char: str) -> bool:
    """Whether ``char`` had better not be shown at all than as a box: no letter of any word."""
    return _joins(char) or unicodedata.category(char) in ("So", "Sk")


def _stays(char: str) -> bool:
    """Whether ``char`` is better drawn by the font of the character before it."""
    return char.isspace() or _joins(char)


def _own_face(weight: str) -> Face:
    try:
        path = resources.files("font_manrope") / "files" / f"Manrope-{weight}.ttf"
    except ModuleNotFoundError as error:
        message = "the stage has no typeface: install the package font-manrope"
        raise EngineError(message) from error
    face = _face(str(path), 0)
    if face is None:
        raise EngineError(f"the stage's typeface cannot be read: {path}; reinstall font-manrope")
    return face


@lru_cache(maxsize=64)
def _face(path: str, index: int) -> Face | None:
    """The face, or None for a file that cannot be drawn from (broken, bitmaps only)."""
    try:
        with TTFont(path, lazy=True, fontNumber=index) as table:
            codes = frozenset(table.getBestCmap() or ())
        ImageFont.truetype(path, 20, index=index).getlength("a")
    except (OSError, TTLibError, ValueError, KeyError, AssertionError):
        return None
    return Face(path, index, codes)


def _candidates(char: str) -> list[tuple[str, int]]:
    """Font files that may draw ``char``: fontconfig's answer, else those known to be broad."""
    matcher = shutil.which("fc-match")
    if matcher is None:
        return [(path, 0) for path in _broad_fonts()]
    query = [matcher, "-f", "%{file}\n%{index}", f"sans:charset={ord(char):x}"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=3, check=True)  # noqa: S603
        path, index = done.stdout.splitlines()[:2]
        return [(path, int(index) & 0xFFFF)]
    except (OSError, subprocess.SubprocessError, ValueError):
        return [(path, 0) for path in _broad_fonts()]


@lru_cache(maxsize=1)
def _broad_fonts() -> tuple[str, ...]:
    found: list[tuple[int, str]] = []
    for folder in _FOLDERS.get(sys.platform, _OTHER_FOLDERS):
        for path in sorted(Path(folder).expanduser().rglob("*.tt[fc]")):
            rank = next((i for i, n in enumerate(_WIDE_COVERAGE) if path.stem.startswith(n)), None)
            if rank is not None:
                found.append((rank, str(path)))
    return tuple(path for _, path in sorted(found)[:24])
