"""Heavy libraries come in when an engine is loaded or a room is joined, and not before."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "aiortc", "av", "ctranslate2", "faster_whisper", "huggingface_hub", "onnx", "onnxruntime",
    "speechbrain", "torch",
)  # fmt: skip
LIGHT = (
    "meetbot.bench", "meetbot.config", "meetbot.core.ports", "meetbot.doctor",
    "meetbot.engines.registry", "meetbot.hearing", "meetbot.models", "meetbot.observe",
    "meetbot.people", "meetbot.session", "meetbot.stage", "meetbot.store", "meetbot.transcript",
    "meetbot.web",
)  # fmt: skip
CORE_MAY_LOAD = "numpy"


def _loaded(module: str, suspects: tuple[str, ...]) -> list[str]:
    code = f"import sys, {module}; print([name for name in {suspects} if name in sys.modules])"
    program = [sys.executable, "-c", code]
    result = subprocess.run(program, check=True, capture_output=True, text=True)
    return [name for name in suspects if repr(name) in result.stdout]


@pytest.mark.parametrize("module", LIGHT)
def test_importing_a_part_loads_no_heavy_library(module: str) -> None:
    assert _loaded(module, HEAVY) == []


def test_the_core_needs_numpy_at_most() -> None:
    outside = ("numpy", "pydantic", "rich", "typer", "fastapi", "psutil", "httpx")
    for module in ("channels", "clock", "errors", "ports", "types", "worker"):
        assert set(_loaded(f"meetbot.core.{module}", outside)) <= {CORE_MAY_LOAD}
