"""From a diffusion model in the official layout to networks for ONNX Runtime; extra ``export``.

Each network is traced by ``torch.export``, written with its weights beside it, made smaller if that
is wanted, opened again and held against torch on inputs that it was not traced with.
"""

from __future__ import annotations

import logging
import shutil
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import diffusers
import numpy as np
import onnxruntime
import torch

from meetbot.config import PainterSettings
from meetbot.core.errors import EngineError, InputError, ModelError
from meetbot.engines.onnx import open_session
from meetbot.engines.painter.diffusers.loading import open_studio
from meetbot.engines.painter.folders import card_for, find_model, tiny_vae_for
from meetbot.engines.painter.onnx import networks
from meetbot.engines.painter.onnx.manifest import MANIFEST, Autoencoder, Manifest, TextEncoder
from meetbot.engines.painter.onnx.schedule import SchedulerConfig
from meetbot.engines.painter.onnx.weights import shrink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from meetbot.engines.painter.diffusers.studio import Studio
    from meetbot.engines.painter.folders import ModelFolder
    from meetbot.engines.painter.onnx.manifest import Dtype
    from meetbot.engines.painter.onnx.networks import Network
    from meetbot.models import ModelStore

__all__ = ["TOLERANCE", "export_model"]

TOLERANCE: Mapping[Dtype, float] = {"float32": 1e-3, "float16": 2e-2, "int8": 1.0}
"""How far an output may be from torch's, in standard deviations of torch's."""
TRACED = (2, 3)
"""Tiles up and across, where sizes stay free; compared at others."""
COMPARED = (3, 2)
DEFAULTS: Mapping[str, object] = {
    "algorithm_type": "dpmsolver++",
    "clip_sample": False,
    "euler_at_final": False,
    "final_sigmas_type": "zero",
    "interpolation_type": "linear",
    "rescale_betas_zero_snr": False,
    "solver_order": 2,
    "solver_type": "midpoint",
    "thresholding": False,
    "timestep_type": "discrete",
    "trained_betas": None,
    "use_beta_sigmas": False,
    "use_exponential_sigmas": False,
    "use_lu_lambdas": False,
}
"""What ``schedule`` takes for granted."""


@dataclass(frozen=True, slots=True)
class _Job:
    folder: Path
    dtype: Dtype
    fixed: tuple[int, int] | None
    agreement: dict[str, float]
    tell: Callable[[str], None]


def export_model(
    models: ModelStore,
    wanted: str,
    out: Path,
    *,
    dtype: Dtype = "float32",
    size: tuple[int, int] | None = None,
    tell: Callable[[str], None] = lambda _what: None,
) -> Manifest:
    """Write the model that ``wanted`` names, a folder or an entry, into the folder ``out``.

    ``size``: width and height in pixels that it will be fixed to, which some runtimes run faster;
    None: any. ``tell`` hears what is being done. Blocks for minutes. Raises ``InputError`` where
    ``out`` is taken or ``size`` does not suit, ``ModelError`` where the model cannot be exported,
    ``EngineError`` where what was made is not what torch computes.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out} exists already; remove it, or name another folder with --out")
    model = find_model(models, wanted, "the model to export")
    settings = PainterSettings(
        engine="diffusers", model=wanted, device="cpu", dtype="float32", tiny_vae=False
    )
    tell(f"opening {model.name}")
    studio = open_studio(models, settings)
    if getattr(studio.text, "unet", None) is None:
        raise ModelError(f"{studio.family.title} cannot be exported; use the engine diffusers")
    partial = out.with_name(f"{out.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        manifest = _export(models, model, studio, _Job(partial, dtype, size, {}, tell))
        text = manifest.model_dump_json(indent=1)
        (partial / MANIFEST).write_text(text, encoding="utf-8")
        if out.exists():
            out.rmdir()
        partial.rename(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return manifest


def _export(models: ModelStore, model: ModelFolder, studio: Studio, job: _Job) -> Manifest:
    pipeline, family = studio.text, studio.family
    tile = 2 ** (len(pipeline.unet.config.block_out_channels) - 1)
    per = int(pipeline.vae_scale_factor)
    if job.fixed and any(side % (tile * per) for side in job.fixed):
        raise InputError(f"--size takes multiples of {tile * per} for {model.name}")
    scheduler = _scheduler(studio)
    texts = _texts(pipeline, job, per * tile)
    length = texts[0].length
    network = networks.painting_network("unet.onnx", pipeline.unet, length=length, tile=tile)
    _write(network, job, per * tile)
    coder = _autoencoder("vae", pipeline.vae, job, tile, per)
    tiny = _tiny(models, model, studio, job, tile, per)
    _write_card(models, model, job.folder / "README.md")
    return Manifest(
        name=model.name,
        family=family.name,
        dtype=job.dtype,
        size=job.fixed,
        multiple=tile * per,
        side=family.side,
        steps=family.steps,
        guidance=family.guidance,
        negative=family.negative,
        latent_channels=pipeline.unet.config.in_channels,
        pixels_per_latent=per,
        texts=texts,
        network=network.name,
        built_in_guidance=pipeline.unet.config.time_cond_proj_dim,
        extended=pipeline.unet.config.addition_embed_type == "text_time",
        empty_negative_is_zeros=bool(pipeline.config.get("force_zeros_for_empty_prompt", False)),
        scheduler=scheduler,
        autoencoder=coder,
        tiny_autoencoder=tiny,
        agreement=job.agreement,
        made_with={library.__name__: library.__version__ for library in (torch, diffusers)},
    )


def _write_card(models: ModelStore, model: ModelFolder, card: Path) -> None:
    """The licence goes with the model."""
    if (model.path / "README.md").is_file():
        shutil.copyfile(model.path / "README.md", card)
    elif model.name in models.catalogue:
        card.write_text(card_for(models.entry(model.name).licence), encoding="utf-8")


def _scheduler(studio: Studio) -> SchedulerConfig:
    made = studio.scheduler()
    expected = dict(DEFAULTS)
    if not isinstance(made, diffusers.DPMSolverMultistepScheduler):
        expected["use_karras_sigmas"] = False
    for name, value in expected.items():
        if made.config.get(name, value) != value:
            raise ModelError(
                f"{studio.name} wants {name} = {made.config[name]} of its scheduler, which the "
                "engine onnx does not know; use the engine diffusers"
            )
    known = SchedulerConfig.model_fields.keys() & made.config.keys()
    try:
        return SchedulerConfig.model_validate(
            {"class_name": type(made).__name__, **{name: made.config[name] for name in known}}
        )
    except ValueError as error:
        raise ModelError(
            f"the scheduler of {studio.name} cannot be exported; use the engine diffusers: {error}"
        ) from error


def _texts(pipeline: Any, job: _Job, unit: int) -> tuple[TextEncoder, ...]:
    second = getattr(pipeline, "text_encoder_2", None)
    pairs = [(pipeline.tokenizer, pipeline.text_encoder, "")]
    pairs += [(pipeline.tokenizer_2, second, "_2")] if second is not None else []
    texts = []
    for tokenizer, model, suffix in pairs:
        length = int(tokenizer.model_max_length)
        pooled = bool(suffix)
        layer = None if second is None else -2
        name = f"text_encoder{suffix}.onnx"
        network = networks.text_encoder(name, model, length=length, layer=layer, pooled=pooled)
        _write(network, job, unit)
        words = f"tokenizer{suffix}.json"
        tokenizer.backend_tokenizer.save(str(job.folder / words))
        padding = int(tokenizer.pad_token_id)
        texts.append(
            TextEncoder(
                network=name, tokenizer=words, length=length, padding=padding, pooled=pooled
            )
        )
    return tuple(texts)


def _tiny(
    models: ModelStore, model: ModelFolder, studio: Studio, job: _Job, tile: int, per: int
) -> Autoencoder | None:
    folder = tiny_vae_for(models, model.path, studio.family.tiny_vae)
    if folder is None:
        return None
    tiny = diffusers.AutoencoderTiny.from_pretrained(
        folder, torch_dtype=torch.float32, use_safetensors=True, local_files_only=True
    )
    return _autoencoder("tiny_vae", tiny.eval(), job, tile, per)


def _autoencoder(name: str, model: Any, job: _Job, tile: int, per: int) -> Autoencoder:
    """Its weights are at most halved: bytes show in a picture at once."""
    unit = tile * per
    encoder = networks.encoder(f"{name}_encoder.onnx", model, tile=tile, per_latent=per)
    decoder = networks.decoder(f"{name}_decoder.onnx", model, tile=tile)
    for network in (encoder, decoder):
        _write(network, job, unit, matrices=False)
    return Autoencoder(
        encoder=encoder.name,
        decoder=decoder.name,
        scale=float(model.config.scaling_factor),
        shift=float(model.config.get("shift_factor") or 0.0),
    )


def _write(network: Network, job: _Job, unit: int, *, matrices: bool = True) -> None:
    job.tell(f"exporting {network.name}")
    tiles = (job.fixed[1] // unit, job.fixed[0] // unit) if job.fixed else TRACED
    target = job.folder / network.name
    traced = target if job.dtype == "float32" else job.folder / f"whole-{network.name}"
    with torch.inference_mode(), _quiet():
        torch.onnx.export(
            network.module.eval(),
            kwargs=dict(network.inputs(*tiles)),
            f=str(traced),
            output_names=list(network.outputs),
            dynamic_shapes=network.shapes(fixed=job.fixed is not None),
            dynamo=True,
            external_data=True,
            verbose=False,
        )
    if traced != target:
        shrink(traced, target, matrices=matrices and job.dtype == "int8")
        for left in job.folder.glob(f"{traced.name}*"):
            left.unlink()
    job.tell(f"comparing {network.name} with torch")
    _compare(network, job, tiles if job.fixed else COMPARED)


def _compare(network: Network, job: _Job, tiles: tuple[int, int]) -> None:
    inputs = network.inputs(*tiles)
    session = open_session(job.folder / network.name, threads=torch.get_num_threads())
    made = session.run(None, {name: tensor.numpy() for name, tensor in inputs.items()})
    with torch.inference_mode():
        right = network.module(**inputs)
    right = right if isinstance(right, tuple) else (right,)
    pairs = [(a, b.numpy()) for a, b in zip(made, right, strict=True)]
    apart = max(float(np.abs(a - b).max() / max(b.std(), 1e-9)) for a, b in pairs)
    job.agreement[network.name] = float(f"{apart:.2g}")
    if not apart <= TOLERANCE[job.dtype]:
        raise EngineError(
            f"{network.name} is {apart:.2g} standard deviations from what torch computes, and "
            f"{TOLERANCE[job.dtype]:g} are allowed for {job.dtype}; ONNX Runtime "
            f"{onnxruntime.__version__} and torch {torch.__version__} do not go together"
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what the exporter says to those who develop it."""
    loud = logging.getLogger("torch.onnx")
    level = loud.level
    loud.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        loud.setLevel(level)
