"""What a text names, in English words: nearly the same in whatever language it was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.reading.lexicon import (
    plain,
    read_gazetteer,
    spoken_names,
)
from meetbot.engines.painter.storyboard.reading.names import find_names
from meetbot.engines.painter.storyboard.reading.tokens import is_cyrillic

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.reading.words import Vocabulary

__all__ = ["pivot"]


def pivot(source: str, vocabulary: Vocabulary) -> str:
    """The things, actions and known places of a text, in its order, by their English names.

    Empty where none of its words is known.
    """
    language = "ru" if is_cyrillic(source) else "en"
    text = vocabulary.text(source, language)
    english = vocabulary.keywords("en")
    said: dict[int, str] = {}
    for index, lexicon in enumerate(text.lexicons):
        if word := text.tells(index, lexicon.actions):
            said[index] = lexicon.actions[word][0]
    for hit in vocabulary.hits(text, language):
        for index in range(hit.first, hit.last + 1):
            said.pop(index, None)
        icons = hit.named.icons
        said[hit.first] = spoken_names().get(icons) or english.label(icons[0]) or ""
    places = read_gazetteer().english
    said |= {
        name.first: places[written]
        for name in find_names(text)
        if (written := plain(name.text)) in places
    }
    return " ".join(said[index] for index in sorted(said))
