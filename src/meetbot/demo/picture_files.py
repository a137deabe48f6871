"""Keeps each announced picture as the participant saw it, a PNG of the frame that was received."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av

from meetbot.core.files import write_whole
from meetbot.stage import PICTURES_TRACK

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from meetbot.core.guests import ReceivedPicture

__all__ = ["PictureFiles"]

FADED_NS = 1_500_000_000
"""After the announcement: the new picture alone is seen by then."""


class PictureFiles:
    """Takes frames and announcements as they come. ``files``: by picture id, a name in ``folder``.

    A picture that the next one overtakes is kept as it was seen last.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._latest: av.VideoFrame | None = None
        self._waiting: tuple[str, int] | None = None
        self._writing: list[asyncio.Task[None]] = []
        self.files: dict[str, str] = {}

    def message(self, message: Mapping[str, Any], arrival_ns: int) -> None:
        """The bot told something; what is no announcement of a picture is left alone."""
        if message.get("type") == "picture":
            self._keep()
            self._waiting = (str(message["id"]), arrival_ns)

    def picture(self, picture: ReceivedPicture) -> None:
        """A frame came, of whatever track."""
        if picture.track != PICTURES_TRACK:
            return
        self._latest = picture.frame
        if self._waiting is not None and picture.arrival_ns - self._waiting[1] > FADED_NS:
            self._keep()

    async def finish(self) -> None:
        """Everything is written."""
        self._keep()
        await asyncio.gather(*self._writing)

    def _keep(self) -> None:
        if self._waiting is None or self._latest is None:
            return
        name = f"picture-{len(self.files) + 1:02d}.png"
        self.files[self._waiting[0]] = name
        self._waiting = None
        work = asyncio.to_thread(_write, self._folder / name, self._latest)
        self._writing.append(asyncio.create_task(work))


def _write(path: Path, frame: av.VideoFrame) -> None:
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "rgb24"
    encoder.time_base = Fraction(1, 1)
    still = frame.reformat(format="rgb24")
    still.pts = 0
    packets = [*encoder.encode(still), *encoder.encode(None)]
    write_whole(path, b"".join(bytes(packet) for packet in packets))
