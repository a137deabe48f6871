"""Makes pixels of a scene: backdrop, things, weather, style, title."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import resvg_py

from meetbot.engines.painter.storyboard.rendering.bands import paint_band
from meetbot.engines.painter.storyboard.rendering.canvas import Canvas
from meetbot.engines.painter.storyboard.rendering.items import Draughtsman
from meetbot.engines.painter.storyboard.rendering.lettering import font_file
from meetbot.engines.painter.storyboard.rendering.places.brush import Brush
from meetbot.engines.painter.storyboard.rendering.places.registry import paint_place
from meetbot.engines.painter.storyboard.rendering.sky import at_daytime, paint_weather, shadow_of
from meetbot.engines.painter.storyboard.rendering.styles import Drawn, shaded_under, style_named
from meetbot.engines.painter.storyboard.rendering.tinting import Tinting
from meetbot.engines.painter.storyboard.rendering.title import put_title
from meetbot.engines.painter.storyboard.rendering.tones import Tones, checked_palette
from meetbot.engines.painter.storyboard.values import Band

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.engines.painter.storyboard.reading import IconSet
    from meetbot.engines.painter.storyboard.rendering.styles import Style
    from meetbot.engines.painter.storyboard.values import Scene

__all__ = ["Renderer"]

SOLID = np.clip((np.arange(256) - 150.0) * 2.6, 0, 255).astype(np.uint8)
"""Of the drawing's opacity: what is a thing, and what only a shadow."""


class Renderer:
    """Used from one thread. The same scene, style and palette give the same bytes."""

    def __init__(self, icons: IconSet) -> None:
        cv2.setNumThreads(1)  # pictures leave the other cores to hearing and speaking
        self._tinting = Tinting(icons)

    def render(
        self, scene: Scene, style: str, palette: tuple[str, ...], width: int, height: int
    ) -> NDArray[np.uint8]:
        """The picture: uint8 RGB, shape ``(height, width, 3)``.

        ``style``: a name, or a word for one; ``palette``: up to six colours ``#rrggbb``, ground
        first, accents last.
        """
        look = style_named(style)
        if look.daytime is not None:
            scene = at_daytime(scene, look.daytime)
        colours = checked_palette(palette) or checked_palette(look.palette)
        tones = Tones.of(scene, colours, look.tone)
        brush = Brush(
            Canvas(width, height, look.layer), tones, scene, np.random.default_rng(scene.seed)
        )
        paint_place(brush)
        for item in scene.items:
            if isinstance(item, Band):
                paint_band(brush, item)
        things = self._put_things(brush, look)
        paint_weather(brush)
        pixels = brush.canvas.pixels
        if look.finish is not None:
            pixels = look.finish(Drawn(pixels, things, colours, scene))
        return put_title(pixels, scene.title, look.plate)

    def _put_things(self, brush: Brush, look: Style) -> NDArray[np.uint8]:
        """Draw them; returns where they are, without their shadows."""
        canvas, scene = brush.canvas, brush.scene
        if not scene.items:
            return np.zeros((canvas.height, canvas.width), np.uint8)
        draughtsman = Draughtsman(
            self._tinting, brush.tones, look, canvas.width, canvas.height, shadow_of(scene)
        )
        things = _rasterised(draughtsman.drawing(scene.items))
        alpha = np.ascontiguousarray(things[..., 3])
        solid = np.asarray(cv2.LUT(alpha, SOLID), np.uint8)
        if look.cut:
            canvas.pixels = shaded_under(canvas.pixels, solid, 0.009)
        over = cv2.cvtColor(things, cv2.COLOR_BGRA2RGB)
        part = cv2.merge((alpha, alpha, alpha))
        over = cv2.multiply(over, part, scale=1 / 255)
        under = cv2.multiply(canvas.pixels, cv2.bitwise_not(part), scale=1 / 255)
        canvas.pixels = np.asarray(cv2.add(over, under), np.uint8)
        return solid


def _rasterised(svg: str) -> NDArray[np.uint8]:
    """BGRA, not premultiplied."""
    data = resvg_py.svg_to_bytes(
        svg_string=svg,
        skip_system_fonts=True,
        font_files=[font_file()] if "<text" in svg else None,
        font_family="Manrope",
    )
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    return np.asarray(image, np.uint8)
