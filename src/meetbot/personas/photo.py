"""Reads photos from anywhere: nothing in the file is trusted before it has been checked.

Formats are told by content and only by Pillow's readers for them; the size is read from the header
and limited before a pixel is decoded.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from meetbot.core.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["MOST_BYTES", "MOST_PIXELS", "Photo", "decode_photo", "read_photo"]

MOST_BYTES = 30_000_000
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 3_000
"""Larger photos are reduced to it: a face needs no more."""
FORMATS = ("PNG", "JPEG", "WEBP")
BEHIND = (118, 124, 134)
"""What shows through where a photo is transparent."""
SIGNS = {
    b"GIF8": "a GIF",
    b"BM": "a BMP picture",
    b"II*\0": "a TIFF picture",
    b"MM\0*": "a TIFF picture",
    b"%PDF": "a PDF document",
    b"<svg": "an SVG drawing",
}


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
    try:
        size = path.stat().st_size
        if path.is_file() and size > MOST_BYTES:
            raise InputError(
                f"{path} has {size / 1e6:.0f} MB; a photo may have {MOST_BYTES / 1e6:.0f} MB at "
                "most: save it smaller"
            )
        return Photo.of(str(path), path.read_bytes())
    except OSError as error:
        raise InputError(
            f"the photo {path} cannot be read: {error.strerror or error}; name a file that can be"
        ) from error


def decode_photo(photo: Photo) -> NDArray[np.uint8]:
    """Upright sRGB pixels, uint8 ``(height, width, 3)``; at most 3000 a side.

    Raises ``InputError``: no PNG, JPEG or WebP, an animation, damaged, over ``MOST_PIXELS``.
    """
    if len(photo.data) > MOST_BYTES:
        raise InputError(f"{photo.label} is over {MOST_BYTES / 1e6:.0f} MB; save it smaller")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(photo.data), formats=FORMATS) as image:
                _check(image, photo.label)
                return np.asarray(_upright(image), np.uint8)
    except UnidentifiedImageError as error:
        raise InputError(
            f"{photo.label} is {_kind(photo.data)}, not a PNG, JPEG or WebP picture, whatever it "
            "is called; give a photo in one of these"
        ) from error
    except Image.DecompressionBombError as error:
        raise InputError(_too_large(photo.label, str(error))) from error
    except (OSError, ValueError, SyntaxError, ImageCms.PyCMSError) as error:
        raise InputError(
            f"{photo.label} is damaged and cannot be read to its end ({error}); "
            "save it anew or give another photo"
        ) from error


def _check(image: Image.Image, label: str) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise InputError(_too_large(label, f"{image.width}×{image.height}"))
    if getattr(image, "n_frames", 1) > 1:
        raise InputError(f"{label} is an animation; give a still photo")


def _too_large(label: str, what: str) -> str:
    return (
        f"{label} has too many pixels ({what}); a photo may have {MOST_PIXELS // 1_000_000} "
        "million at most: make it smaller, 2000 pixels a side are plenty"
    )


def _upright(image: Image.Image) -> Image.Image:
    """Reduced, turned as EXIF says, in sRGB, without transparency."""
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    profile = image.info.get("icc_profile")
    turned = ImageOps.exif_transpose(image)
    turned.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    if turned.mode.startswith(("I", "F")):
        deep = np.asarray(turned, np.float32)
        full = 65535 if float(deep.max(initial=0)) > 255 else 255
        turned = Image.fromarray(np.clip(deep * (255 / full), 0, 255).astype(np.uint8))
    if turned.mode in ("LA", "PA", "RGBA", "P", "La", "RGBa"):
        clear = turned.convert("RGBA")
        turned = Image.new("RGB", clear.size, BEHIND)
        turned.paste(clear, mask=clear.getchannel("A"))
        return turned
    return _in_srgb(turned, profile)


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile and image.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            done = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
            return done if done is not None else image.convert("RGB")
        except (OSError, ImageCms.PyCMSError):
            return image.convert("RGB")  # a broken profile is no reason to refuse a photo
    return image.convert("RGB")


def _kind(data: bytes) -> str:
    if not data:
        return "an empty file"
    for sign, name in SIGNS.items():
        if data.lstrip().startswith(sign) or data.startswith(sign):
            return name
    try:
        data[:512].decode("utf-8")
    except UnicodeDecodeError:
        return "something else"
    return "text"
