"""A folder of icons as the catalogue's are kept, with a handful of plain drawings in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from meetbot.engines.painter.storyboard.reading import IconSet

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NAMES", "few_icons"]

NAMES = ("man", "woman", "dog", "sun", "house", "automobile", "office-worker", "chart-increasing")


def few_icons(folder: Path) -> IconSet:
    """Icons of two colours each, and nothing else."""
    index, drawings = {}, b""
    for number, name in enumerate(NAMES):
        body = (
            f'<circle cx="16" cy="10" r="9" fill="#{40 + 20 * number:02x}8f5a"/>'
            f'<path d="M4 31h24l-{number + 2}-14H8z" fill="#d0{30 + 25 * number:02x}c0"/>'
        ).encode()
        index[name] = [len(drawings), len(body), -1, -1, ""]
        drawings += body
    (folder / "icons.json").write_text(json.dumps(index), encoding="utf-8")
    (folder / "icons.svg").write_bytes(drawings)
    return IconSet.open(folder)
