"""The sky by hour and weather, and what falls from it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import Lab, lab, mix, rgb, shade
from meetbot.engines.painter.storyboard.rendering.shapes import (
    circle,
    ellipse,
    polygon,
    rect,
    smooth,
)
from meetbot.engines.painter.storyboard.values import INDOORS, Sprite

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.engines.painter.storyboard.rendering.places.brush import Brush
    from meetbot.engines.painter.storyboard.values import Daytime, Scene, Weather

__all__ = ["at_daytime", "paint_sky", "paint_weather", "shadow_of"]

_CLOUDS: dict[Weather, tuple[int, float]] = {
    "clear": (2, 0.55),
    "clouds": (6, 0.85),
    "rain": (7, 0.92),
    "storm": (8, 0.95),
    "snow": (5, 0.8),
    "fog": (2, 0.4),
    "wind": (4, 0.7),
}
"""Of a weather: how many clouds (in a square picture), how dense."""


_SUNS = frozenset({"sun", "sun-with-face", "sunrise", "sunset", "sunrise-over-mountains"})
_MOONS = frozenset(
    {"full-moon", "full-moon-face", "crescent-moon", "new-moon-face", "first-quarter-moon-face"}
)


def at_daytime(scene: Scene, daytime: Daytime) -> Scene:
    """``scene`` at another hour; at night the moon is shown for the sun."""
    items = scene.items
    if daytime == "night":
        items = tuple(
            replace(item, icon="full-moon")
            if isinstance(item, Sprite) and item.icon in _SUNS
            else item
            for item in items
        )
    return replace(scene, daytime=daytime, items=items)


def _lamp(scene: Scene) -> Sprite | None:
    """The sun or the moon among the things of a scene, which has none in its sky then."""
    lamps = _SUNS | _MOONS
    return next(
        (item for item in scene.items if isinstance(item, Sprite) and item.icon in lamps), None
    )


def _light_at(scene: Scene) -> float:
    """Where the sun or the moon stands: a part of the width, chosen by the seed."""
    lamp = _lamp(scene)
    return lamp.x if lamp else (0.22, 0.3, 0.7, 0.8)[scene.seed * 7 % 11 % 4]


def shadow_of(scene: Scene) -> float:
    """How long shadows are, in half widths of what throws them: to the left if negative."""
    if scene.place in INDOORS or scene.place in ("space", "abstract"):
        return 0.0
    length = {"dawn": 1.1, "day": 0.7, "dusk": 1.2, "night": 0.4}[scene.daytime]
    length *= 1.0 if scene.weather in ("clear", "wind") else 0.25
    return length if _light_at(scene) < 0.5 else -length


def paint_sky(brush: Brush, low: float | None = None) -> None:
    """The sky down to ``low`` (the horizon): gradient, sun or moon, stars, clouds."""
    low = brush.horizon if low is None else low
    canvas, scene = brush.canvas, brush.scene
    canvas.gradient(0, min(1.0, low + 0.12), brush.tones.sky())
    canvas.gradient(min(1.0, low + 0.1), 1.0, (brush.tones.sky()[2],) * 2)
    grim = scene.weather in ("rain", "storm", "snow", "fog")
    if scene.daytime == "night" and not grim:
        _stars(brush, low)
    if not grim:
        _light(brush, low)
    if scene.weather == "storm":
        _lightning(brush, low)
    count, alpha = _CLOUDS[scene.weather]
    canvas.layer()
    for index in range(round(count * max(1.0, min(brush.wide, 3)))):
        _cloud(brush, low, alpha, index)


def _stars(brush: Brush, low: float) -> None:
    random, canvas = brush.random, brush.canvas
    star = mix(brush.tones.sky()[0], brush.tones.bare("light"), 0.9)
    for _ in range(round(70 * min(brush.wide, 4))):
        x, y = random.uniform(0, brush.wide), low * random.random() ** 1.4
        size = 0.0011 + 0.0022 * random.random() ** 3
        canvas.fill(star, circle(x, y, size), alpha=float(random.uniform(0.35, 0.95)))


def _light(brush: Brush, low: float) -> None:
    """The sun or the moon, unless one is among the things."""
    canvas, scene = brush.canvas, brush.scene
    if _lamp(scene):
        return
    x = brush.wide * _light_at(scene)
    if scene.daytime == "night":
        moon = mix(brush.tones.bare("light"), lab("#f7e9b8"), 0.5)
        y, size = low * 0.28, 0.058
        canvas.glow(moon, x, y, size * 4, 0.28)
        canvas.fill(moon, circle(x, y, size))
        for dx, dy, r in ((-0.35, -0.2, 0.2), (0.25, 0.3, 0.26), (0.3, -0.4, 0.12)):
            canvas.fill(shade(moon, -0.07), circle(x + dx * size, y + dy * size, r * size))
        return
    height = {"dawn": 0.86, "day": 0.3, "dusk": 0.84}[scene.daytime]
    sun = brush.tones.bare("lit")
    if scene.daytime == "dusk":
        sun = mix(sun, brush.tones.bare("accent"), 0.35)
    y, size = low * height, 0.062 if scene.daytime == "day" else 0.095
    canvas.glow(mix(sun, lab("#ffffff"), 0.35), x, y, size * 5, 0.5)
    canvas.fill(mix(sun, brush.tones.sky()[1], 0.55), circle(x, y, size * 1.35), alpha=0.5)
    canvas.fill(mix(sun, lab("#ffffff"), 0.25), circle(x, y, size))


def _cloud(brush: Brush, low: float, alpha: float, index: int) -> None:
    """A flat cloud: humps over a level foot."""
    random, scene, sky = brush.random, brush.scene, brush.tones.sky()
    grim = scene.weather in ("rain", "storm")
    x = brush.wide * ((index * 0.618 + float(random.random()) * 0.25) % 1.1 - 0.05)
    y = low * float(random.uniform(0.1, 0.62 if not grim else 0.4))
    size = float(random.uniform(0.05, 0.10)) * (1.35 if grim else 1.0)
    if scene.daytime == "night":
        colour = shade(sky[1], 0.07)
    elif grim:
        colour = shade(sky[0], float(random.uniform(-0.10, 0.02)))
    else:
        colour = mix(sky[2], lab("#ffffff"), 0.55 if scene.daytime == "day" else 0.2)
    humps = [ellipse(x, y - size * 0.1, size * 2.0, size * 0.32)]
    for part in (-1.1, -0.45, 0.3, 1.0):
        r = size * float(random.uniform(0.42, 0.8)) * (1.1 - 0.35 * abs(part))
        humps.append(circle(x + part * size, y - r * 0.45, r))
    brush.canvas.fill(colour, *humps, alpha=alpha)


def _lightning(brush: Brush, low: float) -> None:
    random, canvas = brush.random, brush.canvas
    x, y = brush.wide * float(random.uniform(0.25, 0.75)), low * 0.12
    light = mix(brush.tones.bare("lit"), lab("#ffffff"), 0.6)
    points = [(x, y)]
    while y < low * 0.92:
        y += low * float(random.uniform(0.08, 0.16))
        x += float(random.uniform(-0.06, 0.06))
        points.append((x, y))
    canvas.glow(light, points[0][0], low * 0.3, 0.6, 0.35)
    wide = np.linspace(0.011, 0.001, len(points))
    left = [(px - w, py) for (px, py), w in zip(points, wide, strict=True)]
    right = [(px + w, py) for (px, py), w in zip(points, wide, strict=True)]
    canvas.fill(light, polygon(*left, *reversed(right)))


def paint_weather(brush: Brush) -> None:
    """What is between the eye and the scene: rain, snow, fog, wind."""
    if brush.tones.inside:
        return
    weather = brush.scene.weather
    if weather in ("rain", "storm"):
        _rain(brush, 150 if weather == "rain" else 230)
    elif weather == "snow":
        _snow(brush)
    elif weather == "fog":
        _fog(brush)
    elif weather == "wind":
        _wind(brush)


def _rain(brush: Brush, count: int) -> None:
    canvas, random = brush.canvas, brush.random
    count = round(count * min(brush.wide, 3))
    mask = np.zeros((canvas.height, canvas.width), np.uint8)
    starts = random.uniform((0, -0.05), (brush.wide + 0.1, 1), (count, 2)) * canvas.height
    length = random.uniform(0.02, 0.06, (count, 1)) * canvas.height
    ends = starts + length * (-0.28, 1.0)
    lines = np.round(np.stack([starts, ends], 1) * 16).astype(np.int32)
    thick = max(1, round(canvas.height * 0.0022))
    cv2.polylines(mask, list(lines), False, 255, thick, cv2.LINE_AA, 4)
    _veil(canvas.pixels, mask, mix(brush.tones.sky()[2], lab("#ffffff"), 0.6), 0.55)


def _snow(brush: Brush) -> None:
    canvas, random = brush.canvas, brush.random
    flake = lab("#ffffff") if brush.scene.daytime != "night" else lab("#dfe8ff")
    for _ in range(round(130 * min(brush.wide, 3))):
        x, y = float(random.uniform(0, brush.wide)), float(random.random())
        size = 0.002 + 0.007 * float(random.random()) ** 2.5
        canvas.fill(
            brush.tones.tone(flake), circle(x, y, size), alpha=0.85 if size < 0.006 else 0.6
        )


def _fog(brush: Brush) -> None:
    canvas, random = brush.canvas, brush.random
    veil = mix(brush.tones.sky()[2], lab("#ffffff"), 0.25)
    for index in range(4):
        y = brush.horizon + (index - 1.6) * 0.12
        left = [
            (x, y + float(random.uniform(-0.02, 0.02)))
            for x in np.linspace(-0.1, brush.wide + 0.1, 7)
        ]
        low = [
            (x, y + 0.1 + float(random.uniform(-0.02, 0.02)))
            for x in np.linspace(brush.wide + 0.1, -0.1, 7)
        ]
        shape = np.concatenate([smooth(left, closed=False), smooth(low, closed=False)])
        canvas.fill(veil, shape, alpha=0.42)
    canvas.fill(veil, rect(0, 0, brush.wide, 1), alpha=0.16)


def _wind(brush: Brush) -> None:
    canvas, random = brush.canvas, brush.random
    colour = mix(brush.tones.sky()[2], lab("#ffffff"), 0.7)
    for index in range(5):
        y = brush.horizon * (0.18 + 0.16 * index) + float(random.uniform(-0.03, 0.03))
        x = brush.wide * float(random.uniform(0.05, 0.6))
        length = float(random.uniform(0.2, 0.4))
        angles = np.linspace(math.pi / 2, -math.pi * 1.25, 24)
        curl = np.stack([np.cos(angles), np.sin(angles)], 1) * 0.028
        flat = polygon((x, y), (x + length * 0.6, y), (x + length, y))
        line = np.concatenate([flat, curl + np.array((x + length, y - 0.028))])
        canvas.line(colour, line, 0.005, alpha=0.75)


def _veil(pixels: NDArray[np.uint8], mask: NDArray[np.uint8], colour: Lab, alpha: float) -> None:
    part = mask > 0
    over = np.array(rgb(colour), np.float32)
    weight = mask[part].astype(np.float32)[:, None] * (alpha / 255)
    below = pixels[part].astype(np.float32)
    pixels[part] = (below + (over - below) * weight + 0.5).astype(np.uint8)
