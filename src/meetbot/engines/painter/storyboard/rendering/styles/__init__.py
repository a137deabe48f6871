"""The styles, by name."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.rendering.styles.blueprint import BLUEPRINT
from meetbot.engines.painter.storyboard.rendering.styles.chalk import CHALK
from meetbot.engines.painter.storyboard.rendering.styles.ink import INK
from meetbot.engines.painter.storyboard.rendering.styles.night import NIGHT
from meetbot.engines.painter.storyboard.rendering.styles.papercut import PAPERCUT, shaded_under
from meetbot.engines.painter.storyboard.rendering.styles.plain import FLAT, PASTEL
from meetbot.engines.painter.storyboard.rendering.styles.poster import POSTER
from meetbot.engines.painter.storyboard.rendering.styles.style import Drawn, Glass, Plate, Style
from meetbot.engines.painter.storyboard.rendering.styles.watercolour import WATERCOLOUR
from meetbot.engines.painter.storyboard.styles import STYLES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LOOKS", "Drawn", "Glass", "Plate", "Style", "shaded_under", "style_named"]

LOOKS: Mapping[str, Style] = {
    style.name: style
    for style in (
        FLAT, WATERCOLOUR, NIGHT, BLUEPRINT, INK, PASTEL, PAPERCUT, POSTER, CHALK,
    )
}  # fmt: skip
"""Each of ``STYLES``."""
MOST = 200
SHORTEST = 4
"""Letters of a word that may be a slip: "in" is not ink."""
_WORDS = {word: name for name, words in STYLES.items() for word in words}


def style_named(text: str) -> Style:
    """The style of that name, or of the word nearest to it; else ``flat``."""
    words = re.findall(r"\w+", text[:MOST].casefold())
    for word in words:
        if word in _WORDS:
            return LOOKS[_WORDS[word]]
    for word in words:
        near = difflib.get_close_matches(word, _WORDS, 1, 0.75)
        if near and len(word) >= SHORTEST:
            return LOOKS[_WORDS[near[0]]]
    return LOOKS["flat"]
