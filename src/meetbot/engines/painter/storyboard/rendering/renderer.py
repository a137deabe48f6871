"""Makes pixels of a scene: backdrop, things, weather, style, title."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import resvg_py

from meetbot.engines.painter.storyboard.rendering.canvas import Canvas
from meetbot.engines.painter.storyboard.rendering.items import Draughtsman
from meetbot.engines.painter.storyboard.rendering.lettering import font_file
from meetbot.engines.painter.storyboard.rendering.places.brush import Brush
from meetbot.engines.painter.storyboard.rendering.places.registry import paint_place
from meetbot.engines.painter.storyboard.rendering.sky import paint_weather
from meetbot.engines.painter.storyboard.rendering.styles import shaded_under, style_named
from meetbot.engines.painter.storyboard.rendering.tinting import Tinting
from meetbot.engines.painter.storyboard.rendering.title import put_title
from meetbot.engines.painter.storyboard.rendering.tones import Tones, checked_palette

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.engines.painter.storyboard.reading import IconSet
    from meetbot.engines.painter.storyboard.rendering.styles import Style
    from meetbot.engines.painter.storyboard.values import Scene

__all__ = ["Renderer"]


class Renderer:
    """Used from one thread. The same scene, style and palette give the same bytes."""

    def __init__(self, icons: IconSet) -> None:
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
            scene = replace(scene, daytime=look.daytime)
        colours = checked_palette(palette)
        tones = Tones.of(scene, colours, look.tone)
        brush = Brush(
            Canvas(width, height, look.layer), tones, scene, np.random.default_rng(scene.seed)
        )
        paint_place(brush)
        self._put_things(brush, look)
        paint_weather(brush)
        pixels = brush.canvas.pixels
        if look.finish is not None:
            pixels = look.finish(pixels, colours, scene.seed)
        return put_title(pixels, scene.title, look.plate)

    def _put_things(self, brush: Brush, look: Style) -> None:
        canvas, scene = brush.canvas, brush.scene
        if not scene.items:
            return
        draughtsman = Draughtsman(self._tinting, brush.tones, look.ink, canvas.width, canvas.height)
        things = _rasterised(draughtsman.drawing(scene.items))
        alpha = np.ascontiguousarray(things[..., 3])
        if look.cut:
            canvas.pixels = shaded_under(canvas.pixels, alpha, 0.009)
        part = alpha.astype(np.uint16)[:, :, None]
        over = cv2.cvtColor(things, cv2.COLOR_BGRA2RGB)
        mixed = over * part + canvas.pixels * (255 - part) + 127
        canvas.pixels = (mixed // 255).astype(np.uint8)


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
