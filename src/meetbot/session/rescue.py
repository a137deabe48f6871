"""The last resort for what was said and could not be stored: a file of its own."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from meetbot.transcript import to_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetbot.core.types import Utterance

__all__ = ["rescue"]


async def rescue(
    utterances: Sequence[Utterance], meeting_id: str, location: str | Path
) -> Path | None:
    """Write ``utterances`` as ``transcribe --json`` does, for this user's eyes only.

    Beside the store where that is a folder, else where temporary files go; None: neither takes it.
    """
    folders = [location] if isinstance(location, Path) else []
    return await asyncio.to_thread(
        _write, utterances, meeting_id, [*folders, Path(tempfile.gettempdir())]
    )


def _write(utterances: Sequence[Utterance], meeting_id: str, folders: list[Path]) -> Path | None:
    text = json.dumps(to_document(meeting_id, utterances), ensure_ascii=False, indent=2)
    for folder in folders:
        path = folder / f"meetbot-unstored-{meeting_id}.json"
        try:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 (for the mode)
                file.write(text.encode())
        except FileExistsError:
            continue
        except OSError:
            path.unlink(missing_ok=True)
            continue
        return path
    return None
