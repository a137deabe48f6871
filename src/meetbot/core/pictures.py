"""The values of what the bot paints while people talk.

All are frozen. Colours are ``#rrggbb``; pixels are uint8 RGB, shape ``(height, width, 3)``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from meetbot.core.types import Participant, Speaker

__all__ = ["PaintPreset", "PaintRequest", "Painting", "Picture", "Reference", "Trigger"]

Trigger = Literal["timer", "topic", "request", "api"]
"""What made the bot paint: time passed, the talk turned, someone asked for it, a program did."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A picture that a person gave, to be painted after; checked and decoded already."""

    name: str
    pixels: NDArray[np.uint8] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PaintPreset:
    """How someone likes to be painted. Whatever is empty or None: the engine's own choice.

    ``palette``: two to six colours, ground first, accents last. ``style``: a word such as
    ``watercolour``. ``likes``, ``dislikes``: subjects. ``references``: names of kept references.
    ``seed``: the same pictures for the same words. ``strength``: 0…1, how far to go from a
    reference.
    """

    palette: tuple[str, ...] = ()
    style: str | None = None
    likes: tuple[str, ...] = ()
    dislikes: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    seed: int | None = None
    strength: float | None = None


@dataclass(frozen=True, slots=True)
class PaintRequest:
    """What a painter is asked for.

    ``prompt``: for a diffusion model, style words and all; ``negative``: what not to show.
    ``subject``: only what is to be depicted, in the words of whoever said it (untrusted, at most
    2,000 characters), in ``language`` (ISO 639-1). ``width``, ``height``: pixels. The same
    request gives the same picture.
    """

    subject: str
    prompt: str
    language: str
    seed: int
    width: int
    height: int
    negative: str = ""
    style: str = "flat"
    palette: tuple[str, ...] = ()
    likes: tuple[str, ...] = ()
    dislikes: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    strength: float = 0.6


@dataclass(frozen=True, slots=True)
class Painting:
    """What a painter made. ``engine``: its name and the model's; ``note``: what it did without."""

    pixels: NDArray[np.uint8] = field(repr=False)
    engine: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A painting in its meeting. ``id`` is unique over all meetings.

    ``speakers``: whose words it shows, the one in whose style it is first; ``participant``: whose
    microphone they came from, None where a program asked. ``said_end_ns``: meeting time at which
    the words ended that it was painted for; ``at_ns``: at which it was finished. ``safe`` is
    False where the safety filter put a neutral picture in its place.
    """

    id: str
    request: PaintRequest
    painting: Painting
    trigger: Trigger
    participant: Participant | None
    speakers: tuple[Speaker, ...]
    said_end_ns: int
    at_ns: int
    safe: bool = True
