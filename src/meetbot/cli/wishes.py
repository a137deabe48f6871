"""How someone wants to be painted, as options of a command say it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from meetbot.core.errors import InputError
from meetbot.core.pictures import PaintPreset
from meetbot.engines.painter.storyboard.styles import STYLES
from meetbot.gallery import Gallery
from meetbot.gallery.presets import parse_palette, parse_seed, parse_strength, parse_subjects
from meetbot.painting.commands import Wish
from meetbot.painting.wishes import granted
from meetbot.people import PeopleDirectory
from meetbot.wording.words import stem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetbot.config import Settings
    from meetbot.store import Store

__all__ = ["Wishes", "parse_style", "wish"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """None: stays as it is; an empty text takes it away. ``likes``, ``dislikes`` are added."""

    style: str | None = None
    palette: str | None = None
    likes: Sequence[str] = ()
    dislikes: Sequence[str] = ()
    seed: str | None = None
    strength: str | None = None
    references: Sequence[str] = ()
    drop_references: Sequence[str] = ()
    clear: bool = False


async def wish(settings: Settings, store: Store, who: str, wishes: Wishes) -> dict[str, Any]:
    """Do as ``wishes`` say; what is set then. Raises ``InputError``, ``StoreError``."""
    gallery = Gallery(store, settings.painting.references)
    person = await PeopleDirectory(store).find(who)
    before = await gallery.preset(person.id)
    after = _changed(before, wishes, any_style=settings.painting.painter.engine != "storyboard")
    dropped = before.references if wishes.clear else wishes.drop_references
    for name in dropped:
        await gallery.remove_reference(person.id, name)
    for source in wishes.references:
        await gallery.add_reference(person.id, source)
    if after != before:
        await gallery.save(person.id, after)
    return _described(await gallery.preset(person.id))


def parse_style(text: str, *, any_style: bool = False) -> str:
    """A style's name, as the embedded painter knows it, in English or Russian words.

    ``any_style``: the painter takes any words. Raises ``InputError``.
    """
    wanted = " ".join(text.split()).casefold()
    for name, words in STYLES.items():
        if wanted == name or stem(wanted) in {stem(word) for word in words}:
            return name
    if not any_style:
        raise InputError(f"there is no style {text!r}; there are: {', '.join(STYLES)}")
    return wanted


def _changed(preset: PaintPreset, wishes: Wishes, *, any_style: bool) -> PaintPreset:
    if wishes.clear:
        preset = PaintPreset()
    if wishes.style is not None:
        style = parse_style(wishes.style, any_style=any_style) if wishes.style.strip() else None
        preset = replace(preset, style=style)
    if wishes.palette is not None:
        palette = parse_palette(wishes.palette) if wishes.palette.strip() else ()
        preset = replace(preset, palette=palette)
    if wishes.seed is not None:
        preset = replace(preset, seed=parse_seed(wishes.seed) if wishes.seed else None)
    if wishes.strength is not None:
        strength = parse_strength(wishes.strength) if wishes.strength else None
        preset = replace(preset, strength=strength)
    likes = parse_subjects(",".join(wishes.likes))
    return granted(preset, Wish(likes=likes, dislikes=parse_subjects(",".join(wishes.dislikes))))


def _described(preset: PaintPreset) -> dict[str, Any]:
    return {
        "style": preset.style,
        "palette": list(preset.palette),
        "likes": list(preset.likes),
        "dislikes": list(preset.dislikes),
        "references": list(preset.references),
        "seed": preset.seed,
        "strength": preset.strength,
    }
