"""One picture sliding and fading into another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from meetbot.stage.colour import RGB

__all__ = ["Slide"]

DURATION_NS = 330_000_000
FIRST_STEP_NS = 66_000_000
"""The first frame after a change already shows some of it."""


class Slide:
    """``old`` moves up by ``rise`` pixels and fades while ``new`` comes up into its place.

    Both have one size and stand on ``ground``, so what they share at a distance of ``rise``
    stays sharp all the way.
    """

    def __init__(
        self, old: Image.Image, new: Image.Image, rise: int, now_ns: int, ground: RGB
    ) -> None:
        self._old, self._new = old, new
        self._rise, self._ground = rise, ground
        self._since_ns = now_ns - FIRST_STEP_NS

    def over(self, now_ns: int) -> bool:
        """True once ``image`` is the new picture itself."""
        return self._old is self._new or now_ns - self._since_ns >= DURATION_NS

    def rest(self, now_ns: int) -> int:
        """How many pixels the new picture has still to rise."""
        return self._rise - round(self._rise * self._eased(now_ns))

    def image(self, now_ns: int) -> Image.Image:
        """The picture between the two at ``now_ns``."""
        if self.over(now_ns):
            return self._new
        share = self._eased(now_ns)
        rest = self.rest(now_ns)
        old, new = self._moved(self._old, rest - self._rise), self._moved(self._new, rest)
        return Image.blend(old, new, share)

    def _eased(self, now_ns: int) -> float:
        share = min(1.0, max(0.0, (now_ns - self._since_ns) / DURATION_NS))
        return 1 - (1 - share) ** 3

    def _moved(self, image: Image.Image, down: int) -> Image.Image:
        if down == 0:
            return image
        moved = Image.new("RGB", image.size, self._ground)
        moved.paste(image, (0, down))
        return moved
