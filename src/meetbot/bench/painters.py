"""Painters as they are measured: of a model that is here, or of one with random weights."""

from __future__ import annotations

import platform
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from meetbot.core.errors import EngineError, ModelMissing
from meetbot.engines.painter.onnx.folder import find_export
from meetbot.engines.painter.onnx.manifest import MANIFEST
from meetbot.engines.registry import load_engine
from meetbot.models import ModelStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from meetbot.bench.seeded_models import Architecture
    from meetbot.config import ModelSettings, PainterSettings
    from meetbot.core.ports import Painter

__all__ = ["ENGINES", "Job", "Opened", "Shape", "open_painter", "prepared", "suiting_engine"]

Shape = Literal["auto", "official", "toy"]
"""Of seeded models: as large as the official one, which ``auto`` is on a GPU, or small."""

ENGINES = ("storyboard", "diffusers", "onnx")
FAMILY = "sd-turbo"
STORYBOARD_SIDE = 768
TOY_SIDE = 256


@dataclass(frozen=True, slots=True)
class Job:
    """One engine to measure. ``model``: None: the best here, else a seeded one of ``shape``.

    ``side``: pixels; None: what suits it. ``weights``: what they are, where that is known.
    """

    engine: str
    models: ModelSettings
    painter: PainterSettings
    count: int
    model: str | None = None
    shape: Shape = "auto"
    side: int | None = None
    weights: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A painter and what it is. ``made_s``: seconds that making a seeded model took."""

    painter: Painter
    engine: str
    weights: str
    device: str
    steps: int | None
    width: int
    height: int
    made_s: float = 0.0
    peak_device_mb: Callable[[], float | None] = lambda: None


def suiting_engine(model: str) -> str:
    """The engine that a folder, or a name, is for."""
    return "onnx" if (Path(model).expanduser() / MANIFEST).is_file() else "diffusers"


def open_painter(job: Job) -> Opened:
    """Load it; blocks. Raises ``MeetbotError`` where it cannot run on this machine."""
    store = ModelStore.configured(job.models)
    match job.engine:
        case "storyboard":
            return _opened(job, store, "none", side=STORYBOARD_SIDE)
        case "diffusers":
            return _diffusers(job, store)
        case "onnx":
            return _opened(job, store, job.weights or "given", side=512)
    raise EngineError(f"no painter is called {job.engine!r}; there are: {', '.join(ENGINES)}")


def _opened(job: Job, store: ModelStore, weights: str, *, side: int) -> Opened:
    side = job.side or side
    settings = job.painter.model_copy(
        update={
            "engine": job.engine,
            "model": job.model or "auto",
            "width": side,
            "height": side,
        }
    )
    painter: Any = load_engine("painter", job.engine, store, settings)
    steps = getattr(painter, "steps", None)
    device = getattr(painter, "device", "cpu")
    return Opened(painter, job.engine, weights, _called(device), steps, side, side)


def _weights(job: Job, store: ModelStore) -> str:
    return "official" if job.model in (None, *store.catalogue) else "given"


def _diffusers(job: Job, store: ModelStore) -> Opened:
    try:
        return _with_device(_opened(job, store, _weights(job, store), side=512))
    except ModelMissing:
        if job.model is not None:
            raise
    from meetbot.bench.seeded_models import seeded_painter
    from meetbot.engines.painter.diffusers.devices import choose_device

    begin = time.perf_counter()
    large = job.shape == "official" or (
        job.shape == "auto" and choose_device(job.painter.device).type == "cuda"
    )
    side = job.side or (512 if large else TOY_SIDE)
    settings = job.painter.model_copy(update={"engine": "diffusers", "width": side, "height": side})
    painter: Any = seeded_painter(FAMILY, settings, architecture=None if large else _toy())
    device, made_s = _called(painter.device), time.perf_counter() - begin
    return _with_device(
        Opened(
            painter,
            "diffusers",
            _seeded(large=large),
            device,
            painter.steps,
            side,
            side,
            made_s,
        )
    )


@contextmanager
def prepared(job: Job) -> Iterator[Job]:
    """``job``, with a seeded model for as long as it lasts where the engine onnx has none.

    It is exported by a process of its own, since that takes torch and much memory.
    """
    if job.engine != "onnx" or job.model is not None or not find_spec("torch") or _exported(job):
        yield job
        return
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "onnx"
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            alone.submit(_export_seeded, job, Path(place) / f"{FAMILY}-seeded", out).result()
        large = job.shape == "official"
        side = job.side or (512 if large else TOY_SIDE)
        yield replace(job, model=str(out), weights=_seeded(large=large), side=side)


def _exported(job: Job) -> bool:
    try:
        find_export(ModelStore.configured(job.models), "auto")
    except ModelMissing:
        return False
    return True


def _seeded(*, large: bool) -> str:
    return f"seeded, {'official' if large else 'toy'} architecture of {FAMILY}"


def _export_seeded(job: Job, source: Path, out: Path) -> None:
    import torch

    from meetbot.bench.seeded_models import ARCHITECTURES, seeded_pipeline
    from meetbot.engines.painter.onnx.export import export_model

    made = ARCHITECTURES[FAMILY] if job.shape == "official" else _toy()
    seeded_pipeline(made, device=torch.device("cpu"), dtype=torch.float32, folder=source)
    (source / "README.md").write_text("---\nlicense: mit\n---\n", encoding="utf-8")
    export_model(ModelStore.configured(job.models), str(source), out)


def _toy() -> Architecture:
    from meetbot.bench.seeded_models import Architecture

    return Architecture(
        family=FAMILY,
        network={
            "sample_size": TOY_SIDE // 8,
            "block_out_channels": (32, 64),
            "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
            "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
            "layers_per_block": 1,
            "cross_attention_dim": 64,
            "attention_head_dim": (2, 4),
            "use_linear_projection": True,
        },
        text={
            "hidden_size": 64,
            "intermediate_size": 128,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "hidden_act": "gelu",
            "projection_dim": 64,
        },
    )


def _called(device: object) -> str:
    """A device by its maker's name where there is one."""
    kind = str(device).partition(":")[0]
    if kind == "cuda":
        import torch

        return str(torch.cuda.get_device_name(device))
    return f"{kind} ({platform.processor() or platform.machine()})"


def _with_device(opened: Opened) -> Opened:
    import torch

    def peak() -> float | None:
        if not torch.cuda.is_available():
            return None
        return round(float(torch.cuda.max_memory_allocated()) / 1e6, 1)

    return replace(opened, peak_device_mb=peak)
