"""A picture as a row of the store, and as the PNG that says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.core.clock import wall_now
from meetbot.gallery.encoding import to_png
from meetbot.store.pictures import picture_words
from meetbot.store.schema import PictureRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from meetbot.core.pictures import Picture

__all__ = ["picture_png", "picture_row"]


def picture_png(row: PictureRow, picture: Picture, speakers: Iterable[str]) -> bytes:
    """The PNG of a picture, with what ``row`` and the names of its ``speakers`` say of it."""
    return to_png(picture.painting.pixels, picture_words(row, speakers))


def picture_row(meeting_id: str | None, picture: Picture) -> PictureRow:
    """Its row, of now; still without a file."""
    request, painting, who = picture.request, picture.painting, picture.participant
    height, width = painting.pixels.shape[:2]
    return PictureRow(
        id=picture.id,
        meeting_id=meeting_id,
        at=wall_now(),
        at_ns=picture.at_ns,
        said_end_ns=picture.said_end_ns,
        participant_id=who.id if who else None,
        participant_name=who.name if who else None,
        trigger=picture.trigger,
        subject=request.subject,
        prompt=request.prompt,
        negative=request.negative,
        language=request.language,
        style=request.style,
        palette=list(request.palette),
        seed=request.seed,
        engine=painting.engine,
        note=painting.note,
        width=width,
        height=height,
        safe=picture.safe,
    )
