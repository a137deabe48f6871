"""A notice that comes, stays for a while and goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from meetbot.core.types import BotState
from meetbot.stage.colour import mix
from meetbot.stage.drawing import Canvas, Look, Patch, disc, pill
from meetbot.stage.typeset import fit

if TYPE_CHECKING:
    from meetbot.stage.colour import RGB
    from meetbot.stage.layout import Box
    from meetbot.stage.scene import Scene, Toast

__all__ = ["ToastWidget"]

FADE_NS = 300_000_000
FADE_STEPS = 5


class ToastWidget:
    """The scene's toast, fading in and out."""

    def __init__(self, look: Look, box: Box) -> None:
        self._look, self._box = look, box
        empty = Canvas(box.width, box.height, look.layout.theme.background, look.fonts)
        self._empty = self._full = empty.image
        self._toast: Toast | None = None
        self._step = 0

    def paint(self, scene: Scene, now_ns: int) -> list[Patch]:
        """See ``Widget``."""
        toast = scene.toast
        if toast is None and self._step == 0:
            return []
        fresh = toast is not None and toast != self._toast
        if toast is not None and fresh:
            self._toast, self._full = toast, self._draw(toast)
        step = 0 if toast is None else _visible(toast, now_ns)
        if step == self._step and not fresh:
            return []
        self._step = step
        image = Image.blend(self._empty, self._full, step / FADE_STEPS)
        return [Patch(self._box.left, self._box.top, image)]

    def _draw(self, toast: Toast) -> Image.Image:
        look, box = self._look, self._box
        theme, size, fonts = look.layout.theme, look.layout.type.toast, look.fonts
        tint: RGB = {
            BotState.DEGRADED: theme.warning,
            BotState.LISTENING: theme.listening,
        }.get(toast.state, theme.accent)
        ground = mix(theme.background, tint, 0.14)
        canvas = Canvas(box.width, box.height, theme.background, fonts)
        tall = min(box.height, look.px(48))
        badge = look.px(24)
        indent = look.px(16) + badge + look.px(14)
        text = fit(toast.text, box.width - indent - look.px(24), fonts, size, "SemiBold")
        wide = min(box.width, round(fonts.width(text, size, "SemiBold")) + indent + look.px(24))
        canvas.shape(0, 0, pill(wide, tall, look.px(14)), ground)
        top = (tall - badge) // 2
        canvas.shape(look.px(16), top, disc(badge), tint)
        sign = "!" if toast.state is BotState.DEGRADED else "i"
        middle = look.px(16) + badge / 2
        canvas.text_middle(middle, top + badge * 0.76, sign, look.px(18), ground, "Bold")
        colour = mix(theme.text, tint, 0.3)
        canvas.text(indent, tall / 2 + size * 0.35, text, size, colour, "SemiBold")
        return canvas.image


def _visible(toast: Toast, now_ns: int) -> int:
    """How far the toast has come, 0…``FADE_STEPS``."""
    since, left = now_ns - toast.since_ns, toast.until_ns - now_ns
    nearest = max(0, min(since + FADE_NS // FADE_STEPS, left, FADE_NS))
    return round(nearest * FADE_STEPS / FADE_NS)
