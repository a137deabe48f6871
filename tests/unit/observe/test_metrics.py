"""Counters grow, series are summed up, and drops are found by their name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetbot.observe import Metrics


def test_drops_are_the_counters_named_so() -> None:
    metrics = Metrics()
    metrics.count("hearing.audio.dropped", 3)
    metrics.count("hearing.audio.dropped")
    metrics.count("hearing.turns")
    assert metrics.drops() == {"hearing.audio": 4}
    assert metrics.counter("hearing.turns") == 1
    assert metrics.counter("never") == 0


def test_a_counter_does_not_shrink() -> None:
    with pytest.raises(ValueError, match="only grows"):
        Metrics().count("x", -1)


def test_a_series_that_was_never_measured_has_no_summary() -> None:
    assert Metrics().summary("caption.delay_s") is None


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200))
def test_a_summary_agrees_with_numpy(values: list[float]) -> None:
    metrics = Metrics()
    for value in values:
        metrics.measure("caption.delay_s", value)
    summary = metrics.summary("caption.delay_s")
    assert summary is not None
    assert summary.count == len(values)
    assert summary.maximum == max(values)
    close = {"rel": 1e-9, "abs": 1e-6}
    assert summary.mean == pytest.approx(np.mean(values), **close)
    assert summary.p50 == pytest.approx(np.percentile(values, 50), **close)
    assert summary.p95 == pytest.approx(np.percentile(values, 95), **close)


def test_a_long_series_keeps_its_count_and_maximum_but_not_every_value() -> None:
    metrics = Metrics()
    metrics.measure("x_s", 9.0)
    for _ in range(10_000):
        metrics.measure("x_s", 1.0)
    summary = metrics.summary("x_s")
    assert summary is not None
    assert (summary.count, summary.maximum, summary.p95) == (10_001, 9.0, 1.0)


def test_a_snapshot_has_everything_by_name() -> None:
    metrics = Metrics()
    metrics.count("b")
    metrics.gauge("a", 0.5)
    metrics.measure("c_s", 1.0)
    assert list(metrics.snapshot()) == ["a", "b", "c_s"]
    assert metrics.snapshot()["a"] == 0.5
