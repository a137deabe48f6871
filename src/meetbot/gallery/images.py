"""Reads pictures from anywhere: nothing in the file is trusted before it has been checked.

Formats are told by content and only by Pillow's readers for them; the size is read from the header
and limited before a pixel is decoded. Of what is in a file only the pixels get through.
"""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from meetbot.core.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["BEHIND", "ImageLimits", "decode_image", "read_image_file"]

FORMATS = ("PNG", "JPEG", "WEBP")
BEHIND = (118, 124, 134)
"""What shows through where a picture is transparent."""
SIGNS = {
    b"GIF8": "a GIF",
    b"BM": "a BMP picture",
    b"II*\0": "a TIFF picture",
    b"MM\0*": "a TIFF picture",
    b"%PDF": "a PDF document",
    b"<svg": "an SVG drawing",
    b"<?xml": "an XML file (an SVG drawing?)",
}
PDF_SIGN_WITHIN = 1_024
ZIP_SIGN_WITHIN = 65_557
"""Where readers of those formats look for the sign: the first, and the last, so many bytes."""
PAGE = re.compile(rb"<(?:html|script|iframe)[\s>]|<\?php\s|<svg\s[^>]{0,300}xmlns", re.IGNORECASE)
"""Long enough not to occur by chance in tens of megabytes."""


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What a picture may be. ``what``: what it is called in messages ("a photo").

    ``longest_side``: larger pictures are reduced to it. ``moving``: of an animation the first
    frame is taken, instead of refusing it.
    """

    what: str
    most_bytes: int
    most_pixels: int
    longest_side: int
    moving: bool = False


def read_image_file(path: Path, limits: ImageLimits) -> bytes:
    """The file's bytes. Raises ``InputError``: no file, a folder, over the limit."""
    noun = limits.what.split(maxsplit=1)[-1]
    try:
        size = path.stat().st_size
        if path.is_file() and size > limits.most_bytes:
            raise InputError(_too_heavy(f"{path} has {size / 1e6:.0f} MB", limits))
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"the {noun} {path} cannot be read: {error.strerror or error}; name a file that can be"
        ) from error


def decode_image(label: str, data: bytes, limits: ImageLimits) -> NDArray[np.uint8]:
    """Upright sRGB pixels, uint8 ``(height, width, 3)``.

    Raises ``InputError``, which begins with ``label``: no PNG, JPEG or WebP, something else as
    well, damaged, over the limits.
    """
    if len(data) > limits.most_bytes:
        raise InputError(_too_heavy(f"{label} has {len(data) / 1e6:.1f} MB", limits))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _check(image, label, data, limits)
                return np.asarray(_upright(image, limits.longest_side), np.uint8)
    except UnidentifiedImageError as error:
        raise InputError(
            f"{label} is {_kind(data)}, not a PNG, JPEG or WebP picture, whatever it "
            f"is called; give {limits.what} in one of these"
        ) from error
    except Image.DecompressionBombError as error:
        raise InputError(_too_large(label, str(error), limits)) from error
    except (OSError, ValueError, SyntaxError, ImageCms.PyCMSError) as error:
        raise InputError(
            f"{label} is damaged and cannot be read to its end ({error}); "
            "save it anew or give another one"
        ) from error


def _check(image: Image.Image, label: str, data: bytes, limits: ImageLimits) -> None:
    if image.width * image.height > limits.most_pixels:
        raise InputError(_too_large(label, f"{image.width}×{image.height}", limits))
    stills = limits.moving or image.format == "MPO"  # a telephone's photo, with a small one in it
    if getattr(image, "n_frames", 1) > 1 and not stills:
        raise InputError(f"{label} is an animation; give a still picture")
    if other := _other_nature(data):
        raise InputError(
            f"{label} is a picture and {other} in one file; open it in an image program, "
            "and save it anew"
        )


def _too_heavy(what: str, limits: ImageLimits) -> str:
    most = f"{limits.most_bytes / 1e6:.0f} MB"
    return f"{what}; {limits.what} may have {most} at most: save it smaller"


def _too_large(label: str, size: str, limits: ImageLimits) -> str:
    return (
        f"{label} has too many pixels ({size}); {limits.what} may have "
        f"{limits.most_pixels / 1e6:g} million at most: make it smaller, 2000 pixels a side are "
        "plenty"
    )


def _upright(image: Image.Image, longest: int) -> Image.Image:
    """Reduced, turned as EXIF says, in sRGB, without transparency."""
    image.draft("RGB", (longest, longest))
    profile = image.info.get("icc_profile")
    turned = ImageOps.exif_transpose(image)
    turned.thumbnail((longest, longest), Image.Resampling.LANCZOS)
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
            return image.convert("RGB")  # a broken profile is no reason to refuse a picture
    return image.convert("RGB")


def _other_nature(data: bytes) -> str | None:
    """What else other programs would take these bytes for."""
    if b"%PDF-" in data[:PDF_SIGN_WITHIN]:
        return "a PDF document"
    if b"PK\x05\x06" in data[-ZIP_SIGN_WITHIN:]:
        return "a ZIP archive"
    return "a web page" if PAGE.search(data) else None


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
