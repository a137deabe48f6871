"""``meetbot`` as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command", "environment", "meetbot"]

LONGEST_SECONDS = 100


def command(*arguments: object) -> list[str]:
    """The command line for this environment's ``meetbot``."""
    return [sys.executable, "-m", "meetbot", *map(str, arguments)]


def environment(store: Path, **more: object) -> dict[str, str]:
    """This process's, without its own Meetbot settings but for the models' place."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("MEETBOT_") or name == "MEETBOT_MODELS__FOLDER"
    }
    given = {name: str(value) for name, value in more.items()}
    return {**kept, "MEETBOT_STORE__FOLDER": str(store), **given}


def meetbot(*arguments: object, store: Path, **more: object) -> subprocess.CompletedProcess[str]:
    """Run it to its end, with its store in ``store`` and ``more`` in its environment."""
    return subprocess.run(
        command(*arguments),
        env=environment(store, **more),
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
    )
