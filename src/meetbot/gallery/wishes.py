"""How someone wants to be painted, as people write it: checked, and kept in their preset."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from meetbot.core.errors import InputError
from meetbot.core.pictures import PaintPreset
from meetbot.gallery.presets import parse_palette, parse_seed, parse_strength, parse_subjects
from meetbot.painting.commands import Wish
from meetbot.painting.wishes import granted
from meetbot.wording.words import stem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from meetbot.gallery.gallery import Gallery

__all__ = ["Wishes", "changed", "parse_style", "wish"]


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


async def wish(
    gallery: Gallery,
    person_id: str,
    wishes: Wishes,
    styles: Mapping[str, Sequence[str]],
    *,
    any_style: bool = False,
) -> PaintPreset:
    """Do as ``wishes`` say; what is set then. Raises ``InputError``, ``StoreError``."""
    before = await gallery.preset(person_id)
    after = changed(before, wishes, styles, any_style=any_style)
    dropped = before.references if wishes.clear else wishes.drop_references
    for name in dropped:
        await gallery.remove_reference(person_id, name)
    for source in wishes.references:
        await gallery.add_reference(person_id, source)
    if after != before:
        await gallery.save(person_id, after)
    return await gallery.preset(person_id)


def parse_style(text: str, styles: Mapping[str, Sequence[str]], *, any_style: bool = False) -> str:
    """The name of the style that ``text`` calls it by, of ``styles`` with their words.

    ``any_style``: the painter takes any others, too. Raises ``InputError``.
    """
    wanted = " ".join(text.split()).casefold()
    for name, words in styles.items():
        if wanted == name or stem(wanted) in {stem(word) for word in words}:
            return name
    if not any_style:
        raise InputError(f"there is no style {text!r}; there are: {', '.join(styles)}")
    return wanted


def changed(
    preset: PaintPreset,
    wishes: Wishes,
    styles: Mapping[str, Sequence[str]],
    *,
    any_style: bool = False,
) -> PaintPreset:
    """``preset`` as ``wishes`` would have it, but for the references. Raises ``InputError``."""
    if wishes.clear:
        preset = PaintPreset()
    if wishes.style is not None:
        style = wishes.style.strip()
        named = parse_style(style, styles, any_style=any_style) if style else None
        preset = replace(preset, style=named)
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
