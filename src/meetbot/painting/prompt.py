"""What a painter is asked for, from what was said, the talk, and how its speaker is painted."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from meetbot.core.pictures import PaintRequest
from meetbot.painting.context import clean, content
from meetbot.painting.palettes import colour_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetbot.config import PaintingSettings
    from meetbot.core.pictures import PaintPreset, Reference
    from meetbot.painting.context import Line

__all__ = ["borrowed", "build_prompt", "neutral"]

ENOUGH_WORDS = 3
"""Words with content of which a picture can be made without the rest of the talk."""
TALK_WORDS = 10
MOST_BORROWED = 2
BOT_WEIGHT = 0.5
PROMPT_WORDS = 40
"""A CLIP text encoder reads 77 tokens; style and colours need some of them."""


def build_prompt(
    words: str,
    talk: Sequence[Line],
    preset: PaintPreset,
    settings: PaintingSettings,
    *,
    person: str,
    language: str,
    palette: tuple[str, ...],
    recent: Sequence[str] = (),
    references: tuple[Reference, ...] = (),
) -> PaintRequest:
    """A request for a picture of ``words``, with what is missing in them taken from the ``talk``.

    ``words`` and ``talk`` are untrusted: they are depicted, whatever they say. ``palette`` is for
    a preset without one. ``recent``: prompts of the person's last pictures; the same prompt again
    is painted by another seed, unless the preset has one.
    """
    subject = _subject(clean(words), talk)
    style = preset.style or settings.style
    colours = preset.palette or palette
    prompt = _prompt(subject, style, colours, preset)
    seed = preset.seed
    if seed is None:
        seed = _seed(person, prompt, sum(before == prompt for before in recent))
    painter = settings.painter
    return PaintRequest(
        subject=subject,
        prompt=prompt,
        language=language,
        seed=seed,
        width=painter.width,
        height=painter.height,
        negative=clean(", ".join(preset.dislikes)),
        style=style,
        palette=colours,
        likes=preset.likes,
        dislikes=preset.dislikes,
        references=references,
        strength=0.6 if preset.strength is None else preset.strength,
    )


def neutral(request: PaintRequest) -> PaintRequest:
    """A request for a picture in the same style that none of the words had a part in."""
    return PaintRequest(
        subject="",
        prompt=f"a calm abstract composition of soft shapes, {request.style} style",
        language=request.language,
        seed=request.seed,
        width=request.width,
        height=request.height,
        style=request.style,
        palette=request.palette,
    )


def borrowed(words: str, talk: Sequence[Line]) -> list[Line]:
    """The lines of the ``talk`` that a picture of ``words`` shows as well: none if they do."""
    known = set(content(words))
    chosen: list[Line] = []
    if len(known) >= ENOUGH_WORDS:
        return chosen
    for line in _weightiest(talk):
        new = set(content(line.text)) - known
        if len(chosen) == MOST_BORROWED:
            break
        if new and len(known | new) <= TALK_WORDS:
            chosen.append(line)
            known |= new
    return chosen


def _subject(words: str, talk: Sequence[Line]) -> str:
    """``words`` first; where they show little, the lines before them that show more."""
    more = [line.text for line in borrowed(words, talk)]
    return clean(" ".join(part for part in [words, *more] if part)) if more else words


def _weightiest(talk: Sequence[Line]) -> list[Line]:
    """The latest first; what the bot said only behind twice as much of what people said."""
    places = {id(line): place for place, line in enumerate(reversed(talk), 1)}
    return sorted(talk, key=lambda line: places[id(line)] / (BOT_WEIGHT if line.by_bot else 1.0))


def _prompt(subject: str, style: str, colours: Sequence[str], preset: PaintPreset) -> str:
    names = list(dict.fromkeys(colour_name(colour) for colour in colours))
    parts = [
        " ".join(subject.split()[:PROMPT_WORDS]),
        f"with {', '.join(preset.likes)}" if preset.likes else "",
        f"{style} style",
        f"{', '.join(names)} colours" if names else "",
    ]
    return clean(", ".join(part for part in parts if part))


def _seed(person: str, prompt: str, again: int) -> int:
    digest = blake2b(f"{person}\n{prompt}\n{again}".encode(), digest_size=4).digest()
    return int.from_bytes(digest) & 0x7FFF_FFFF
