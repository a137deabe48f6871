"""A meeting's pictures, copied to take along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.store.pictures import picture_words
from meetbot.store.png import tagged

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from meetbot.store.pictures import KeptPicture

__all__ = ["write_pictures"]

FOLDER = "pictures"


def write_pictures(out: Path, pictures: Sequence[KeptPicture]) -> tuple[list[str], int]:
    """Copy ``pictures`` below ``out``, each with the names that its speakers bear now.

    Each one's address relative to ``out``, empty for those whose file is gone or damaged; and how
    many those are. Raises ``OSError``.
    """
    files: list[str] = []
    if pictures:
        (out / FOLDER).mkdir(exist_ok=True)
    for number, picture in enumerate(pictures, 1):
        words = picture_words(picture, [speaker.name for speaker in picture.speakers])
        file = f"{FOLDER}/{number:03}.png"
        try:
            data = tagged(picture.path.read_bytes(), words)
        except (FileNotFoundError, ValueError):
            file = ""
        else:
            (out / file).write_bytes(data)
        files.append(file)
    return files, files.count("")
