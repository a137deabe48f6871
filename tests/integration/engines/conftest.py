"""torch has a virtual environment of its own (see the Makefile); its tests are collected there."""

from __future__ import annotations

from importlib.util import find_spec

TORCH = [
    "test_bench_images.py",
    "test_diffusers.py",
    "test_onnx_painter.py",
    "test_seeded_models.py",
    "test_speechbrain.py",
    "test_xtts.py",
]

collect_ignore = [] if find_spec("torch") else TORCH
