"""What every backdrop is drawn with, and the props that many of them share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from meetbot.engines.painter.storyboard.rendering.colour import Lab, mix, shade
from meetbot.engines.painter.storyboard.rendering.shapes import (
    arc,
    blob,
    circle,
    ellipse,
    polygon,
    rect,
    ridge,
    rounded,
    smooth,
    under,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meetbot.engines.painter.storyboard.rendering.canvas import Canvas
    from meetbot.engines.painter.storyboard.rendering.tones import Tones
    from meetbot.engines.painter.storyboard.values import Scene

__all__ = ["Brush"]


@dataclass(frozen=True, slots=True)
class Brush:
    """A canvas, the colours, the scene and its chances. Lengths are picture heights."""

    canvas: Canvas
    tones: Tones
    scene: Scene
    random: np.random.Generator

    @property
    def wide(self) -> float:
        """How wide the picture is."""
        return self.canvas.aspect

    @property
    def horizon(self) -> float:
        """Where the ground begins, kept off the picture's edges."""
        return min(max(self.scene.horizon, 0.2), 0.92)

    def steps(self, step: float, jitter: float = 0.3, most: int = 80) -> Iterator[float]:
        """Places along the width, about ``step`` apart, beginning a little outside."""
        step = max(step, self.wide / most)
        x = -step * float(self.random.uniform(0.1, 0.8))
        while x < self.wide + step * 0.5:
            yield x
            x += step * float(1 + self.random.uniform(-jitter, jitter))

    def ground(self, material: str, top: float | None = None, *, depth: float = 0.08) -> None:
        """Level ground from the horizon (or ``top``) down, a little darker in front."""
        colour = self.tones[material]
        top = self.horizon if top is None else top
        self.canvas.shaded(
            rect(0, top, self.wide, 1.02),
            (mix(colour, self.tones.haze, 0.25), shade(colour, -depth)),
        )

    def hills(
        self, colour: Lab, base: float, height: float, rough: float = 0.3, fade: float = 0.0
    ) -> np.ndarray:
        """A layer of hills; returns their skyline. ``fade``: haze at their foot, 0…1."""
        line = ridge(self.random, self.wide, base, height, rough=rough)
        shape = under(line)
        if fade:
            self.canvas.shaded(shape, (colour, mix(colour, self.tones.haze, fade)))
        else:
            self.canvas.fill(colour, shape)
        return line

    def far(self, amount: float, material: str = "far") -> Lab:
        """A material seen through ``amount`` (0…1) of haze."""
        return mix(self.tones[material], self.tones.haze, amount)

    def leaves(self) -> str:
        """A material of leaves, by chance."""
        return str(self.random.choice(["leaf", "leaf2", "leaf3"]))

    def tree(self, x: float, foot: float, height: float, colour: Lab) -> None:
        """A round tree with a trunk and two lights on its crown."""
        canvas, random = self.canvas, self.random
        bare = self.scene.season == "winter" and not self.tones.inside
        trunk = mix(self.tones["trunk"], colour, 0.15)
        wide = height * 0.035
        canvas.fill(
            trunk,
            polygon(
                (x - wide * 1.4, foot), (x - wide * 0.7, foot - height * 0.6),
                (x + wide * 0.7, foot - height * 0.6), (x + wide * 1.4, foot),
            ),
        )  # fmt: skip
        if bare:
            for side, up in ((-1, 0.45), (1, 0.55), (-1, 0.65), (1, 0.75)):
                end = (x + side * height * 0.22, foot - height * (up + 0.22))
                canvas.line(trunk, polygon((x, foot - height * (up - 0.1)), end), wide * 0.9)
            canvas.line(trunk, polygon((x, foot - height * 0.5), (x, foot - height)), wide)
        crown = foot - height * 0.66
        size = height * 0.34
        alpha = 0.45 if bare else 1.0
        canvas.fill(
            colour,
            blob(random, x, crown, size * 0.92, size, 0.10),
            circle(x - size * 0.55, crown + size * 0.35, size * 0.55),
            circle(x + size * 0.58, crown + size * 0.32, size * 0.52),
            alpha=alpha,
        )
        light = shade(colour, 0.045)
        canvas.fill(light, circle(x + size * 0.22, crown - size * 0.3, size * 0.5), alpha=alpha)

    def pine(self, x: float, foot: float, height: float, colour: Lab) -> None:
        """A fir of three skirts, snowy in winter."""
        canvas = self.canvas
        canvas.fill(
            self.tones["trunk"],
            rect(x - height * 0.03, foot - height * 0.16, x + height * 0.03, foot),
        )
        snowy = self.scene.season == "winter" or self.scene.weather == "snow"
        for i, (top, low, half) in enumerate(
            ((1.0, 0.55, 0.16), (0.78, 0.32, 0.23), (0.56, 0.1, 0.29))
        ):
            y0, y1, w = foot - height * top, foot - height * low, height * half
            shape = smooth_skirt(x, y0, y1, w)
            canvas.fill(shade(colour, 0.03 * (1 - i)), shape)
            if snowy:
                cap = smooth_skirt(x, y0, y0 + (y1 - y0) * 0.45, w * 0.5)
                canvas.fill(mix(colour, self.tones["snow"], 0.85), cap)

    def bush(self, x: float, foot: float, size: float, colour: Lab) -> None:
        """Three humps on the ground."""
        self.canvas.fill(
            colour,
            ellipse(x - size * 0.6, foot - size * 0.2, size * 0.55, size * 0.42),
            ellipse(x, foot - size * 0.35, size * 0.6, size * 0.6),
            ellipse(x + size * 0.65, foot - size * 0.18, size * 0.5, size * 0.38),
            rect(x - size * 0.9, foot - size * 0.15, x + size * 0.9, foot),
        )

    def house(self, x: float, foot: float, width: float, height: float, index: int) -> None:
        """A house with a gable; ``index`` chooses its colours."""
        canvas, tones = self.canvas, self.tones
        wall = tones[("wall", "wall2", "wall3")[index % 3]]
        roof = tones[("roof", "roof2", "third")[index // 2 % 3]]
        if self.scene.season == "winter" or self.scene.weather == "snow":
            roof = mix(roof, tones["snow"], 0.75)
        left, right, eave = x - width / 2, x + width / 2, foot - height * 0.62
        canvas.shaded(rect(left, eave, right, foot), (wall, shade(wall, -0.05)))
        top = (x + width * 0.06, foot - height)
        over = width * 0.07
        canvas.fill(
            shade(roof, -0.06),
            rect(right - width * 0.3, foot - height * 0.98, right - width * 0.16, eave),
        )
        canvas.fill(
            roof, polygon((left - over, eave + over * 0.3), top, (right + over, eave + over * 0.3))
        )
        self.window(x - width * 0.34, foot - height * 0.50, width * 0.26, height * 0.22)
        self.window(x + width * 0.12, foot - height * 0.50, width * 0.26, height * 0.22)
        door = shade(tones["wood2"], -0.05)
        canvas.fill(
            door,
            rounded(
                x - width * 0.1,
                foot - height * 0.26,
                x + width * 0.08,
                foot + height * 0.0,
                width * 0.03,
            ),
        )

    def window(self, left: float, top: float, width: float, height: float) -> None:
        """A small window: lit when it is dark."""
        canvas, tones = self.canvas, self.tones
        lit = tones.dark and self.random.random() < 0.8
        pane = tones.bare("lit") if lit else tones["glass"]
        frame = tones["light"]
        canvas.fill(
            frame,
            rect(
                left - width * 0.09,
                top - width * 0.09,
                left + width * 1.09,
                top + height + width * 0.09,
            ),
        )
        canvas.fill(pane, rect(left, top, left + width, top + height))
        bar = width * 0.05
        canvas.fill(frame, rect(left + width / 2 - bar, top, left + width / 2 + bar, top + height))
        canvas.fill(
            frame, rect(left, top + height * 0.48 - bar, left + width, top + height * 0.48 + bar)
        )

    def street_lamp(self, x: float, foot: float, height: float) -> None:
        """A lamp on a post that shines when it is dark."""
        canvas, tones = self.canvas, self.tones
        post = mix(tones["dark"], tones.haze, 0.1)
        thick = height * 0.016
        canvas.fill(post, rect(x - thick, foot - height, x + thick, foot))
        canvas.fill(
            post, rounded(x - thick * 2.5, foot - height * 0.06, x + thick * 2.5, foot, thick)
        )
        canvas.line(
            post,
            arc(
                x + height * 0.09, foot - height, height * 0.09, height * 0.07, math.pi, 2 * math.pi
            ),
            thick * 1.7,
        )
        head = (x + height * 0.18, foot - height)
        if tones.dark:
            canvas.glow(tones.bare("lit"), head[0], head[1] + height * 0.05, height * 0.42, 0.65)
        bulb = tones.bare("lit") if tones.dark else tones["light"]
        canvas.fill(bulb, circle(head[0], head[1] + height * 0.012, height * 0.03))
        canvas.fill(
            post,
            arc(
                head[0],
                head[1] + height * 0.012,
                height * 0.05,
                height * 0.05,
                math.pi,
                2 * math.pi,
            ),
        )

    def tufts(self, colour: Lab, top: float, count: int) -> None:
        """Tufts of grass strewn over the ground, larger in front."""
        shapes = []
        for _ in range(round(count * min(self.wide, 2))):
            y = top + (1 - top) * float(self.random.random()) ** 0.8
            x = float(self.random.uniform(0, self.wide))
            size = 0.006 + 0.016 * (y - top) / max(1 - top, 0.1)
            shapes += [
                polygon(
                    (x - size * 0.16 + lean * size * 0.3, y),
                    (x + lean * size, y - size * 1.3),
                    (x + size * 0.16 + lean * size * 0.3, y),
                )
                for lean in (-0.8, 0.0, 0.8)
            ]
        for shape in shapes:
            self.canvas.fill(colour, shape)

    def path(
        self, colour: Lab, x: float, top: float, narrow: float, wide: float, sway: float = 0.15
    ) -> None:
        """A way from the front to the horizon."""
        end = self.wide * 0.5 + float(self.random.uniform(-0.25, 0.1)) * self.wide
        turn = float(self.random.choice([-1, 1])) * sway
        drop = 1.02 - top
        left = [
            (x - narrow, top),
            (x - narrow * 2 + turn * 0.5, top + drop * 0.3),
            (end - wide * 0.5 - turn * 0.3, top + drop * 0.65),
            (end - wide, 1.02),
        ]
        right = [
            (end + wide, 1.02),
            (end + wide * 0.5 - turn * 0.3, top + drop * 0.65),
            (x + narrow * 2 + turn * 0.5, top + drop * 0.3),
            (x + narrow, top),
        ]
        self.canvas.fill(
            colour, np.concatenate([smooth(left, closed=False), smooth(right, closed=False)])
        )


def smooth_skirt(x: float, top: float, low: float, half: float) -> np.ndarray:
    """A triangle with a hanging lower edge."""
    edge = arc(x, low, half, half * 0.16, 0, math.pi)
    return np.concatenate([polygon((x, top)), edge])
