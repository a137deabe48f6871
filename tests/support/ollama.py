"""A real Ollama server for tests, on a free port, with an empty folder for its models."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

import httpx
import psutil

__all__ = ["OllamaServer"]

START_S = 30


class OllamaServer:
    """``ollama serve`` from ``start`` (or ``with``) to ``kill``, always at the same address."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._host = f"127.0.0.1:{free.getsockname()[1]}"
        self.url = f"http://{self._host}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What the server printed."""
        return (self._folder / "log").read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        """Return when it answers."""
        environment = {
            "HOME": str(self._folder),
            "PATH": os.environ["PATH"],
            "OLLAMA_HOST": self._host,
            "OLLAMA_MODELS": str(self._folder / "models"),
        }
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [_program(), "serve"],
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/api/version", trust_env=False).is_success:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"ollama serve did not answer within {START_S} s:\n{self.log}")

    def cpu_seconds(self) -> float:
        """Processor time that it and the processes that it started have used."""
        assert self._process is not None
        server = psutil.Process(self._process.pid)
        times = [process.cpu_times() for process in (server, *server.children(recursive=True))]
        return sum(used.user + used.system for used in times)

    def kill(self) -> None:
        """End it and the processes that it started, without a goodbye."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.kill()


def _program() -> str:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    built = cache / "meetbot" / "bin" / "ollama"
    found = shutil.which("ollama") or (str(built) if built.exists() else None)
    if found is None:
        raise RuntimeError("there is no ollama; run: make ollama")
    return found
