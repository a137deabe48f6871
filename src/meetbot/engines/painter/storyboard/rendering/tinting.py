"""Icons in the colours of a picture: every colour of their drawings goes through one function."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.rendering.colour import Lab, hex_of, lab, mix

if TYPE_CHECKING:
    from collections.abc import Callable

    from meetbot.engines.painter.storyboard.reading import IconSet
    from meetbot.engines.painter.storyboard.rendering.tones import Tones

__all__ = ["Tinting"]

COLOUR = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
HAZE_STEPS = 6
KEPT = 512
PULL = 0.35
"""How far a thing's colours go towards the palette's: it stays what it is."""
LIGHT = 0.28
"""How much of the hour's light reaches things: they stay vivid at night."""
REACH = 0.5
"""Radians of hue at most."""


class Tinting:
    """Bodies of icons, recoloured; those used lately are kept."""

    def __init__(self, icons: IconSet) -> None:
        self._icons = icons
        self._kept: dict[tuple[str, object, int], str] = {}

    def body(self, icon: str, tones: Tones, ink: Callable[[Lab], Lab], depth: float) -> str:
        """The SVG of ``icon`` in the light of ``tones``, hazy by ``depth`` (0…1), then ``ink``.

        Empty for an icon that is not in the set.
        """
        if icon not in self._icons:
            return ""
        step = round(min(max(depth, 0.0), 1.0) * HAZE_STEPS)
        scene = tones.scene
        light = (scene.daytime, scene.weather, round(scene.mood, 1), tones.inside)
        key = (icon, (light, tones.palette, ink), step)
        if key not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = self._tinted(icon, tones, ink, step / HAZE_STEPS)
        return self._kept[key]

    def _tinted(self, icon: str, tones: Tones, ink: Callable[[Lab], Lab], depth: float) -> str:
        def seen(match: re.Match[str]) -> str:
            colour = tones.lit(tones.pulled(lab(match[0]), PULL, REACH), LIGHT)
            return hex_of(ink(mix(colour, tones.haze, 0.5 * depth)))

        return COLOUR.sub(seen, self._icons.body(icon))
