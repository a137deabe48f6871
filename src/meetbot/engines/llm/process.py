"""Starts and ends the process in which llama.cpp runs."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from typing import TYPE_CHECKING, cast

from meetbot.core.errors import EngineError
from meetbot.engines.llm.serving import Job

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from meetbot.config import LanguageModelSettings

__all__ = ["ServingProcess"]

NICENESS = 2
"""The event loop, sound and pictures go first, but not by much: somebody waits for the answer."""


class ServingProcess:
    """llama.cpp with one model, from ``start`` to ``stop``. Blocks."""

    def __init__(self, path: Path, settings: LanguageModelSettings) -> None:
        key = secrets.token_urlsafe()
        self.address = ""
        self.headers = {"Authorization": f"Bearer {key}"}
        self._job = Job(
            path=str(path),
            context_tokens=settings.context_tokens,
            threads=settings.threads,
            key=key,
            niceness=NICENESS,
            gpu=settings.device != "cpu",
        )
        self._process: subprocess.Popen[str] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Raises ``EngineError`` where the file cannot be opened."""
        self.stop()
        self._process = process = subprocess.Popen(
            [sys.executable, "-m", "meetbot.engines.llm.serving"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # an interrupt from the keyboard is ours to answer
        )
        stdin, stdout = cast("TextIO", process.stdin), cast("TextIO", process.stdout)
        stdin.write(self._job.line())
        stdin.flush()
        line = stdout.readline()
        told = json.loads(line) if line else {"error": f"it ended with {process.wait()}"}
        if "address" not in told:
            self.stop()
            raise EngineError(told["error"])
        self.address = told["address"]

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()
