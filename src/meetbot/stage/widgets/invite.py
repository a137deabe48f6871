"""What stands where captions will be, before anybody has spoken."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from meetbot.core.types import BotState
from meetbot.stage.colour import mix
from meetbot.stage.drawing import Canvas, Look, Patch, pill

if TYPE_CHECKING:
    from PIL import Image

    from meetbot.stage.scene import Scene

__all__ = ["InvitePainter"]

S = 1_000_000_000
BARS = 7
STEPS = 24
PERIOD_NS = 3 * S
HINT = (
    "Captions appear here, with the speaker's name",
    "Здесь появятся субтитры с именем говорящего",
)
_JOINING = "Joining the meeting · Подключаюсь"
_ALONE = "Waiting for people · Ждём участников"
_READY = "Go ahead, I'm listening · Говорите"


class InvitePainter:
    """A few calm bars that move like a voice, and a line that says what to do."""

    def __init__(self, look: Look, width: int, height: int) -> None:
        self._look, self._width, self._height = look, width, height
        self._step = -1
        self._drawn: Image.Image | None = None

    @property
    def last(self) -> Image.Image:
        """The invitation drawn last, or bare ground."""
        if self._drawn is None:
            return self._bare().image
        return self._drawn

    def draw(self, scene: Scene) -> Image.Image:
        """The invitation, without its bars, on an image of the caption area's size."""
        canvas, look = self._bare(), self._look
        theme, sizes = look.layout.theme, look.layout.type
        middle, base = self._width / 2, self._height * 0.6
        canvas.text_middle(middle, base, self._words(scene), sizes.invite, theme.text, "Bold")
        for i, line in enumerate(HINT):
            low = base + look.px(52) + i * look.px(36)
            canvas.text_middle(middle, low, line, sizes.invite_hint, theme.faint, "Medium")
        self._step, self._drawn = -1, canvas.image
        return canvas.image

    def bars(self, now_ns: int) -> Patch | None:
        """The bars as they stand now, placed in the caption area; None: as last time."""
        step = now_ns * STEPS // PERIOD_NS % STEPS
        if step == self._step:
            return None
        self._step = step
        look, theme = self._look, self._look.layout.theme
        wide, gap, tall = look.px(12), look.px(12), look.px(104)
        canvas = Canvas(BARS * (wide + gap) - gap, tall, theme.background, look.fonts)
        for i in range(BARS):
            turn = 2 * math.pi * (step / STEPS - i / BARS)
            shape = 1 - abs(i - BARS // 2) / (BARS // 2 + 1)
            share = shape * (0.55 + 0.45 * math.sin(turn))
            high = max(wide, round(tall * share))
            colour = mix(theme.background, theme.accent, 0.35 + 0.55 * shape)
            canvas.shape(i * (wide + gap), (tall - high) // 2, pill(wide, high, wide), colour)
        left = (self._width - canvas.image.width) // 2
        return Patch(left, round(self._height * 0.28) - tall // 2, canvas.image)

    def _bare(self) -> Canvas:
        look = self._look
        return Canvas(self._width, self._height, look.layout.theme.background, look.fonts)

    @staticmethod
    def _words(scene: Scene) -> str:
        if scene.state is BotState.JOINING:
            return _JOINING
        return _READY if scene.seats else _ALONE
