"""The things of a scene as one SVG drawing, back to front, each with its shadow on the ground."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.extents import extent
from meetbot.engines.painter.storyboard.rendering.colour import (
    Lab,
    hex_of,
    lab,
    luminance,
    mix,
    shade,
)
from meetbot.engines.painter.storyboard.rendering.lettering import plain_words, width_of
from meetbot.engines.painter.storyboard.values import Arrow, Band, Bubble, Panel, Sign, Sprite

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.rendering.styles import Style
    from meetbot.engines.painter.storyboard.rendering.tinting import Tinting
    from meetbot.engines.painter.storyboard.rendering.tones import Tones
    from meetbot.engines.painter.storyboard.values import Item

__all__ = ["Draughtsman"]

DARK = lab("#2a2f45")
WHITE = lab("#ffffff")
LIGHT = 0.3
"""How much of the hour's light reaches signs and arrows."""
MOST_LETTERS = 22


@dataclass(frozen=True, slots=True)
class Draughtsman:
    """Draws items ``width`` × ``height`` pixels, in a style.

    ``shadow``: how long shadows are, to the left (-) or to the right.
    """

    tinting: Tinting
    tones: Tones
    look: Style
    width: int
    height: int
    shadow: float = 0.0

    def drawing(self, items: tuple[Item, ...]) -> str:
        """All of them as an SVG document."""
        parts = "".join(self._item(item) for item in items)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}" '
            f'viewBox="0 0 {self.width} {self.height}"><defs><radialGradient id="shadow">'
            '<stop offset="0" stop-color="#10142c" stop-opacity=".34"/>'
            '<stop offset=".6" stop-color="#10142c" stop-opacity=".2"/>'
            '<stop offset="1" stop-color="#10142c" stop-opacity="0"/></radialGradient></defs>'
            f"{parts}</svg>"
        )

    def _item(self, item: Item) -> str:
        match item:
            case Sprite():
                return self._sprite(item)
            case Sign():
                return self._sign(item)
            case Band():
                return ""  # it belongs to the backdrop
            case Bubble():
                return self._bubble(item)
            case Panel():
                return self._panel(item)
            case Arrow():
                return self._arrow(item)

    def _sprite(self, sprite: Sprite) -> str:
        body = self.tinting.body(sprite.icon, self.tones, self.look.ink, sprite.depth)
        box = extent(sprite.icon)
        scale = sprite.height * self.height / (box.bottom - box.top)
        middle, foot = sprite.x * self.width, sprite.y * self.height
        across, down = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        side = -scale if sprite.flip else scale
        turn = f" rotate({sprite.turn:.1f} {across} {down})" if sprite.turn else ""
        placed = (
            f'<g transform="translate({middle:.1f} {foot:.1f}) scale({side:.4f} {scale:.4f}) '
            f'translate({-across} {-box.bottom}){turn}">{body}</g>'
        )
        if not sprite.grounded:
            return placed
        return self._shadow(middle, foot, (box.right - box.left) * scale, sprite.depth) + placed

    def _shadow(self, x: float, y: float, wide: float, depth: float) -> str:
        half, opacity = wide * 0.55, 1 - 0.6 * depth
        fall = self.shadow * half
        return (
            f'<ellipse cx="{x + fall * 0.75:.1f}" cy="{y + half * 0.02:.1f}" '
            f'rx="{half + abs(fall):.1f}" ry="{half * 0.17:.1f}" fill="url(#shadow)" '
            f'opacity="{opacity * 0.8:.2f}"/><ellipse cx="{x:.1f}" cy="{y:.1f}" '
            f'rx="{half * 0.8:.1f}" ry="{half * 0.1:.1f}" fill="url(#shadow)" '
            f'opacity="{opacity:.2f}"/>'
        )

    def _sign(self, sign: Sign) -> str:
        text = plain_words(sign.text)
        text = text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1].rstrip()}…"
        x, foot, tall = sign.x * self.width, sign.y * self.height, sign.height * self.height
        if sign.kind == "bubble":
            return self._board(text, x, foot - tall / 2, tall * 0.5)
        post = self._paint("wood2")
        board, face = tall * 0.42, self._paint("accent")
        size = board * 0.56
        half = max(board * 0.9, width_of(text, 64) * size / 64 / 2 + board * 0.35)
        half = min(half, self.width * (0.3 if self.width > self.height * 1.2 else 0.17))
        x = min(max(x, half + board * 0.7), self.width - half - board * 0.7)
        top = foot - tall
        stand = (
            f'<rect x="{x - tall * 0.035:.1f}" y="{top:.1f}" width="{tall * 0.07:.1f}" '
            f'height="{tall:.1f}" rx="{tall * 0.02:.1f}" fill="{hex_of(post)}"/>'
        )
        shape = _arrowed(x, top + board * 0.62, half, board / 2, sign.kind)
        letters = WHITE if luminance(face) < 0.42 else DARK
        return (
            self._shadow(x, foot, tall * 0.4, sign.depth)
            + stand
            + f'<path d="{shape}" fill="{hex_of(face)}" stroke="{hex_of(shade(face, -0.12))}" '
            f'stroke-width="{board * 0.05:.1f}" stroke-linejoin="round"/>'
            + self._text(text, x, top + board * 0.62, size, half * 1.8, letters)
        )

    def _board(self, text: str, x: float, y: float, size: float) -> str:
        glass = self.look.glass
        half = width_of(text, 64) * size / 64 / 2 + size * 0.7
        return (
            f'<rect x="{x - half:.1f}" y="{y - size:.1f}" width="{2 * half:.1f}" '
            f'height="{2 * size:.1f}" rx="{size:.1f}" fill="{glass.ground}"{self._edge()}/>'
            + self._text(text, x, y, size, 2 * half, lab(glass.letters))
        )

    def _text(self, text: str, x: float, y: float, size: float, room: float, ink: Lab) -> str:
        wide = width_of(text, 64) * size / 64
        size *= min(1.0, room / wide) if wide else 1.0
        return (
            f'<text x="{x:.1f}" y="{y + size * 0.35:.1f}" font-family="Manrope" font-weight="700" '
            f'font-size="{size:.1f}" text-anchor="middle" fill="{hex_of(ink)}">'
            f"{escape(text)}</text>"
        )

    def _bubble(self, bubble: Bubble) -> str:
        x, y = bubble.x * self.width, bubble.y * self.height
        wide, tall = bubble.width * self.width, bubble.height * self.height
        to_x, to_y = bubble.tail_x * self.width, bubble.tail_y * self.height
        glass = self.look.glass
        fill, edge = glass.ground, self._edge()
        shape = (
            f'<rect x="{x - wide / 2:.1f}" y="{y - tall / 2:.1f}" width="{wide:.1f}" '
            f'height="{tall:.1f}" rx="{min(wide, tall) * 0.42:.1f}" fill="{fill}"{edge}/>'
        )
        if bubble.kind == "thought":
            steps = ((0.35, 0.055), (0.62, 0.038), (0.85, 0.024))
            from_x, from_y = x + (to_x - x) * 0.2, y + tall * 0.42
            dots = (
                (from_x + (to_x - from_x) * at, from_y + (to_y - from_y) * at, size)
                for at, size in steps
            )
            tail = "".join(
                f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="{size * self.height:.1f}" '
                f'fill="{fill}"{edge}/>'
                for cx, cy, size in dots
            )
        else:
            root = x + max(-wide * 0.3, min(wide * 0.3, (to_x - x) * 0.5))
            half, low = wide * 0.07, y + tall * 0.4
            tip_x, tip_y = root + (to_x - root) * 0.8, low + (to_y - low) * 0.8
            tail = (
                f'<path d="M{root - half:.1f} {low:.1f}L{tip_x:.1f} {tip_y:.1f}'
                f'L{root + half:.1f} {low:.1f}Z" fill="{fill}"{edge}/>'
            )
        return tail + shape

    def _panel(self, panel: Panel) -> str:
        wide, tall = panel.width * self.width, panel.height * self.height
        left, top = panel.x * self.width - wide / 2, panel.y * self.height - tall / 2
        board = panel.kind == "board"
        glass = lab(self.look.glass.ground)
        ground = self._paint("board") if board else mix(self.tones["room"], glass, 0.75)
        frame = self._paint("wood2") if board else glass
        edge = self.height * (0.014 if board else 0.008)
        return (
            f'<rect x="{left + edge:.1f}" y="{top + 1.8 * edge:.1f}" width="{wide:.1f}" '
            f'height="{tall:.1f}" rx="{edge * 2:.1f}" fill="#10142c" opacity=".16"/>'
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{tall:.1f}" '
            f'rx="{edge * 2:.1f}" fill="{hex_of(ground)}" stroke="{hex_of(frame)}" '
            f'stroke-width="{edge:.1f}"/>'
        )

    def _arrow(self, arrow: Arrow) -> str:
        x, y = arrow.x * self.width, arrow.y * self.height
        end_x, end_y = arrow.end_x * self.width, arrow.end_y * self.height
        length = math.hypot(end_x - x, end_y - y) or 1.0
        over_x = (x + end_x) / 2 - (end_y - y) / length * 0
        over_y = (y + end_y) / 2 + arrow.bend * length * 0.4
        angle = math.atan2(end_y - over_y, end_x - over_x)
        colour, thick = hex_of(self._paint("accent")), self.height * 0.014
        head = self.height * 0.045
        left = (end_x - head * math.cos(angle - 0.5), end_y - head * math.sin(angle - 0.5))
        right = (end_x - head * math.cos(angle + 0.5), end_y - head * math.sin(angle + 0.5))
        back = (end_x - head * 0.7 * math.cos(angle), end_y - head * 0.7 * math.sin(angle))
        return (
            f'<path d="M{x:.1f} {y:.1f}Q{over_x:.1f} {over_y:.1f} {back[0]:.1f} {back[1]:.1f}" '
            f'fill="none" stroke="{colour}" stroke-width="{thick:.1f}" stroke-linecap="round" '
            f'stroke-dasharray="{thick * 2:.1f} {thick * 1.8:.1f}"/>'
            f'<path d="M{end_x:.1f} {end_y:.1f}L{left[0]:.1f} {left[1]:.1f}'
            f'L{right[0]:.1f} {right[1]:.1f}Z" fill="{colour}"/>'
        )

    def _edge(self) -> str:
        edge = self.look.glass.edge
        return f' stroke="{edge}" stroke-width="{self.height * 0.006:.1f}"' if edge else ""

    def _paint(self, material: str) -> Lab:
        """A thing's material: like the icons, it stays vivid in the dark."""
        return self.look.ink(self.tones.lit(self.tones.plain(material), LIGHT))


def _arrowed(x: float, y: float, half: float, tall: float, kind: str) -> str:
    """A board, with a point to the left or right if it shows the way."""
    left, right = x - half, x + half
    point = tall * 0.9
    corners = [(left, y - tall), (right, y - tall), (right, y + tall), (left, y + tall)]
    if kind == "right":
        corners.insert(2, (right + point, y))
    elif kind == "left":
        corners.append((left - point, y))
    return "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in corners) + "Z"
