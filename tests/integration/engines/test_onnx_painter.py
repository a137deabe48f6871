"""The painter onnx and its exporter against torch, on tiny models with seeded random weights.

What is exported is what ``support.tiny_pipelines`` writes, in the layout of the official folders;
what is compared are whole pictures, made from the same noise by diffusers' own pipelines.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import diffusers
import numpy as np
import onnx
import pytest
import torch

from meetbot.cli import main
from meetbot.config import PainterSettings
from meetbot.core.errors import InputError, ModelError, ModelLicence
from meetbot.engines.painter.diffusers.loading import open_studio
from meetbot.engines.painter.onnx.export import TOLERANCE, export_model
from meetbot.engines.painter.onnx.manifest import read_manifest
from meetbot.engines.painter.onnx.pipeline import OnnxPipeline, Order, Stopping
from meetbot.engines.painter.onnx.schedule import SchedulerConfig, Walk, plan
from meetbot.engines.painter.onnx.weights import shrink
from meetbot.models import ModelStore
from support.tiny_pipelines import write_pipeline, write_tiny_vae

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.engines.painter.diffusers.studio import Studio

pytestmark = [
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

NOISE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
PROMPT, NEGATIVE = "a red house in the sea", "the cat"
FURTHEST = {"float32": 0.1, "float16": 1.0, "int8": 2.0}
"""Of 255: the root mean square of what a picture's values may be from torch's."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("onnx")


@pytest.fixture(scope="module")
def store(place: Path) -> ModelStore:
    return ModelStore(place / "models")


@pytest.fixture(scope="module")
def turbo(place: Path) -> tuple[Path, Path]:
    """SD-Turbo, exported on the command line for any size: the official layout, and ours."""
    source, out = write_pipeline(place / "sd-turbo", "sd-turbo"), place / "sd-turbo-onnx"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEETBOT_MODELS__FOLDER", str(place / "models"))
        with pytest.raises(SystemExit) as stopped:
            main(["models", "export", str(source), "--out", str(out)])
    assert not stopped.value.code
    return source, out


@pytest.fixture(scope="module")
def xl(place: Path, store: ModelStore) -> tuple[Path, Path]:
    """SDXL, with two text encoders, as bytes and of one size."""
    source, out = write_pipeline(place / "sdxl", "sdxl"), place / "sdxl-onnx"
    export_model(store, str(source), out, dtype="int8", size=(64, 64))
    return source, out


@pytest.fixture(scope="module")
def consistent(place: Path, store: ModelStore) -> tuple[Path, Path]:
    """A latent consistency model with its guidance built in, TAESD, as halves and of one size."""
    source, out = write_pipeline(place / "lcm", "lcm"), place / "lcm-onnx"
    write_tiny_vae(source / "taesd")
    export_model(store, str(source), out, dtype="float16", size=(128, 64))
    return source, out


def studio(store: ModelStore, source: Path, *, tiny: bool = False) -> Studio:
    settings = PainterSettings(model=str(source), device="cpu", dtype="float32", tiny_vae=tiny)
    return open_studio(store, settings)


def dealt(seed: int) -> Callable[[tuple[int, ...]], NDArray[np.float32]]:
    """Noise, the same for every reader."""
    rng = np.random.default_rng(seed)
    return lambda shape: rng.standard_normal(shape, np.float32)


@pytest.fixture
def same_noise(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let all of diffusers take its noise from ``dealt``."""

    def deal(seed: int) -> None:
        deck = dealt(seed)

        def randn_tensor(shape: tuple[int, ...], **_options: Any) -> torch.Tensor:
            return torch.from_numpy(deck(tuple(shape)))

        for name, module in list(sys.modules.items()):
            if name.startswith("diffusers.") and "randn_tensor" in vars(module):
                monkeypatch.setattr(module, "randn_tensor", randn_tensor)

    return deal


def by_torch(made: Any) -> NDArray[np.uint8]:
    return np.asarray((made.images[0] * 255).round(), np.uint8)


def order(size: tuple[int, int], steps: int, guidance: float, **more: Any) -> Order:
    return Order(PROMPT, more.pop("negative", ""), size, steps, guidance, dealt(5), **more)


def by_onnx(folder: Path, wanted: Order, *, tiny: bool = False) -> NDArray[np.uint8]:
    pipeline = OnnxPipeline(folder, read_manifest(folder), tiny=tiny, threads=2)
    return pipeline.paint(wanted, Stopping())


def apart(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    assert a.shape == b.shape
    assert b.std() > 5
    return float(np.sqrt(np.mean((a.astype(float) - b) ** 2)))


SCHEDULERS = [
    ("EulerDiscreteScheduler", {"timestep_spacing": "trailing"}, (1, 2, 4, 7)),
    ("EulerDiscreteScheduler", {"timestep_spacing": "leading", "steps_offset": 1}, (9,)),
    ("EulerDiscreteScheduler", {"prediction_type": "v_prediction"}, (6,)),
    ("EulerDiscreteScheduler", {"timestep_spacing": "trailing", "prediction_type": "sample"}, (1,)),
    ("EulerAncestralDiscreteScheduler", {"timestep_spacing": "trailing"}, (1, 2, 5)),
    ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}, (2, 10, 20, 25)),
    ("DPMSolverMultistepScheduler", {"timestep_spacing": "leading", "steps_offset": 1}, (3, 20)),
    ("DPMSolverMultistepScheduler", {"prediction_type": "v_prediction"}, (12,)),
    ("LCMScheduler", {"original_inference_steps": 50}, (1, 2, 4, 8)),
]


@pytest.mark.parametrize(
    ("name", "options", "count"),
    [(name, options, count) for name, options, counts in SCHEDULERS for count in counts],
)
def test_each_step_is_that_of_diffusers(
    name: str, options: dict[str, Any], count: int, same_noise: Callable[[int], None]
) -> None:
    theirs = getattr(diffusers, name)(**NOISE, **options)
    theirs.set_timesteps(count)
    config = {
        key: theirs.config[key] for key in SchedulerConfig.model_fields if key in theirs.config
    }
    steps = plan(SchedulerConfig.model_validate({"class_name": name, **config}), count)
    np.testing.assert_allclose(steps.timesteps, theirs.timesteps.numpy(), atol=1e-3)
    same_noise(3)
    mine, start = dealt(3), np.random.default_rng(1).standard_normal((1, 4, 4, 4), np.float32)
    walk, right = Walk(steps), torch.from_numpy(start) * theirs.init_noise_sigma
    latents = walk.begin(start)
    for index, timestep in enumerate(theirs.timesteps):
        seen = theirs.scale_model_input(right, timestep)
        output = np.tanh(1.3 * seen.numpy() + np.sin(float(timestep) / 300)).astype(np.float32)
        right = theirs.step(torch.from_numpy(output), timestep, right, return_dict=False)[0]
        np.testing.assert_allclose(walk.seen(index, latents), seen.numpy(), atol=1e-4)
        latents = walk.step(index, latents, output, lambda: mine(start.shape))
    np.testing.assert_allclose(latents, right.numpy(), atol=1e-4)


@pytest.mark.parametrize(
    "text", [PROMPT, "", "a " * 200, "дом у моря", "😀 a house!", "The RED House\n\n"]
)
def test_tokens_are_those_of_the_models_own_tokenizer(
    turbo: tuple[Path, Path], store: ModelStore, text: str
) -> None:
    pipeline = OnnxPipeline(turbo[1], read_manifest(turbo[1]), tiny=False, threads=1)
    sessions: Any = pipeline._sessions
    fed = []

    class Listening:
        def run(self, _names: None, feed: dict[str, Any], _options: object) -> Any:
            fed.append(feed["tokens"])
            return [np.zeros((1, 77, 32), np.float32)]

    sessions["text_encoder.onnx"] = Listening()
    pipeline._read(text, order((64, 64), 1, 0.0), Stopping())
    own = studio(store, turbo[0]).text.tokenizer
    right = own(text, padding="max_length", max_length=77, truncation=True).input_ids
    assert fed[0].tolist() == [right]


@pytest.mark.parametrize("size", [(64, 64), (128, 48), (32, 96)])
def test_a_model_for_any_size_paints_what_torch_paints(
    turbo: tuple[Path, Path],
    store: ModelStore,
    size: tuple[int, int],
    same_noise: Callable[[int], None],
) -> None:
    right = studio(store, turbo[0])
    same_noise(5)
    right.text.scheduler = right.scheduler()
    width, height = size
    made = right.text(
        PROMPT,
        width=width,
        height=height,
        num_inference_steps=3,
        guidance_scale=0.0,
        output_type="np",
    )
    mine = by_onnx(turbo[1], order(size, 3, 0.0))
    assert apart(mine, by_torch(made)) <= FURTHEST["float32"]


@pytest.mark.parametrize("matrices", [False, True], ids=["float16", "int8"])
def test_smaller_weights_paint_nearly_the_same(
    turbo: tuple[Path, Path], tmp_path: Path, *, matrices: bool
) -> None:
    source, small = turbo[1], tmp_path / "small"
    small.mkdir()
    manifest = read_manifest(source)
    for name in manifest.files():
        if name.endswith(".onnx"):
            shrink(source / name, small / name, matrices=matrices and "vae" not in name)
        else:
            (small / name).write_bytes((source / name).read_bytes())
    (small / "manifest.json").write_bytes((source / "manifest.json").read_bytes())
    made, right = (by_onnx(each, order((64, 64), 3, 0.0)) for each in (small, source))
    far = apart(made, right)
    assert far <= FURTHEST["int8" if matrices else "float16"]
    sizes = [sum(f.stat().st_size for f in each.glob("*.data")) for each in (small, source)]
    assert sizes[0] < 0.65 * sizes[1]
    if matrices:
        nodes = {node.op_type for node in onnx.load(small / "unet.onnx").graph.node}
        assert {"MatMulInteger", "Conv"} <= nodes


def test_sdxl_as_bytes_with_a_negative_prompt_is_near_to_torch(
    xl: tuple[Path, Path], store: ModelStore, same_noise: Callable[[int], None]
) -> None:
    right = studio(store, xl[0])
    same_noise(5)
    right.text.scheduler = right.scheduler()
    made = right.text(
        PROMPT,
        negative_prompt=NEGATIVE,
        width=64,
        height=64,
        num_inference_steps=6,
        guidance_scale=5.0,
        output_type="np",
    )
    mine = by_onnx(xl[1], order((64, 64), 6, 5.0, negative=NEGATIVE))
    assert apart(mine, by_torch(made)) <= FURTHEST["int8"]


@pytest.mark.parametrize("tiny", [False, True], ids=["whole VAE", "TAESD"])
def test_a_consistency_model_as_halves_is_near_to_torch(
    consistent: tuple[Path, Path],
    store: ModelStore,
    same_noise: Callable[[int], None],
    *,
    tiny: bool,
) -> None:
    right = studio(store, consistent[0], tiny=tiny)
    same_noise(5)
    right.text.scheduler = right.scheduler()
    made = right.text(
        PROMPT,
        width=128,
        height=64,
        num_inference_steps=4,
        guidance_scale=8.0,
        output_type="np",
    )
    mine = by_onnx(consistent[1], order((128, 64), 4, 8.0), tiny=tiny)
    assert apart(mine, by_torch(made)) <= FURTHEST["float16"]


def test_after_a_reference_it_paints_what_torch_paints(
    turbo: tuple[Path, Path], store: ModelStore, same_noise: Callable[[int], None]
) -> None:
    right = studio(store, turbo[0])
    reference = np.zeros((1, 3, 64, 64), np.float32)
    reference[..., :32], reference[..., 32:] = 0.9, -0.9
    with torch.inference_mode():
        latents = right.text.vae.encode(torch.from_numpy(reference)).latent_dist.mode()
    same_noise(5)
    right.image.scheduler = right.scheduler()
    made = right.image(
        PROMPT,
        image=latents * right.text.vae.config.scaling_factor,
        strength=0.5,
        num_inference_steps=4,
        guidance_scale=0.0,
        output_type="np",
    )
    wanted = order((64, 64), 4, 0.0, reference=reference, strength=0.5)
    assert apart(by_onnx(turbo[1], wanted), by_torch(made)) <= FURTHEST["float32"]


def test_what_it_writes_says_what_it_is(
    turbo: tuple[Path, Path], xl: tuple[Path, Path], consistent: tuple[Path, Path]
) -> None:
    one, two, three = (read_manifest(each[1]) for each in (turbo, xl, consistent))
    assert (one.family, one.dtype, one.size, one.steps) == ("sd-turbo", "float32", None, 1)
    assert (two.family, two.dtype, two.size) == ("sdxl", "int8", (64, 64))
    assert [text.pooled for text in two.texts] == [False, True]
    assert (three.built_in_guidance, three.tiny_autoencoder is not None) == (16, True)
    assert two.tiny_autoencoder is None
    for made in (one, two, three):
        networks = {name for name in made.files() if name.endswith(".onnx")}
        assert made.agreement.keys() == networks
        assert max(made.agreement.values()) < TOLERANCE[made.dtype]
        assert made.made_with["torch"] == torch.__version__
    assert one.agreement["unet.onnx"] < 1e-4 < two.agreement["unet.onnx"]


def test_an_exported_folder_paints_in_a_process_without_torch(turbo: tuple[Path, Path]) -> None:
    program = """
import asyncio, json, sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "diffusers", "transformers", "onnx"}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
from meetbot.config import PainterSettings
from meetbot.core.pictures import PaintRequest
from meetbot.engines.registry import load_engine
from meetbot.models import ModelStore
settings = PainterSettings(engine="onnx", model=sys.argv[1])
painter = load_engine("painter", "onnx", ModelStore(), settings)
painting = asyncio.run(painter.paint(PaintRequest("a house", "a red house", "en", 7, 96, 64)))
print(json.dumps([painting.engine, painting.pixels.shape, float(painting.pixels.std())]))
"""
    command = [sys.executable, "-c", program, str(turbo[1])]
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    name, shape, deviation = json.loads(made.stdout)
    assert name == "onnx sd-turbo float32"
    assert shape == [64, 96, 3]
    assert deviation > 5


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A pipeline that is refused before anything is exported."""
    yield write_pipeline(tmp_path / "small", "sd-turbo")
    assert not list(tmp_path.glob("*.part"))


def test_a_folder_that_is_taken_is_left_alone(
    small: Path, tmp_path: Path, store: ModelStore
) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "mine").write_text("kept")
    with pytest.raises(InputError, match="exists already"):
        export_model(store, str(small), taken)
    assert [path.name for path in taken.iterdir()] == ["mine"]


def test_a_size_that_does_not_suit_is_refused(
    small: Path, tmp_path: Path, store: ModelStore
) -> None:
    with pytest.raises(InputError, match="multiples of 16"):
        export_model(store, str(small), tmp_path / "out", size=(100, 64))
    assert not (tmp_path / "out").exists()


def test_a_scheduler_with_other_habits_is_refused(
    small: Path, tmp_path: Path, store: ModelStore
) -> None:
    path = small / "scheduler" / "scheduler_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"rescale_betas_zero_snr": True}))
    with pytest.raises(ModelError, match="rescale_betas_zero_snr"):
        export_model(store, str(small), tmp_path / "out")


def test_a_model_without_a_licence_needs_a_yes(
    tmp_path: Path, store: ModelStore, small: Path
) -> None:
    (small / "README.md").unlink()
    with pytest.raises(ModelLicence, match="accept_licences"):
        export_model(store, str(small), tmp_path / "out")


def test_a_transformer_is_refused_with_what_to_use_instead(
    tmp_path: Path, store: ModelStore
) -> None:
    folder = write_pipeline(tmp_path / "klein", "flux2-klein")
    with pytest.raises(ModelError, match="use the engine diffusers"):
        export_model(store, str(folder), tmp_path / "out")
