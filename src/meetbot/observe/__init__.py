"""What a running Meetbot tells of itself: logs without secrets, counters, its loop, its process."""

from meetbot.observe.figures import kept_figures
from meetbot.observe.logs import configure_logging, stop_logging
from meetbot.observe.loop import LoopMonitor, LoopReport, Stall
from meetbot.observe.metrics import Metrics, Summary
from meetbot.observe.process import ProcessSampler, ProcessUse
from meetbot.observe.redaction import RedactingFilter, redact

__all__ = [
    "LoopMonitor",
    "LoopReport",
    "Metrics",
    "ProcessSampler",
    "ProcessUse",
    "RedactingFilter",
    "Stall",
    "Summary",
    "configure_logging",
    "kept_figures",
    "redact",
    "stop_logging",
]
