"""How people wish to be painted: kept, told, and shown at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from meetbot.core.pictures import PaintPreset
from meetbot.painting.context import FEWEST_WORDS, content
from meetbot.painting.phrases import Phrase
from meetbot.wording.words import is_cyrillic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from meetbot.painting.commands import Wish
    from meetbot.painting.context import Talk
    from meetbot.painting.desk import Desk
    from meetbot.painting.presets import Presets
    from meetbot.painting.safety import Guard
    from meetbot.painting.sketch import Sketcher, Words

__all__ = ["Wishes", "granted"]

MOST_SUBJECTS = 12


class Wishes:
    """Changes presets by what their people say."""

    def __init__(
        self,
        desk: Desk,
        guard: Guard,
        sketcher: Sketcher,
        presets: Presets,
        talk: Talk,
        styles: Mapping[str, Sequence[str]],
    ) -> None:
        self._desk = desk
        self._guard = guard
        self._sketcher = sketcher
        self._presets = presets
        self._talk = talk
        self._styles = styles

    async def grant(self, wish: Wish, words: Words) -> None:
        """Do as whoever said ``words`` wishes, from now on."""
        name, language = _name(words), words.language
        if wish.unknown:
            known = ", ".join(self._styles)
            line = Phrase.UNKNOWN_STYLE.text(language, what=wish.unknown, known=known)
            self._desk.tell(line)
            return
        if self._guard.refuses(" . ".join([*wish.likes, wish.unknown])):
            self._desk.tell(Phrase.UNSAFE.text(language))
            return
        if words.speaker is not None:
            await self._presets.fetch(words.speaker)
        before = self._presets.known(words.key).preset
        preset = granted(before, wish)
        kept = await self._presets.save(words.key, words.speaker, preset)
        for phrase, what in _changes(wish, self._called(wish.style, language)):
            self._desk.tell(phrase.text(language, name=name, what=what))
        if not kept:
            self._desk.tell(Phrase.UNKEPT.text(language, name=name))
        if (preset.style, preset.palette) != (before.style, before.palette):
            await self._show(words)

    def _called(self, style: str | None, language: str) -> str:
        """A style as it is called in ``language``."""
        names = self._styles.get(style or "", ())
        russian = (name for name in names if is_cyrillic(name))
        return next(russian, style or "") if language == "ru" else style or ""

    async def _show(self, words: Words) -> None:
        """What they said last, or anyone, as it is painted from now on."""
        lines = [line for line in self._talk.lines() if len(content(line.text)) >= FEWEST_WORDS]
        if not lines:
            return
        last = next((line for line in reversed(lines) if line.person == words.key), lines[-1])
        again = replace(words, text=last.text, language=last.language, asked=True)
        sketch = await self._sketcher.sketch(again, ())
        if last.speaker is not None and last.speaker not in sketch.speakers:
            sketch = replace(sketch, speakers=(*sketch.speakers, last.speaker))
        self._desk.order(sketch, "request")


def granted(before: PaintPreset, wish: Wish) -> PaintPreset:
    """The preset with a wish in it. What is liked is disliked no more, and the other way."""
    if wish.forget:
        return PaintPreset(references=before.references, strength=before.strength)
    likes = [*wish.likes, *before.likes]
    dislikes = [*wish.dislikes, *before.dislikes]
    return replace(
        before,
        style=wish.style or before.style,
        palette=wish.palette or before.palette,
        likes=_first(word for word in likes if word not in wish.dislikes),
        dislikes=_first(word for word in dislikes if word not in wish.likes),
    )


def _first(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))[:MOST_SUBJECTS]


def _changes(wish: Wish, style: str) -> list[tuple[Phrase, str]]:
    if wish.forget:
        return [(Phrase.FORGOTTEN, "")]
    changes = [
        (Phrase.STYLE, style),
        (Phrase.COLOURS, wish.colours),
        (Phrase.LIKES, ", ".join(wish.likes)),
        (Phrase.DISLIKES, ", ".join(wish.dislikes)),
    ]
    return [(phrase, what) for phrase, what in changes if what]


def _name(words: Words) -> str:
    if words.speaker is not None:
        return words.speaker.name
    return words.participant.name if words.participant is not None else ""
