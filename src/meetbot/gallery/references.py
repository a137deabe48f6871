"""References: pictures that people give, to be painted after."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from sqlalchemy import select

from meetbot.core.clock import wall_now
from meetbot.core.errors import InputError
from meetbot.core.pictures import Reference
from meetbot.gallery.encoding import to_png
from meetbot.gallery.fetching import fetch_picture, is_url
from meetbot.gallery.images import ImageLimits, decode_image, read_image_file
from meetbot.people.pictures import drop_references
from meetbot.people.rows import clean_name, key
from meetbot.store.schema import PersonRow, ReferenceRow

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from meetbot.config import ReferenceSettings
    from meetbot.store import Store

__all__ = ["REFERENCES", "KeptReference", "References", "read_reference"]

REFERENCES = "references"
"""The folder of their files."""
LONGEST_SIDE = 1_024
"""Larger ones are reduced: no painter makes use of more."""
NAME_LETTERS = 40


@dataclass(frozen=True, slots=True)
class KeptReference:
    """A reference of the store. ``name``: unique among its person's. ``path``: a PNG."""

    id: str
    name: str
    width: int
    height: int
    path: Path


async def read_reference(
    source: Path | bytes | str,
    limits: ReferenceSettings,
    *,
    fetch: Callable[[str, int], Awaitable[bytes]] = fetch_picture,
) -> Reference:
    """A file, its bytes, or a picture at an http(s) address, checked and decoded.

    uint8 RGB, upright, at most 1024 a side; of an animation the first frame. Raises
    ``InputError``: no PNG, JPEG or WebP, damaged, too large, an address that is not public.
    """
    most_bytes = round(limits.max_mb * 1e6)
    most_pixels = round(limits.max_megapixels * 1e6)
    bounds = ImageLimits("a reference", most_bytes, most_pixels, LONGEST_SIDE, moving=True)
    if isinstance(source, bytes):
        name, label, data = "reference", "the reference", source
    elif isinstance(source, str) and is_url(source):
        name, label = source.split("?")[0].rstrip("/").split("/")[-1], source[:200]
        data = await fetch(source, most_bytes)
    else:
        path = Path(source)
        name, label = path.stem, str(path)
        data = await asyncio.to_thread(read_image_file, path, bounds)
    return Reference(_tidy(name), await asyncio.to_thread(decode_image, label, data, bounds))


class References:
    """References of people in a store. Every method raises ``StoreError``."""

    def __init__(self, store: Store, limits: ReferenceSettings) -> None:
        self._database = store.database
        self._files = store.files
        self._limits = limits

    async def add(
        self, person_id: str, source: Path | bytes | str, name: str | None = None
    ) -> KeptReference:
        """Keep a picture for someone (``read_reference``); the same one twice is kept once.

        Raises ``InputError`` also where they have as many as they may have.
        """
        await self._database.read(lambda session: self._room(session, person_id))
        given = await read_reference(source, self._limits)
        data = await asyncio.to_thread(to_png, given.pixels, {})
        sha256 = hashlib.sha256(data).hexdigest()
        file = await asyncio.to_thread(self._files.write, REFERENCES, ".png", data)
        wanted = _tidy(name) if name else given.name
        height, width = given.pixels.shape[:2]

        def commit(session: Session) -> KeptReference:
            same = ReferenceRow.person_id == person_id, ReferenceRow.sha256 == sha256
            if (row := session.scalar(select(ReferenceRow).where(*same))) is not None:
                return self._kept(row)
            row = ReferenceRow(
                id=uuid.uuid4().hex,
                person_id=person_id,
                name=_free(wanted, self._room(session, person_id)),
                file=file,
                sha256=sha256,
                width=width,
                height=height,
                added_at=wall_now(),
            )
            session.add(row)
            return self._kept(row)

        try:
            kept = await self._database.write(commit)
        except Exception:  # being cancelled is none: the row may still be on its way
            await asyncio.to_thread(self._files.remove, [file])
            raise
        if kept.path != self._files.path(file):
            await asyncio.to_thread(self._files.remove, [file])
        return kept

    async def kept(self, person_id: str) -> tuple[KeptReference, ...]:
        """Someone's, by name."""
        return await self._database.read(
            lambda session: tuple(self._kept(row) for row in _of(session, person_id))
        )

    async def decoded(self, person_id: str) -> tuple[Reference, ...]:
        """Someone's, by name, with their pixels; one whose file is gone is left out."""
        kept = await self.kept(person_id)
        read = [await asyncio.to_thread(_pixels, reference.path) for reference in kept]
        return tuple(
            Reference(reference.name, pixels)
            for reference, pixels in zip(kept, read, strict=True)
            if pixels is not None
        )

    async def remove(self, person_id: str, name: str) -> None:
        """Delete one of someone's. Raises ``InputError``: they have none of that name."""

        def remove(session: Session) -> tuple[str, ...]:
            rows = _of(session, person_id)
            found = [row.id for row in rows if key(row.name) == key(name.strip())]
            if not found:
                names = ", ".join(repr(row.name) for row in rows) or "none"
                raise InputError(f"there is no reference {name!r}; there are: {names}")
            return drop_references(session, ReferenceRow.id == found[0])

        gone = await self._database.write(remove)
        await asyncio.to_thread(self._files.remove, gone)

    def _room(self, session: Session, person_id: str) -> set[str]:
        """The names that are taken, where there is room for one more."""
        person = session.get(PersonRow, person_id)
        if person is None:
            raise InputError(f"nobody is called {person_id!r}; see: meetbot people list")
        taken = {row.name for row in _of(session, person_id)}
        if len(taken) >= self._limits.max_count:
            raise InputError(
                f"{person.name!r} has {len(taken)} references, which is all there is room for; "
                f"take one away: meetbot people preset {person.name!r} --drop-reference NAME"
            )
        return taken

    def _kept(self, row: ReferenceRow) -> KeptReference:
        return KeptReference(row.id, row.name, row.width, row.height, self._files.path(row.file))


def _of(session: Session, person_id: str) -> list[ReferenceRow]:
    query = select(ReferenceRow).where(ReferenceRow.person_id == person_id)
    return list(session.scalars(query.order_by(ReferenceRow.name)))


def _pixels(path: Path) -> NDArray[np.uint8] | None:
    try:
        with Image.open(path, formats=("PNG",)) as image:
            return np.asarray(image.convert("RGB"), np.uint8)
    except OSError:
        return None


def _tidy(name: str) -> str:
    """A name that can be shown and typed."""
    try:
        return clean_name(name[:NAME_LETTERS])
    except InputError:
        return "reference"


def _free(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted} {number}", number + 1
    return name
