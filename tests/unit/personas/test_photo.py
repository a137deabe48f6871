"""Photos from anywhere: read as they should look, or refused with one clear line."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from meetbot.core.errors import InputError
from meetbot.personas.photo import BEHIND, MOST_BYTES, Photo, decode_photo, read_photo

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def encoded(image: Image.Image, form: str, **options: object) -> Photo:
    file = io.BytesIO()
    image.save(file, form, **options)
    return Photo.of(f"photo.{form.lower()}", file.getvalue())


def halves(width: int = 40, height: int = 20) -> Image.Image:
    """Red above, blue below."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, :, 0], pixels[height // 2 :, :, 2] = 220, 220
    return Image.fromarray(pixels)


def near(pixels: NDArray[np.uint8], colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(pixels.astype(int) - colour).max() < 12)


def refusal(data: bytes, label: str = "me.png") -> str:
    with pytest.raises(InputError) as caught:
        decode_photo(Photo.of(label, data))
    message = str(caught.value)
    assert message.startswith(label)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_photos_are_told_by_content(form: str) -> None:
    pixels = decode_photo(encoded(halves(), form))
    assert pixels.dtype == np.uint8
    assert pixels.shape == (20, 40, 3)
    assert near(pixels[2, 20], (220, 0, 0))


@pytest.mark.parametrize(
    ("form", "name"), [("GIF", "a GIF"), ("BMP", "a BMP"), ("TIFF", "a TIFF"), ("PDF", "a PDF")]
)
def test_another_format_called_png_is_refused_by_its_name(form: str, name: str) -> None:
    message = refusal(encoded(halves(), form).data)
    assert name in message
    assert "PNG, JPEG or WebP" in message


def test_a_text_file_called_png_is_refused() -> None:
    assert "is text, not a PNG" in refusal("Привет, this is no picture.".encode())


def test_an_empty_file_and_noise_are_refused() -> None:
    assert "an empty file" in refusal(b"")
    assert "something else" in refusal(np.random.default_rng(1).bytes(5_000))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_damaged_photo_is_refused(form: str) -> None:
    noise = np.random.default_rng(2).integers(0, 255, (90, 90, 3), np.uint8)
    data = encoded(Image.fromarray(noise), form).data
    assert "damaged" in refusal(data[: len(data) // 2])


def test_an_animation_is_refused() -> None:
    frames = [halves(), Image.new("RGB", (40, 20))]
    photo = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    assert "animation" in refusal(photo.data)


def test_a_telephones_photo_with_a_second_one_in_it_is_no_animation() -> None:
    photo = encoded(halves(), "MPO", save_all=True, append_images=[Image.new("RGB", (4, 4))])
    assert decode_photo(photo).shape == (20, 40, 3)


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says it is huge, and is."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * ((width // 8 + 1) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [10_000, 30_000])
def test_a_bomb_is_refused_before_a_pixel_is_decoded(side: int) -> None:
    data = bomb(side, side)
    assert len(data) < 1_000_000
    message = refusal(data)
    assert "too many pixels" in message
    assert "50 million" in message


def test_too_many_bytes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(InputError, match="30 MB at most"):
        read_photo(path)


def test_a_file_that_is_missing_or_a_folder_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "nobody.png", tmp_path):
        with pytest.raises(InputError, match=str(path)):
            read_photo(path)


def test_a_photo_is_known_by_its_content(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        halves().save(tmp_path / name)
    first, second = (read_photo(tmp_path / name) for name in ("a.png", "b.png"))
    assert first.sha256 == second.sha256
    assert len(first.sha256) == 64


def test_a_phone_held_sideways_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = decode_photo(encoded(halves(), "JPEG", exif=exif, quality=95))
    assert pixels.shape == (40, 20, 3)
    assert near(pixels[20, 17], (220, 0, 0))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_shows_a_calm_grey(mode: str) -> None:
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0)).convert(mode)
    assert near(decode_photo(encoded(clear, "PNG")), BEHIND)


def test_deep_grey_is_as_bright_as_it_was() -> None:
    deep = Image.fromarray(np.full((6, 6), 32_896, np.uint16))
    assert near(decode_photo(encoded(deep, "PNG")), (128, 128, 128))


def test_printers_colours_are_read() -> None:
    pixels = decode_photo(encoded(halves().convert("CMYK"), "JPEG", quality=95))
    assert pixels[2, 20, 0] > 150
    assert pixels[2, 20, 2] < 90


def test_a_broken_colour_profile_is_left_aside() -> None:
    pixels = decode_photo(encoded(halves(), "JPEG", icc_profile=b"no profile", quality=95))
    assert near(pixels[2, 20], (220, 0, 0))


def test_a_large_photo_is_reduced() -> None:
    assert decode_photo(encoded(Image.new("L", (6_000, 1_000)), "PNG")).shape == (500, 3_000, 3)
