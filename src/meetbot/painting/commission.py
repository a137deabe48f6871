"""One picture that is asked for outside of a meeting, by a command or a program."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from meetbot.core.errors import InputError
from meetbot.core.pictures import PaintPreset, Picture
from meetbot.painting.context import clean
from meetbot.painting.palettes import speaker_palette
from meetbot.painting.prompt import build_prompt
from meetbot.wording.words import as_language

if TYPE_CHECKING:
    from meetbot.config import PaintingSettings
    from meetbot.core.pictures import PaintRequest, Reference
    from meetbot.core.types import Speaker
    from meetbot.painting.fit import Fit
    from meetbot.painting.ports import PresetSource

__all__ = ["Commission", "as_picture", "as_request"]


@dataclass(frozen=True, slots=True)
class Commission:
    """What is wanted. Empty or None: as the person likes it, else as it is configured.

    ``width``, ``height``: pixels, multiples of 8.
    """

    text: str
    style: str | None = None
    palette: tuple[str, ...] = ()
    seed: int | None = None
    strength: float | None = None
    references: tuple[Reference, ...] = ()
    width: int | None = None
    height: int | None = None


async def as_request(
    commission: Commission,
    settings: PaintingSettings,
    person: Speaker | None = None,
    presets: PresetSource | None = None,
) -> PaintRequest:
    """What a meeting would ask the painter for; the same commission gives the same picture.

    ``presets``: where ``person``'s is kept. Raises ``InputError`` where there is nothing to be
    seen in the text, ``StoreError``.
    """
    if not clean(commission.text):
        raise InputError("there is nothing to paint: the text is empty; say what is to be seen")
    preset, references = PaintPreset(), commission.references
    if person is not None and presets is not None:
        preset = await presets.preset(person.person_id)
        references = references or await presets.references(person.person_id)
    request = build_prompt(
        commission.text,
        (),
        _over(preset, commission),
        settings,
        person=person.person_id if person else "",
        language=as_language(commission.text),
        palette=speaker_palette(person.colour) if person else (),
        references=references,
    )
    return replace(
        request,
        width=commission.width or request.width,
        height=commission.height or request.height,
    )


def as_picture(fit: Fit, person: Speaker | None, took_ns: int) -> Picture:
    """What was painted for ``person`` in ``took_ns``, as it is kept."""
    return Picture(
        id=uuid4().hex,
        request=fit.request,
        painting=fit.painting,
        trigger="api",
        participant=None,
        speakers=(person,) if person else (),
        said_end_ns=0,
        at_ns=took_ns,
        safe=fit.safe,
    )


def _over(preset: PaintPreset, commission: Commission) -> PaintPreset:
    """``preset``, but for what is said this once."""
    return replace(
        preset,
        style=commission.style or preset.style,
        palette=commission.palette or preset.palette,
        seed=preset.seed if commission.seed is None else commission.seed,
        strength=preset.strength if commission.strength is None else commission.strength,
    )
