"""A persona's photo, as it was given and as pixels."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meetbot.gallery.images import BEHIND, ImageLimits, decode_image, read_image_file

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["BEHIND", "MOST_BYTES", "MOST_PIXELS", "Photo", "decode_photo", "read_photo"]

MOST_BYTES = 30_000_000
MOST_PIXELS = 50_000_000
LIMITS = ImageLimits("a photo", MOST_BYTES, MOST_PIXELS, longest_side=3_000)
"""Larger photos are reduced: a face needs no more."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as it was given: ``data`` with its ``label`` for messages and its ``sha256``."""

    label: str
    data: bytes
    sha256: str

    @classmethod
    def of(cls, label: str, data: bytes) -> Photo:
        """Bytes that came from anywhere."""
        return cls(label, data, hashlib.sha256(data).hexdigest())


def read_photo(path: Path) -> Photo:
    """The file's bytes. Raises ``InputError``: no file, a folder, over ``MOST_BYTES``."""
    return Photo.of(str(path), read_image_file(path, LIMITS))


def decode_photo(photo: Photo) -> NDArray[np.uint8]:
    """Upright sRGB pixels, uint8 ``(height, width, 3)``; at most 3000 a side.

    Raises ``InputError``: no PNG, JPEG or WebP, an animation, damaged, over ``MOST_PIXELS``.
    """
    return decode_image(photo.label, photo.data, LIMITS)
