"""Counters, gauges and summaries by dotted name. One event loop writes them; no lock is needed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

__all__ = ["Metrics", "Summary"]

KEPT_VALUES = 4_096
DROPPED = ".dropped"


@dataclass(frozen=True, slots=True)
class Summary:
    """What a series of measurements amounts to. Percentiles are of its last 4,096 values."""

    count: int
    mean: float
    p50: float
    p95: float
    maximum: float


@dataclass(slots=True)
class _Series:
    count: int = 0
    total: float = 0.0
    maximum: float = float("-inf")
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT_VALUES))

    def add(self, value: float) -> None:
        self.count += 1
        self.total += value
        self.maximum = max(self.maximum, value)
        self.recent.append(value)

    def summary(self) -> Summary:
        ordered = sorted(self.recent)
        return Summary(
            self.count,
            self.total / self.count,
            _percentile(ordered, 0.50),
            _percentile(ordered, 0.95),
            self.maximum,
        )


def _percentile(ordered: list[float], share: float) -> float:
    """Linear between the two nearest ranks, as numpy's default."""
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


class Metrics:
    """Named figures of one session. A name ending in ``.dropped`` counts things thrown away."""

    def __init__(self) -> None:
        self._counters: dict[str, int] = {}
        self._gauges: dict[str, float] = {}
        self._series: dict[str, _Series] = {}

    def count(self, name: str, amount: int = 1) -> None:
        """Add to a counter, which only grows. Raises ``ValueError`` for a negative amount."""
        if amount < 0:
            raise ValueError(f"the counter {name} only grows; {amount} would shrink it")
        self._counters[name] = self._counters.get(name, 0) + amount

    def gauge(self, name: str, value: float) -> None:
        """Set a figure that goes up and down."""
        self._gauges[name] = value

    def measure(self, name: str, value: float) -> None:
        """Add one measurement to a series; its unit belongs in the name (``…_s``, ``…_ms``)."""
        self._series.setdefault(name, _Series()).add(value)

    def counter(self, name: str) -> int:
        """The counter's value; 0 when nothing was counted."""
        return self._counters.get(name, 0)

    def drops(self) -> dict[str, int]:
        """Every ``.dropped`` counter, by its name without that ending."""
        return {
            name.removesuffix(DROPPED): value
            for name, value in sorted(self._counters.items())
            if name.endswith(DROPPED)
        }

    def summary(self, name: str) -> Summary | None:
        """What a series amounts to; None when nothing was measured."""
        series = self._series.get(name)
        return series.summary() if series else None

    def snapshot(self) -> dict[str, float | Summary]:
        """Everything, by name, sorted."""
        figures: dict[str, float | Summary] = {**self._counters, **self._gauges}
        figures.update((name, series.summary()) for name, series in self._series.items())
        return dict(sorted(figures.items()))
