"""Draws what the storyboard paints as one page, and measures what a picture costs.

    python benchmarks/picture_sheet.py --out pictures.png
    python benchmarks/picture_sheet.py --out grid.png --styles flat,ink --palette '#1f3b57,#f25f5c'

Without ``--styles`` it is the page of twenty in the documentation; with it, a grid: a row for each
of the first ``--prompts`` prompts, a column for each style. The figures are processor
milliseconds of one 768×768 picture by style, reading and arranging included, the best of three.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
from PIL import Image, ImageDraw, ImageFont

from meetbot.config import PainterSettings
from meetbot.core.pictures import PaintRequest
from meetbot.engines.painter.storyboard.engine import StoryboardPainter
from meetbot.engines.painter.storyboard.rendering.lettering import font_file
from meetbot.engines.painter.storyboard.styles import STYLES
from meetbot.models import ModelStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

SIDE = 768
PAINTED = (1280, 720)
TILE = (500, 281)
GUTTER, MARGIN, CAPTION, HEAD = 34, 72, 82, 164
PAGE, INK, FAINT = "#f4efe6", "#26242e", "#8b8578"

SEA = ("#bfe3e0", "#e8d5b0", "#2a9d8f", "#f4a261", "#e76f51")
PLUM = ("#4a2545", "#8d6a9f", "#c5979d", "#f7c59f", "#ef6461")
MOSS = ("#cfe0c3", "#86a873", "#3d6b4f", "#e9c46a", "#bc4b51")
NORTH = ("#1f3b57", "#2f6f8f", "#5fa8a0", "#f2c14e", "#f25f5c")
ROSE = ("#f6d6cf", "#e8b4a0", "#a7bfa5", "#d98880", "#7d4e57")


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture of a page."""

    prompt: str
    style: str
    palette: tuple[str, ...] = ()
    seed: int = 1

    @property
    def language(self) -> str:
        """By its letters."""
        return "ru" if any("а" <= letter <= "я" for letter in self.prompt.casefold()) else "en"


TWENTY = (
    Shown("two friends talk about moving from Chicago to Texas", "flat"),
    Shown("бабушка собирает грибы в осеннем лесу", "watercolour"),
    Shown("the rocket launches to the moon", "night"),
    Shown("a thunderstorm over the field, cows run to the barn", "poster"),
    Shown("мы едем на море всей семьёй", "papercut", SEA, seed=4),
    Shown("two old friends drink coffee and laugh", "ink", NORTH),
    Shown("happy birthday dear Anna, the cake is huge", "pastel"),
    Shown("учительница объясняет детям таблицу умножения", "chalk"),
    Shown("our quarterly revenue grew by twenty percent", "blueprint"),
    Shown("grandma bakes apple pie in the kitchen", "watercolour", ROSE),
    Shown("ночью в городе дождь, такси не поймать", "night"),
    Shown("three dogs play in the park in spring", "flat", MOSS),
    Shown("врач принимает пациентов в больнице", "papercut"),
    Shown("a sailing boat near an island at sunset", "poster", PLUM),
    Shown("дети играют в футбол во дворе зимой", "ink"),
    Shown("the singer is on stage tonight", "flat", PLUM),
    Shown("камин, кошка и книга долгим зимним вечером", "pastel", NORTH),
    Shown("the farmer drives his tractor at harvest", "poster"),
    Shown("самолёт летит в Стамбул", "flat", SEA),
    Shown("we should refactor the database before the deadline", "chalk"),
)


async def _painted(
    painter: StoryboardPainter, shown: Shown, size: tuple[int, int]
) -> tuple[np.ndarray, float]:
    """The picture, and the processor milliseconds that it took."""
    request = PaintRequest(
        shown.prompt, "", shown.language, shown.seed, *size,
        style=shown.style, palette=shown.palette,
    )  # fmt: skip
    began = time.process_time()
    painting = await painter.paint(request)
    return painting.pixels, 1000 * (time.process_time() - began)


def _font(size: int, weight: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_file(weight), size)


def _lines(words: str, font: ImageFont.FreeTypeFont, wide: int) -> list[str]:
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= wide or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines[:2]


def _caption(draw: ImageDraw.ImageDraw, shown: Shown, left: int, top: int) -> None:
    """What was said, and how it is painted: its style and the colours it was given."""
    font, small = _font(18, "SemiBold"), _font(15, "Medium")
    quoted = f"“{shown.prompt}”" if shown.language == "en" else f"«{shown.prompt}»"
    lines = _lines(quoted, font, TILE[0])
    for number, line in enumerate(lines):
        draw.text((left, top + 23 * number), line, font=font, fill=INK)
    top += 23 * len(lines) + 4
    draw.text((left, top), shown.style, font=small, fill=FAINT)
    x = left + round(small.getlength(shown.style)) + 12
    for colour in shown.palette:
        draw.ellipse((x, top + 5, x + 12, top + 17), fill=colour, outline="#d8d0c0")
        x += 17


def _page(pictures: Sequence[tuple[Shown, np.ndarray]], columns: int, title: str) -> Image.Image:
    rows = -(-len(pictures) // columns)
    wide = 2 * MARGIN + columns * TILE[0] + (columns - 1) * GUTTER
    head = HEAD if title else MARGIN
    tall = head + rows * (TILE[1] + CAPTION) + MARGIN // 2
    page = Image.new("RGB", (wide, tall), PAGE)
    draw = ImageDraw.Draw(page)
    if title:
        draw.text((MARGIN, 44), title, font=_font(44, "ExtraBold"), fill=INK)
        said = "Pictures of what people say, in their styles and colours. Storyboard, no network."
        draw.text((MARGIN, 102), said, font=_font(18, "Medium"), fill=FAINT)
    for number, (shown, pixels) in enumerate(pictures):
        row, column = divmod(number, columns)
        left = MARGIN + column * (TILE[0] + GUTTER)
        top = head + row * (TILE[1] + CAPTION)
        small = cv2.resize(pixels, TILE, interpolation=cv2.INTER_AREA)
        page.paste(Image.fromarray(small), (left, top))
        _caption(draw, shown, left, top + TILE[1] + 8)
    return page


async def _draw(styles: Sequence[str], palette: tuple[str, ...], prompts: int) -> Image.Image:
    painter = await asyncio.to_thread(StoryboardPainter.load, ModelStore(), PainterSettings())
    if styles:
        shown = [
            Shown(one.prompt, style, palette, one.seed)
            for one in TWENTY[:prompts]
            for style in styles
        ]
    else:
        shown = list(TWENTY)
    pictures = [(one, (await _painted(painter, one, PAINTED))[0]) for one in shown]
    await painter.close()
    if styles:
        return _page(pictures, len(styles), "")
    return _page(pictures, 4, "Twenty things that were said")


async def _measured() -> dict[str, float]:
    """Milliseconds by style: the slowest of four prompts, each the best of three."""
    cv2.setNumThreads(1)
    painter = await asyncio.to_thread(StoryboardPainter.load, ModelStore(), PainterSettings())
    found = {}
    for style in STYLES:
        slowest = 0.0
        for one in TWENTY[:4]:
            shown = Shown(one.prompt, style, one.palette)
            took = [(await _painted(painter, shown, (SIDE, SIDE)))[1] for _ in range(3)]
            slowest = max(slowest, min(took))
        found[style] = round(slowest, 1)
    await painter.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--styles", default="", help="comma-separated; or 'all'")
    parser.add_argument("--palette", default="", help="comma-separated #rrggbb")
    parser.add_argument("--prompts", type=int, default=len(TWENTY))
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    styles = list(STYLES) if asked.styles == "all" else asked.styles.split(",")
    palette = tuple(filter(None, asked.palette.split(",")))
    page = asyncio.run(_draw([name for name in styles if name], palette, asked.prompts))
    page.quantize(256, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.FLOYDSTEINBERG).save(
        asked.out, optimize=True
    )
    figures = asyncio.run(_measured())
    if asked.json:
        json.dump(figures, sys.stdout, indent=2)
        return
    for style, ms in figures.items():
        sys.stdout.write(f"{style:12} {ms:6.1f} ms\n")


if __name__ == "__main__":
    main()
