"""The figures of a process, left in a file when its work is done."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from meetbot.observe.loop import LoopMonitor
from meetbot.observe.metrics import Summary
from meetbot.observe.process import ProcessSampler

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from meetbot.observe.metrics import Metrics

__all__ = ["kept_figures"]


@contextlib.contextmanager
def kept_figures(path: Path | None, metrics: Metrics) -> Iterator[None]:
    """Watch the loop and the process, and write them with ``metrics`` to ``path`` at the end.

    Without a path nothing is watched. Needs a running event loop.
    """
    if path is None:
        yield
        return
    sampler = ProcessSampler()
    sampler.sample()
    monitor = LoopMonitor()
    try:
        with monitor:
            yield
    finally:
        sampler.sample()
        figures = {
            "metrics": {
                name: asdict(value) if isinstance(value, Summary) else value
                for name, value in metrics.snapshot().items()
            },
            "drops": metrics.drops(),
            "loop": asdict(monitor.report()),
            "process": asdict(sampler.use()),
        }
        path.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", "utf-8")
