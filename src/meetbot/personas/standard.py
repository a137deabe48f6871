"""The persona that comes with the program: a face drawn for it by ``scripts/draw_default_face.py``.

Nobody's likeness. Its landmarks are those of the drawing's own curves, so it needs no face finder.
"""

from __future__ import annotations

from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.voice import Portrait, Voice
from meetbot.personas.matte import matte, scaled
from meetbot.personas.photo import Photo, decode_photo

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PROMPT", "VOICES", "standard_photo", "standard_portrait"]

PROMPT = (
    "You are calm, friendly and brief, like a colleague who has listened well. "
    "На вопрос по-русски отвечай по-русски, просто и доброжелательно."
)
"""A line in English and one in Russian: small models keep to the language they are shown."""

VOICES: Mapping[str, Voice] = MappingProxyType(
    {"hibari": Voice("heart"), "rhvoice": Voice("Anna"), "espeak": Voice(None, 1.25)}
)
"""By engine; all are women's voices, as the face is a woman's."""


def standard_photo() -> Photo:
    """The drawing, as if it were a photo that somebody gave."""
    data = files("meetbot.personas").joinpath("default", "face.png").read_bytes()
    return Photo.of("the default face", data)


def standard_portrait(size: int) -> Portrait:
    """The drawing as a portrait of ``size`` pixels. Blocking, about 0.2 s."""
    pixels = decode_photo(standard_photo())
    with files("meetbot.personas").joinpath("default", "landmarks.npy").open("rb") as file:
        landmarks = np.load(file, allow_pickle=False)
    return scaled(Portrait(pixels, landmarks, matte(pixels, landmarks)), size)
