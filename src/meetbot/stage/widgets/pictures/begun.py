"""Says that a picture is being painted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from meetbot.core.clock import NS_PER_S
from meetbot.stage.colour import mix
from meetbot.stage.drawing import Canvas, Look, Patch, disc, pill
from meetbot.stage.typeset import fit

if TYPE_CHECKING:
    from PIL import Image

    from meetbot.stage.colour import RGB
    from meetbot.stage.layout import Box
    from meetbot.stage.picture_scene import Begun, PictureScene

__all__ = ["PAINTING", "FloatingBegun", "dots", "step_at"]

PAINTING = "painting · рисую"
STEPS = 12
PERIOD_NS = NS_PER_S


def step_at(now_ns: int) -> int:
    """How far the dots have come, 0…11."""
    return now_ns * STEPS // PERIOD_NS % STEPS


def dots(look: Look, tint: RGB, ground: RGB, step: int) -> Image.Image:
    """Three dots of which one after the other lights up."""
    side, gap = look.px(8), look.px(5)
    canvas = Canvas(3 * side + 2 * gap, side, ground, look.fonts)
    for i in range(3):
        swell = 0.5 + 0.5 * math.sin(2 * math.pi * (step / STEPS - i / 4))
        canvas.shape(i * (side + gap), 0, disc(side), mix(ground, tint, 0.25 + 0.75 * swell))
    return canvas.image


class FloatingBegun:
    """Who is being painted for, over the picture, where there is no strip to say so."""

    def __init__(self, look: Look, box: Box) -> None:
        self._look, self._box = look, box
        self._key: tuple[Begun, int] | None = None
        self._patch: Patch | None = None

    def over(self, scene: PictureScene, now_ns: int) -> Patch | None:
        """See ``Overlay``."""
        key = None if scene.begun is None else (scene.begun, step_at(now_ns))
        if key != self._key:
            self._key = key
            self._patch = None if key is None else self._draw(*key)
        return self._patch

    def _draw(self, begun: Begun, step: int) -> Patch:
        look, box = self._look, self._box
        theme, size = look.layout.theme, look.layout.type.notice
        tint = theme.tint(begun.colour, None) or theme.quiet
        ground = mix(theme.background, tint, 0.14)
        lively = dots(look, tint, ground, step)
        left = look.px(20) + lively.width + look.px(14)
        words = f"{begun.name} · {PAINTING}" if begun.name else PAINTING
        words = fit(words, box.width - left - look.px(20), look.fonts, size, "SemiBold")
        wide = left + round(look.fonts.width(words, size, "SemiBold")) + look.px(20)
        canvas = Canvas(wide, box.height, ground, look.fonts)
        canvas.image.paste(lively, (look.px(20), (box.height - lively.height) // 2))
        canvas.text(left, box.height / 2 + size * 0.35, words, size, theme.text, "SemiBold")
        return Patch(box.left, box.top, canvas.image, pill(wide, box.height, box.height))
