"""What a face does besides talking: the same for the same seed, never still, never a jump."""

from __future__ import annotations

import numpy as np

from meetbot.engines.face.puppet.alive import Life

TIMES = np.arange(0, 120, 0.04)


def pitches(energy: float) -> np.ndarray:
    life = Life(7)
    return np.array([life.pose(float(at), energy, 0.0).pitch for at in TIMES])


def quick(values: np.ndarray) -> np.ndarray:
    """What moves within a second."""
    return (values - np.convolve(values, np.ones(25) / 25, "same"))[30:-30]


def test_a_listener_nods_now_and_then_and_a_talker_does_not() -> None:
    nods = quick(pitches(0.0)) > 0.35
    assert 4 <= int((np.diff(nods.astype(int)) == 1).sum()) <= 10
    assert quick(pitches(1.0)).max() < 0.3


def test_nothing_jumps() -> None:
    life = Life(7)
    poses = [life.pose(float(at), 0.0, 0.0) for at in TIMES]
    for name in ("yaw", "pitch", "roll", "rise", "brows"):
        values = np.array([getattr(pose, name) for pose in poses])
        assert np.abs(np.diff(values)).max() < 0.25, name
        assert np.abs(values).max() < 2.0, name


def test_another_seed_moves_another_way() -> None:
    assert Life(1).pose(3.0, 0.0, 0.0) == Life(1).pose(3.0, 0.0, 0.0)
    assert Life(1).pose(3.0, 0.0, 0.0) != Life(2).pose(3.0, 0.0, 0.0)


def test_eyes_are_open_most_of_the_time_and_close_fully() -> None:
    life = Life(7)
    shut = np.array([life.pose(float(at), 0.0, 0.0).blink for at in TIMES])
    assert (shut == 0).mean() > 0.85
    assert shut.max() > 0.95
