"""``meetbot`` as a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from meetbot.core.clock import monotonic_ns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["LIGHT", "Program", "command", "environment", "meetbot", "running", "serving"]

LONGEST_SECONDS = 100
LIGHT: Mapping[str, object] = MappingProxyType(
    {"MEETBOT_HEARING__ASR__MODEL": "whisper-tiny.en", "MEETBOT_PEOPLE__ENABLED": "false"}
)
"""Settings that load fast, where neither names nor the best words are asked for."""


def command(*arguments: object, module: str = "meetbot") -> list[str]:
    """The command line for this environment's ``meetbot``, or a ``module`` that stands for it."""
    return [sys.executable, "-m", module, *map(str, arguments)]


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


@dataclass(frozen=True, slots=True)
class Program:
    """A running ``meetbot``; ``log`` is what it has written so far."""

    process: subprocess.Popen[bytes]
    log: Path

    def written(self) -> str:
        """Its standard output and error."""
        return self.log.read_text("utf-8", "replace")

    def until(self, pattern: str) -> re.Match[str]:
        """Wait until it has written something that matches ``pattern``."""
        deadline = monotonic_ns() + LONGEST_SECONDS * 1_000_000_000
        while monotonic_ns() < deadline:
            if found := re.search(pattern, self.written()):
                return found
            ended = self.process.poll() is not None
            if ended and not re.search(pattern, self.written()):
                break
            time.sleep(0.05)
        raise AssertionError(f"it never wrote {pattern!r}: {self.written()}")

    def kill(self) -> None:
        """``kill -9``."""
        self.process.kill()
        self.process.wait(LONGEST_SECONDS)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(LONGEST_SECONDS)


@contextmanager
def running(
    *arguments: object, store: Path, module: str = "meetbot", **more: object
) -> Iterator[Program]:
    """``meetbot`` while inside, with its log beside its store; killed at the end if need be."""
    store.mkdir(parents=True, exist_ok=True)
    number = len(list(store.parent.glob("*.log")))
    log = store.parent / f"{store.name}-{number}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command(*arguments, module=module),
            env=environment(store, COLUMNS=200, **more),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Program(process, log)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@contextmanager
def serving(*, store: Path, **more: object) -> Iterator[tuple[Program, str]]:
    """``meetbot serve`` with its models loaded, and its address."""
    with running("serve", "--host", "127.0.0.1", "--port", 0, store=store, **more) as program:
        port = program.until(r"http://localhost:(\d+)").group(1)
        yield program, f"127.0.0.1:{port}"
