"""The colours of one picture: materials in the light of the hour, drawn towards a palette."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import Lab, lab, mix, shade
from meetbot.engines.painter.storyboard.values import INDOORS

if TYPE_CHECKING:
    from collections.abc import Callable

    from meetbot.engines.painter.storyboard.values import Daytime, Scene

__all__ = ["Tones", "checked_palette"]

MAX_PALETTE = 6

_MATERIALS: dict[str, tuple[str, str]] = {
    "grass": ("#93c572", "land"),
    "meadow": ("#aed581", "land"),
    "soil": ("#b98b62", "land"),
    "sand": ("#f1dcae", "land"),
    "dune": ("#e5bf86", "land"),
    "snow": ("#eff5fb", "snow"),
    "ice": ("#cfe0f0", "snow"),
    "leaf": ("#57a26a", "plant"),
    "leaf2": ("#3d8560", "plant"),
    "leaf3": ("#7bb661", "plant"),
    "blossom": ("#f3a6bd", "accent"),
    "trunk": ("#7b5a49", "wood"),
    "far": ("#a9c8d4", "far"),
    "rock": ("#8f9bb3", "far"),
    "rock2": ("#6f7c99", "far"),
    "water": ("#5db3d3", "water"),
    "water2": ("#3992be", "water"),
    "foam": ("#e6f6f8", "light"),
    "road": ("#6d7486", "dark"),
    "kerb": ("#b7bcc9", "light"),
    "paint": ("#f7f1e1", "light"),
    "wall": ("#f3e4d0", "wall"),
    "wall2": ("#e6bd9d", "wall"),
    "wall3": ("#c9d7dc", "wall"),
    "roof": ("#d2694f", "accent"),
    "roof2": ("#8a5f7d", "second"),
    "tower": ("#8fa3c2", "far"),
    "tower2": ("#7488ad", "far"),
    "tower3": ("#b4c3d8", "far"),
    "glass": ("#bfe3ec", "water"),
    "lit": ("#ffd77a", "lamp"),
    "wood": ("#c08f62", "wood"),
    "wood2": ("#9b6e47", "wood"),
    "floor": ("#dcb68c", "land"),
    "tile": ("#e3e7ea", "light"),
    "room": ("#f0dfc9", "sky"),
    "room2": ("#e2c9ab", "sky"),
    "metal": ("#9eabbb", "far"),
    "metal2": ("#7b899c", "far"),
    "dark": ("#33374f", "dark"),
    "light": ("#fffaf0", "light"),
    "accent": ("#ef6f4e", "accent"),
    "second": ("#f5b63f", "second"),
    "third": ("#3f8cc4", "third"),
    "board": ("#37635a", "plant"),
    "curtain": ("#b93a4b", "accent"),
    "line": ("#5b5f75", "dark"),
}
_GROUPS: dict[str, tuple[int, float, float]] = {
    "sky": (0, 0.85, 0.30),
    "water": (0, 0.70, 0.15),
    "land": (1, 0.85, 0.40),
    "plant": (2, 0.80, 0.30),
    "far": (1, 0.80, 0.15),
    "wall": (-2, 0.75, 0.15),
    "wood": (2, 0.65, 0.10),
    "accent": (-1, 0.92, 0.60),
    "second": (-2, 0.92, 0.60),
    "third": (-3, 0.92, 0.60),
    "lamp": (-1, 0.35, 0.0),
    "dark": (0, 0.45, 0.0),
    "light": (0, 0.35, 0.0),
    "snow": (0, 0.30, 0.0),
}
"""Of a group: which colour of the palette, how far its hue goes there, and its lightness."""

_SKIES: dict[Daytime, tuple[str, ...]] = {
    "dawn": ("#9fc3e6", "#f6cdd0", "#ffe6c7"),
    "day": ("#86c8ec", "#bfe4f2", "#eaf6ef"),
    "dusk": ("#5a4f93", "#d97a86", "#ffc48a"),
    "night": ("#0f1838", "#1f2c5c", "#3d4a82"),
}
_DULL: dict[str, tuple[float, float]] = {
    "clear": (0.0, 1.0),
    "clouds": (-0.02, 0.85),
    "rain": (-0.09, 0.60),
    "storm": (-0.20, 0.60),
    "snow": (-0.01, 0.55),
    "fog": (0.02, 0.45),
    "wind": (0.0, 0.95),
}
_LIGHT: dict[Daytime, tuple[float, float, str, float]] = {
    "dawn": (0.98, 0.95, "#ffb7a8", 0.10),
    "day": (1.0, 1.0, "#ffffff", 0.0),
    "dusk": (0.84, 0.95, "#e0617a", 0.16),
    "night": (0.52, 0.75, "#2c3f9a", 0.30),
}
"""Of a daytime: factors of lightness and chroma, a tint and how much of it."""


def checked_palette(palette: tuple[str, ...]) -> tuple[Lab, ...]:
    """The palette's colours, at most six; what is no colour is left out."""
    colours = []
    for word in palette:
        try:
            colours.append(lab(word))
        except ValueError:
            continue
    return tuple(colours[:MAX_PALETTE])


@dataclass(frozen=True, slots=True)
class Tones:
    """Colours of a scene. ``tone``: what the style does to each of them.

    ``inside``: a room, which the hour and the weather reach through its windows only.
    """

    scene: Scene
    palette: tuple[Lab, ...]
    tone: Callable[[Lab], Lab]
    inside: bool

    @classmethod
    def of(cls, scene: Scene, palette: tuple[Lab, ...], tone: Callable[[Lab], Lab]) -> Tones:
        """The colours of ``scene`` in a palette, which may be empty."""
        return cls(scene, palette, tone, scene.place in INDOORS)

    def __getitem__(self, material: str) -> Lab:
        """A material's colour here and now."""
        colour = self.plain(material)
        return self.tone(self.lit(colour))

    def plain(self, material: str) -> Lab:
        """A material's colour before the hour and the style."""
        word, group = _MATERIALS[material]
        return self._drawn(self._seasonal(lab(word), group), group)

    def bare(self, material: str) -> Lab:
        """A colour that shines by itself: in the style, but in no light."""
        return self.tone(self.plain(material))

    def sky(self) -> tuple[Lab, Lab, Lab]:
        """From the zenith to the horizon."""
        stops = [self._sky_stop(lab(word), i) for i, word in enumerate(_SKIES[self.scene.daytime])]
        return stops[0], stops[1], stops[2]

    @property
    def haze(self) -> Lab:
        """What far things fade into."""
        return self["room"] if self.inside else self.sky()[2]

    @property
    def dark(self) -> bool:
        """Whether lamps are on."""
        scene = self.scene
        return scene.daytime == "night" or (scene.daytime == "dusk" and not self.inside)

    def lit(self, colour: Lab, strength: float = 1.0) -> Lab:
        """``colour`` in the light of the hour, the weather and the mood."""
        scene = self.scene
        light, chroma, tint, part = _LIGHT[scene.daytime]
        strength *= 0.45 if self.inside else 1.0
        colour = Lab(
            colour.light * (1 + (light - 1) * strength),
            colour.a * (1 + (chroma - 1) * strength),
            colour.b * (1 + (chroma - 1) * strength),
        )
        target = lab(tint)
        colour = mix(colour, Lab(colour.light, target.a, target.b), part * strength)
        darker, dull = _DULL[scene.weather]
        colour = shade(colour, darker * 0.5 * strength, 1 + (dull - 1) * 0.7 * strength)
        mood = max(-1.0, min(1.0, scene.mood)) * strength
        return Lab(
            colour.light + 0.015 * mood,
            colour.a * (1 + 0.12 * mood),
            colour.b * (1 + 0.10 * mood) + 0.008 * mood,
        )

    def pulled(self, colour: Lab, part: float, reach: float) -> Lab:
        """``colour`` with its hue nearer to the palette's nearest, by ``reach`` radians at most."""
        if not self.palette or colour.chroma < 0.02:
            return colour
        vivid = [other for other in self.palette if other.chroma > 0.03] or [*self.palette]
        turns = [_turn(colour.hue, other.hue) for other in vivid]
        best = int(np.argmin([abs(turn) for turn in turns]))
        angle = colour.hue + float(np.clip(turns[best] * part, -reach, reach))
        chroma = colour.chroma + (vivid[best].chroma - colour.chroma) * part * 0.5
        return Lab(colour.light, chroma * math.cos(angle), chroma * math.sin(angle))

    def _sky_stop(self, colour: Lab, index: int) -> Lab:
        scene = self.scene
        if self.palette:
            drawn = self.palette[0]
            if index == 2 and scene.daytime in ("dawn", "dusk"):
                drawn = self.palette[-1]
            part = 0.8 if scene.daytime != "night" else 0.65
            keep = 0.35 if scene.daytime == "day" else 0.12
            target = Lab(drawn.light, drawn.a * 0.8, drawn.b * 0.8)
            colour = Lab(
                colour.light + (target.light - colour.light) * keep * (1 - 0.4 * index / 2),
                *(
                    old + (new - old) * part
                    for old, new in zip(colour[1:], target[1:], strict=True)
                ),
            )
        darker, dull = _DULL[scene.weather]
        colour = shade(colour, darker * (0.4 if scene.daytime == "night" else 1.0), dull)
        colour = shade(colour, 0.015 * scene.mood, 1 + 0.15 * scene.mood)
        return self.tone(colour)

    def _drawn(self, colour: Lab, group: str) -> Lab:
        if not self.palette:
            return colour
        index, part, keep = _GROUPS[group]
        count = len(self.palette)
        target = self.palette[index % count] if index < 0 else self.palette[min(index, count - 1)]
        return Lab(
            colour.light + (target.light - colour.light) * keep,
            colour.a + (target.a - colour.a) * part,
            colour.b + (target.b - colour.b) * part,
        )

    def _seasonal(self, colour: Lab, group: str) -> Lab:
        season = self.scene.season
        if self.inside:
            return colour
        if season == "autumn" and group in ("plant", "land"):
            amount = 0.75 if group == "plant" else 0.35
            target = Lab(colour.light, 0.085, 0.115)
            return mix(colour, target, amount)
        if season == "winter" and group in ("plant", "land"):
            amount = 0.5 if group == "plant" else 0.78
            return mix(colour, lab("#e9f1f8" if group == "land" else "#a9c2cf"), amount)
        if season == "spring" and group in ("plant", "land"):
            return mix(colour, Lab(min(0.92, colour.light + 0.05), -0.09, 0.12), 0.35)
        return colour


def _turn(start: float, end: float) -> float:
    """The shorter way from one angle to another, in radians."""
    return (end - start + math.pi) % (2 * math.pi) - math.pi
