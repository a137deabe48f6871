"""Logging: written by a thread of its own, coloured on a terminal, never with a token in it."""

from __future__ import annotations

import atexit
import logging
import queue
import sys
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from typing import TYPE_CHECKING

from meetbot.observe.redaction import RedactingFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

__all__ = ["configure_logging", "stop_logging"]

QUEUE_RECORDS = 10_000
FILE_BYTES = 10_000_000
FILE_COPIES = 3
_LINE = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
_CHATTY = ("aioice", "aiortc", "alembic", "faster_whisper", "httpcore", "httpx", "multipart")
_TOO_CHATTY_BELOW = logging.WARNING
_stops: list[Callable[[], None]] = []
"""What ends the logging that is set up; one at most."""


class _BoundedQueueHandler(QueueHandler):
    """Hands records to the writing thread; drops and counts when that is far behind."""

    def __init__(self, records: queue.Queue[logging.LogRecord]) -> None:
        super().__init__(records)
        self.dropped = 0

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self.dropped += 1


def configure_logging(
    level: str = "info", *, file: Path | None = None, secrets: Iterable[str] = ()
) -> Callable[[], None]:
    """Send all logs to standard error, and to ``file``, from ``level`` up, without ``secrets``.

    Replaces what an earlier call set up. Nothing is written by the thread that logs, so a slow
    terminal or disk does not hold the event loop. Returns what flushes and stops it (also run at
    exit).
    """
    for stop_earlier in _stops:
        stop_earlier()
    records: queue.Queue[logging.LogRecord] = queue.Queue(QUEUE_RECORDS)
    entrance = _BoundedQueueHandler(records)
    entrance.addFilter(RedactingFilter(secrets))
    root = logging.getLogger()
    root.addHandler(entrance)
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(root.level, _TOO_CHATTY_BELOW))
    listener = QueueListener(records, *_writers(file))
    listener.start()

    def stop() -> None:
        if stop not in _stops:
            return
        _stops.remove(stop)
        atexit.unregister(stop)
        root.removeHandler(entrance)
        listener.stop()
        for handler in listener.handlers:
            handler.close()

    _stops.append(stop)
    atexit.register(stop)
    return stop


def stop_logging() -> None:
    """Write what is still queued, and stop what ``configure_logging`` set up, if anything."""
    while _stops:
        _stops[-1]()


def _writers(file: Path | None) -> list[logging.Handler]:
    handlers = [_terminal()]
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        rotating = RotatingFileHandler(
            file, maxBytes=FILE_BYTES, backupCount=FILE_COPIES, encoding="utf-8"
        )
        rotating.setFormatter(logging.Formatter(_LINE))
        handlers.append(rotating)
    return handlers


def _terminal() -> logging.Handler:
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.logging import RichHandler

        return RichHandler(
            console=Console(stderr=True), show_path=False, log_time_format="%H:%M:%S"
        )
    plain = logging.StreamHandler()
    plain.setFormatter(logging.Formatter(_LINE))
    return plain
