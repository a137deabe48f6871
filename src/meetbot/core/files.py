"""Files that are whole or not there at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["OWNER_ONLY", "write_whole"]

OWNER_ONLY = 0o600
EVERYONE = 0o666


def write_whole(target: Path, data: bytes, *, mode: int = EVERYONE) -> None:
    """Write so that a reader, or a crash, finds the old file or the new one. Raises ``OSError``.

    ``mode``: permissions, less the umask. The bytes are on the disk at return.
    """
    partial = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with open(handle, "wb") as file:  # noqa: PTH123 (a descriptor, for its mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
