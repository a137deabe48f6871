"""The values that a check answers with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Finding", "Verdict"]


class Verdict(StrEnum):
    """How serious it is. Only ``FAIL`` keeps the bot from working."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: ``found`` says what is there, ``advice`` what to do unless it is ok."""

    group: str
    name: str
    verdict: Verdict
    found: str
    advice: str = ""
