"""The bot's name, the meeting's time, and the notice that an AI is listening."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from meetbot.core.types import BotState
from meetbot.stage.colour import mix
from meetbot.stage.drawing import Canvas, Look, Patch, disc, pill
from meetbot.stage.typeset import fit

if TYPE_CHECKING:
    from meetbot.stage.colour import RGB
    from meetbot.stage.layout import Box, Theme
    from meetbot.stage.scene import Scene

__all__ = ["NoticeWidget", "TitleWidget", "elapsed"]

S = 1_000_000_000
PULSE_NS = 2 * S
PULSE_STEPS = 10
SUBTITLE = "Live captions · Субтитры"
_SAYS = {
    BotState.JOINING: "Joining · Подключаюсь",
    BotState.LISTENING: "AI is listening · ИИ слушает",
    BotState.DEGRADED: "AI is listening · ИИ слушает",
    BotState.LEAVING: "Leaving · Ухожу",
}
_MARK = (0.34, 0.62, 0.46, 0.24)


def elapsed(now_ns: int) -> str:
    """Meeting time as people read it: ``4:05``, ``1:04:05``."""
    seconds = max(0, now_ns) // S
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return (f"{hours}:{minutes:02}" if hours else f"{minutes}") + f":{seconds % 60:02}"


class TitleWidget:
    """The bot's mark and name."""

    def __init__(self, look: Look, box: Box) -> None:
        self._look, self._box = look, box
        self._shown: str | None = None

    def paint(self, scene: Scene, now_ns: int) -> list[Patch]:
        """See ``Widget``."""
        if scene.bot_name == self._shown:
            return []
        self._shown = scene.bot_name
        look, box = self._look, self._box
        theme, sizes, fonts = look.layout.theme, look.layout.type, look.fonts
        canvas = Canvas(box.width, box.height, theme.background, fonts)
        side = min(box.height, look.px(52))
        top = (box.height - side) // 2
        canvas.shape(
            0, top, pill(side, side, look.px(15)), mix(theme.background, theme.accent, 0.2)
        )
        self._mark(canvas, top, side, theme.accent)
        left = side + look.px(18)
        name = fit(scene.bot_name, box.width - left, fonts, sizes.title, "Bold")
        middle = box.height / 2
        canvas.text(left, middle - look.px(3), name, sizes.title, theme.text, "Bold")
        below = middle + look.px(22)
        canvas.text(left, below, SUBTITLE, sizes.subtitle, theme.faint, "Medium")
        return [Patch(box.left, box.top, canvas.image)]

    def _mark(self, canvas: Canvas, top: int, side: int, colour: RGB) -> None:
        wide = max(2, round(side * 0.085))
        step = (side * 0.6 - wide) / (len(_MARK) - 1)
        for i, share in enumerate(_MARK):
            tall = max(wide, round(side * share))
            left = round(side * 0.2 + i * step)
            canvas.shape(left, top + (side - tall) // 2, pill(wide, tall, wide), colour)


class NoticeWidget:
    """Elapsed time, and the pill that says that an AI is listening, its dot pulsing."""

    def __init__(self, look: Look, box: Box) -> None:
        self._look, self._box = look, box
        self._shown: tuple[BotState, str] | None = None
        self._pulse = -1

    def paint(self, scene: Scene, now_ns: int) -> list[Patch]:
        """See ``Widget``."""
        patches = []
        wanted = (scene.state, elapsed(now_ns))
        if wanted != self._shown:
            before, self._shown = self._shown, wanted
            if before is None or before[0] != wanted[0]:
                self._pulse = -1
                patches.append(self._words(scene.state))
            patches.append(self._clock(scene.state, wanted[1]))
        live = scene.state in (BotState.LISTENING, BotState.DEGRADED)
        pulse = now_ns * PULSE_STEPS // PULSE_NS % PULSE_STEPS if live else 0
        if pulse != self._pulse:
            self._pulse = pulse
            patches.append(self._dot(scene.state, pulse))
        return patches

    def _geometry(self, state: BotState) -> tuple[int, int, int, int]:
        """Left, top, width, height of the pill in the box."""
        look = self._look
        text = look.fonts.width(_SAYS[state], look.layout.type.notice, "SemiBold")
        wide, tall = round(text) + look.px(70), look.px(46)
        return self._box.width - wide, (self._box.height - tall) // 2, wide, tall

    def _words(self, state: BotState) -> Patch:
        look, box, theme = self._look, self._box, self._look.layout.theme
        canvas = Canvas(box.width, box.height, theme.background, look.fonts)
        left, top, wide, tall = self._geometry(state)
        canvas.shape(left, top, pill(wide, tall, tall), _ground(theme, state))
        size = look.layout.type.notice
        base = top + tall / 2 + size * 0.35
        colour = mix(theme.text, _tint(theme, state), 0.25)
        canvas.text(left + look.px(48), base, _SAYS[state], size, colour, "SemiBold")
        return Patch(box.left, box.top, canvas.image)

    def _clock(self, state: BotState, text: str) -> Patch:
        """Digits in cells of one width, so that nothing trembles as they change."""
        look, theme = self._look, self._look.layout.theme
        size = look.layout.type.notice
        cell = max(look.fonts.width(d, size, "SemiBold") for d in "0123456789")
        left, top, _, tall = self._geometry(state)
        wide = round(cell * 7.2)
        canvas = Canvas(wide, tall, theme.background, look.fonts)
        base, right = tall / 2 + size * 0.35, float(wide)
        for char in reversed(text):
            step = cell if char.isdigit() else cell * 0.55
            canvas.text_middle(right - step / 2, base, char, size, theme.faint, "SemiBold")
            right -= step
        box = self._box
        return Patch(box.left + max(0, left - look.px(24) - wide), box.top + top, canvas.image)

    def _dot(self, state: BotState, pulse: int) -> Patch:
        look, theme = self._look, self._look.layout.theme
        ground, tint = _ground(theme, state), _tint(theme, state)
        left, top, _, tall = self._geometry(state)
        side = look.px(26)
        canvas = Canvas(side, side, ground, look.fonts)
        swell = 0.5 - 0.5 * math.cos(2 * math.pi * pulse / PULSE_STEPS)
        halo = look.px(14 + 12 * swell)
        canvas.shape((side - halo) // 2, (side - halo) // 2, disc(halo), mix(ground, tint, 0.3))
        core = look.px(12)
        canvas.shape((side - core) // 2, (side - core) // 2, disc(core), tint)
        box = self._box
        across = box.left + left + look.px(14)
        return Patch(across, box.top + top + (tall - side) // 2, canvas.image)


def _tint(theme: Theme, state: BotState) -> RGB:
    if state is BotState.DEGRADED:
        return theme.warning
    return theme.listening if state is BotState.LISTENING else theme.quiet


def _ground(theme: Theme, state: BotState) -> RGB:
    return mix(theme.background, _tint(theme, state), 0.15)
