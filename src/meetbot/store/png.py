"""Words in PNG files, put in and replaced without touching a pixel.

Chunks as in the PNG specification, third edition, https://www.w3.org/TR/png-3/ (5.3, 11.3.3).
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["tagged"]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
TEXT_CHUNKS = (b"iTXt", b"tEXt", b"zTXt")


def tagged(png: bytes, words: Mapping[str, str]) -> bytes:
    """``png`` with ``words`` as its only text: keyword (Latin letters, 1…79) to text (UTF-8).

    Raises ``ValueError`` where it is no PNG.
    """
    chunks = list(_chunks(png))
    head, rest = chunks[0], [chunk for chunk in chunks[1:] if chunk[4:8] not in TEXT_CHUNKS]
    text = [_international(keyword, value) for keyword, value in words.items() if value]
    return b"".join([SIGNATURE, head, *text, *rest])


def _international(keyword: str, value: str) -> bytes:
    body = keyword.encode("latin-1") + b"\0\0\0\0\0" + value.replace("\0", "").encode("utf-8")
    check = zlib.crc32(b"iTXt" + body)
    return struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", check)


def _chunks(png: bytes) -> Iterator[bytes]:
    """Each chunk whole: its length, type, data and checksum."""
    if not png.startswith(SIGNATURE):
        raise ValueError("not a PNG file")
    at = len(SIGNATURE)
    while at < len(png):
        if len(png) < at + 12:
            raise ValueError("a PNG file that ends too early")
        end = at + 12 + struct.unpack_from(">I", png, at)[0]
        if end > len(png):
            raise ValueError("a PNG file that ends too early")
        yield png[at:end]
        at = end
