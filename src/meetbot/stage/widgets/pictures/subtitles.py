"""What is being said, over the foot of the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.stage.drawing import Canvas, Look, Patch, pill
from meetbot.stage.typeset import wrap

if TYPE_CHECKING:
    from meetbot.stage.layout import Box
    from meetbot.stage.picture_scene import PictureScene, Subtitle

__all__ = ["Subtitles"]

LINES = 2


class Subtitles:
    """The last two lines of the scene's subtitle, after the speaker's name."""

    def __init__(self, look: Look, box: Box) -> None:
        self._look, self._box = look, box
        self._shown: Subtitle | None = None
        self._patch: Patch | None = None

    def over(self, scene: PictureScene, now_ns: int) -> Patch | None:
        """See ``Overlay``."""
        if scene.subtitle != self._shown:
            self._shown = scene.subtitle
            self._patch = None if scene.subtitle is None else self._draw(scene.subtitle)
        return self._patch

    def _draw(self, subtitle: Subtitle) -> Patch:
        look, box = self._look, self._box
        theme, size, small = look.layout.theme, look.layout.type.subtitles, look.layout.type.tag
        inset, step = look.px(22), round(size * 1.32)
        lines = wrap(subtitle.text, box.width - 2 * inset, look.fonts, size, "SemiBold")[-LINES:]
        head = round(small * 1.5) if subtitle.name else 0
        tall = min(box.height, head + len(lines) * step + look.px(20))
        widest = max(look.fonts.width(line, size, "SemiBold") for line in lines)
        named = look.fonts.width(subtitle.name, small, "Bold")
        wide = min(box.width, round(max(widest, named)) + 2 * inset)
        canvas = Canvas(wide, tall, theme.background, look.fonts)
        top = look.px(10)
        if subtitle.name:
            tint = theme.tint(subtitle.colour, None) or theme.quiet
            canvas.text(inset, top + small, subtitle.name, small, tint, "Bold")
        for i, line in enumerate(lines):
            base = top + head + i * step + size
            canvas.text(inset, base, line, size, theme.text, "SemiBold")
        left = box.left + (box.width - wide) // 2
        place = box.top + box.height - tall
        return Patch(left, place, canvas.image, pill(wide, tall, look.px(16)))
