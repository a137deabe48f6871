"""The painter diffusers on tiny pipelines with seeded weights, in the layout of the official ones.

The official weights are on a model hub only; what these tests prove is the whole path from the
folder to pixels, and that the numbers are those of the reference pipelines, called by themselves.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any

import diffusers
import numpy as np
import pytest
import torch
from diffusers.utils import logging as diffusers_logging
from PIL import Image
from safetensors.torch import load_file

from meetbot.config.painting import PainterSettings
from meetbot.core.errors import (
    ConfigError,
    EngineError,
    ModelError,
    ModelLicence,
    ModelMissing,
    OutOfMemory,
)
from meetbot.core.pictures import PaintRequest, Reference
from meetbot.engines.registry import load_engine
from meetbot.models import ModelStore
from meetbot.models.converters import CONVERTERS
from support.pinned import pin
from support.tiny_pipelines import (
    FAMILIES,
    write_controlnet,
    write_lightning,
    write_pipeline,
    write_tiny_vae,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.engines.painter.diffusers import DiffusersPainter

    Open = Callable[[str], DiffusersPainter]

pytestmark = [
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

SIDE = 64
PROMPT = "a red house in the sea"
DEFAULTS: dict[str, tuple[int, float, str, dict[str, Any]]] = {
    "sd15": (20, 7.5, "DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
    "sd-turbo": (1, 0.0, "EulerDiscreteScheduler", {"timestep_spacing": "trailing"}),
    "sdxl": (25, 5.0, "DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
    "sdxl-turbo": (1, 0.0, "EulerAncestralDiscreteScheduler", {"timestep_spacing": "trailing"}),
    "sdxl-lightning": (4, 0.0, "EulerDiscreteScheduler", {"timestep_spacing": "trailing"}),
    "lcm": (4, 8.0, "LCMScheduler", {}),
    "flux2-klein": (4, 1.0, "FlowMatchEulerDiscreteScheduler", {}),
}
"""Steps, guidance and scheduler of each family, as its model card has them."""


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: socket.socket, address: object) -> None:
        pytest.fail(f"a connection to {address} was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    diffusers_logging.disable_progress_bar()
    folder = tmp_path_factory.mktemp("pipelines")
    for family in FAMILIES:
        write_pipeline(folder / family, family)
    shutil.copytree(folder / "sdxl", folder / "sdxl-lightning")
    write_lightning(folder / "sdxl-lightning" / "sdxl_lightning_4step_unet.safetensors")
    return folder


def store(folder: Path, *accepted: str) -> ModelStore:
    return ModelStore(folder, hub=False, accept_licences=accepted, catalogue={}, clients=())


def settings(folder: Path, **changes: Any) -> PainterSettings:
    given = {"engine": "diffusers", "model": str(folder), "device": "cpu", "threads": 2}
    exact = {"dtype": "float32", "width": SIDE, "height": SIDE}
    return PainterSettings(**given | exact | changes)


@pytest.fixture(scope="module")
def opened(root: Path) -> Iterator[Open]:
    """A painter of each family, opened once."""
    painters = {family: load(root / family) for family in DEFAULTS}
    yield painters.__getitem__
    for painter in painters.values():
        asyncio.run(painter.close())


def load(folder: Path, *accepted: str, **changes: Any) -> DiffusersPainter:
    engine: DiffusersPainter = load_engine(
        "painter", "diffusers", store(folder.parent, *accepted), settings(folder, **changes)
    )
    return engine


def request(prompt: str = PROMPT, **changes: Any) -> PaintRequest:
    given = {"seed": 3, "width": SIDE, "height": SIDE} | changes
    return PaintRequest(prompt, prompt, "en", **given)


def picture(seed: int, width: int = SIDE, height: int = SIDE) -> Reference:
    """Patches of colour with hard edges."""
    colours = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), np.uint8)
    large = Image.fromarray(colours).resize((width, height), Image.Resampling.NEAREST)
    return Reference(f"picture-{seed}", np.asarray(large))


def by_itself(
    folder: Path, kind: str, *, parts: dict[str, Any] | None = None, **arguments: Any
) -> NDArray[np.uint8]:
    """What the reference pipeline paints, called as its model card says."""
    steps, guidance, scheduler, options = DEFAULTS[folder.name]
    extra: dict[str, Any] = {} if "XL" in kind or "Flux" in kind else {"safety_checker": None}
    pipeline = getattr(diffusers, kind).from_pretrained(folder, **extra | (parts or {}))
    pipeline.scheduler = getattr(diffusers, scheduler).from_config(
        pipeline.scheduler.config, **options
    )
    pipeline.set_progress_bar_config(disable=True)
    given = {"num_inference_steps": steps, "guidance_scale": guidance, "prompt": PROMPT}
    generator = torch.Generator().manual_seed(3)
    made = pipeline(**given | arguments, generator=generator, output_type="np").images[0]
    return (made * 255).round().astype(np.uint8)  # type: ignore[no-any-return]


def same(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> bool:
    """Whether two pictures differ by rounding at most."""
    return bool(np.abs(first.astype(int) - second.astype(int)).max() <= 1)


@pytest.mark.parametrize("family", DEFAULTS)
async def test_the_same_request_gives_the_same_picture_whatever_came_before(
    opened: Open, family: str
) -> None:
    painter = opened(family)
    first = await painter.paint(request())
    other = await painter.paint(request(seed=4))
    after_a_reference = await painter.paint(request(references=(picture(1),)))
    again = await painter.paint(request())
    assert first.pixels.shape == (SIDE, SIDE, 3)
    assert first.pixels.dtype == np.uint8
    assert np.array_equal(first.pixels, again.pixels)
    assert not same(first.pixels, other.pixels)
    assert not same(first.pixels, after_a_reference.pixels)
    assert first.engine == f"diffusers {family}"


@pytest.mark.parametrize(
    ("family", "kind"),
    [
        ("sd15", "StableDiffusionPipeline"),
        ("sd-turbo", "StableDiffusionPipeline"),
        ("sdxl", "StableDiffusionXLPipeline"),
        ("sdxl-turbo", "StableDiffusionXLPipeline"),
        ("lcm", "LatentConsistencyModelPipeline"),
        ("flux2-klein", "Flux2KleinPipeline"),
    ],
)
async def test_each_family_paints_what_its_reference_pipeline_paints(
    opened: Open, root: Path, family: str, kind: str
) -> None:
    painted = await opened(family).paint(request())
    expected = by_itself(root / family, kind, width=SIDE, height=SIDE)
    assert same(painted.pixels, expected)


async def test_lightning_is_another_network_in_the_pipeline_of_sdxl(
    opened: Open, root: Path
) -> None:
    folder = root / "sdxl-lightning"
    network = diffusers.UNet2DConditionModel.from_pretrained(folder / "unet")
    network.load_state_dict(load_file(folder / "sdxl_lightning_4step_unet.safetensors"))
    painted = await opened("sdxl-lightning").paint(request())
    expected = by_itself(
        folder, "StableDiffusionXLPipeline", parts={"unet": network}, width=SIDE, height=SIDE
    )
    assert same(painted.pixels, expected)
    assert not same(painted.pixels, (await opened("sdxl").paint(request())).pixels)


@pytest.mark.parametrize(
    ("family", "kind"),
    [
        ("sd15", "StableDiffusionImg2ImgPipeline"),
        ("sdxl", "StableDiffusionXLImg2ImgPipeline"),
        ("lcm", "LatentConsistencyModelImg2ImgPipeline"),
    ],
)
async def test_a_reference_is_painted_over_as_the_reference_pipeline_does(
    opened: Open, root: Path, family: str, kind: str
) -> None:
    given = picture(1)
    painted = await opened(family).paint(request(references=(given,), strength=0.5))
    expected = by_itself(root / family, kind, image=Image.fromarray(given.pixels), strength=0.5)
    assert same(painted.pixels, expected)


async def test_turbo_takes_steps_enough_for_one_of_them_to_count(opened: Open, root: Path) -> None:
    given = picture(1)
    painted = await opened("sd-turbo").paint(request(references=(given,), strength=0.3))
    expected = by_itself(
        root / "sd-turbo",
        "StableDiffusionImg2ImgPipeline",
        image=Image.fromarray(given.pixels),
        strength=0.3,
        num_inference_steps=4,
    )
    assert same(painted.pixels, expected)


@pytest.mark.parametrize("family", ["sd15", "sd-turbo", "lcm"])
async def test_a_picture_keeps_the_layout_of_its_reference(
    root: Path, tmp_path: Path, family: str
) -> None:
    """What changes on one side of the reference changes the picture on that side."""
    shutil.copytree(root / family, tmp_path / family)
    write_tiny_vae(tmp_path / family / "taesd")
    one, changed = picture(1).pixels, picture(1).pixels.copy()
    changed[:, SIDE // 2 :] = picture(2).pixels[:, SIDE // 2 :]
    painter = await asyncio.to_thread(load, tmp_path / family)
    first, second = [
        (await painter.paint(request(references=(Reference("r", each),), strength=0.3))).pixels
        for each in (one, changed)
    ]
    difference = np.abs(first.astype(int) - second.astype(int)).mean(axis=(0, 2))
    assert difference[-SIDE // 4 :].mean() > 3 * difference[: SIDE // 4].mean()
    await painter.close()


@pytest.mark.parametrize("family", ["sd15", "sdxl-turbo", "lcm"])
@pytest.mark.parametrize("strength", [0.0, 0.07, 0.35, 1.0])
async def test_every_strength_paints(opened: Open, family: str, strength: float) -> None:
    asked = request(references=(picture(1, 90, 40),), strength=strength)
    assert (await opened(family).paint(asked)).pixels.shape == (SIDE, SIDE, 3)


async def test_of_several_references_the_first_counts_and_the_note_says_so(opened: Open) -> None:
    painter = opened("sd15")
    one = await painter.paint(request(references=(picture(1),)))
    two = await painter.paint(request(references=(picture(1), picture(2))))
    assert np.array_equal(one.pixels, two.pixels)
    assert "after picture-1 only" in two.note
    assert "only" not in one.note


async def test_flux_takes_all_references(opened: Open) -> None:
    painter = opened("flux2-klein")
    one = await painter.paint(request(references=(picture(1),)))
    two = await painter.paint(request(references=(picture(1), picture(2))))
    assert not same(one.pixels, two.pixels)


async def test_a_negative_prompt_counts_where_the_model_heeds_it(opened: Open) -> None:
    plain = await opened("sd15").paint(request())
    less = await opened("sd15").paint(request(negative="a cat"))
    assert not same(plain.pixels, less.pixels)
    assert "negative" not in less.note
    plain = await opened("sd-turbo").paint(request())
    less = await opened("sd-turbo").paint(request(negative="a cat"))
    assert np.array_equal(plain.pixels, less.pixels)
    assert "without the negative prompt" in less.note


@pytest.mark.parametrize("family", ["sd-turbo", "flux2-klein"])
@pytest.mark.parametrize("prompt", ["", "😀🎉", "Красный дом у моря", "x" * 2_000, "\x00\n"])
async def test_any_prompt_paints(opened: Open, family: str, prompt: str) -> None:
    assert (await opened(family).paint(request(prompt))).pixels.shape == (SIDE, SIDE, 3)


async def test_of_a_long_prompt_the_beginning_and_the_end_count(opened: Open) -> None:
    painter = opened("sd15")
    middle = "sea " * 10_000
    long = await painter.paint(request(f"a red house {middle} in watercolour"))
    other_end = await painter.paint(request(f"a red house {middle} in ink"))
    other_begin = await painter.paint(request(f"the cat {middle} in watercolour"))
    longer = await painter.paint(request(f"a red house {middle} {middle} in watercolour"))
    assert "middle of a long prompt" in long.note
    assert not same(long.pixels, other_end.pixels)
    assert not same(long.pixels, other_begin.pixels)
    assert np.array_equal(long.pixels, longer.pixels)


@pytest.mark.parametrize(("width", "height"), [(101, 67), (300, 40), (8, 8), (640, 360)])
async def test_the_picture_has_the_size_that_was_asked_for(
    opened: Open, width: int, height: int
) -> None:
    painted = await opened("sd-turbo").paint(request(width=width, height=height))
    assert painted.pixels.shape == (height, width, 3)
    after = await opened("sd-turbo").paint(
        request(width=width, height=height, references=(picture(1, 50, 90),))
    )
    assert after.pixels.shape == (height, width, 3)


async def test_cancelling_stops_after_the_step_under_way(opened: Open) -> None:
    painter = opened("sd15")
    steps: list[int] = []
    reached, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def count(*_: object) -> None:
        steps.append(1)
        if len(steps) == 3:
            loop.call_soon_threadsafe(reached.set)
            go_on.wait(20)

    hook = painter._studio.text.unet.register_forward_hook(count)
    try:
        painting = asyncio.create_task(painter.paint(request()))
        waiting = asyncio.create_task(painter.paint(request(seed=9)))
        await reached.wait()
        painting.cancel()
        waiting.cancel()
        await asyncio.gather(painting, waiting, return_exceptions=True)
        go_on.set()
        await painter._thread.run(lambda: None)
        assert len(steps) == 3
    finally:
        hook.remove()
    assert np.array_equal(
        (await painter.paint(request())).pixels, (await painter.paint(request())).pixels
    )


async def test_the_tiny_vae_is_used_where_it_is_there(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sd-turbo"
    shutil.copytree(root / "sd-turbo", folder)
    without = await asyncio.to_thread(load, folder)
    write_tiny_vae(folder / "taesd")
    tiny = await asyncio.to_thread(load, folder)
    unwanted = await asyncio.to_thread(load, folder, tiny_vae=False)
    paintings = [await each.paint(request()) for each in (without, tiny, unwanted)]
    assert "without the tiny VAE taesd" in paintings[0].note
    assert [each.note for each in paintings[1:]] == ["", ""]
    expected = by_itself(
        folder,
        "StableDiffusionPipeline",
        parts={"vae": diffusers.AutoencoderTiny.from_pretrained(folder / "taesd")},
        width=SIDE,
        height=SIDE,
    )
    assert same(paintings[1].pixels, expected)
    assert not same(paintings[0].pixels, expected)
    assert np.array_equal(paintings[0].pixels, paintings[2].pixels)
    for each in (without, tiny, unwanted):
        await each.close()


def test_a_tiny_vae_may_be_its_weights_alone(root: Path, tmp_path: Path) -> None:
    """As the catalogue's taesdxl is."""
    folder = tmp_path / "sdxl"
    shutil.copytree(root / "sdxl", folder)
    tiny = diffusers.AutoencoderTiny()
    tiny.save_pretrained(folder / "taesdxl")
    (folder / "taesdxl" / "config.json").unlink()
    used = load(folder)._studio.text.vae
    assert all(
        torch.equal(kept, tiny.state_dict()[name]) for name, kept in used.state_dict().items()
    )


@pytest.mark.parametrize("family", ["sd15", "sdxl", "lcm"])
async def test_a_controlnet_follows_the_outlines_of_a_reference(
    root: Path, tmp_path: Path, family: str
) -> None:
    net = write_controlnet(tmp_path / "canny", "sdxl" if family == "sdxl" else "sd15")
    painter = await asyncio.to_thread(load, root / family, "canny", controlnet=str(net), steps=4)
    first, other, brighter = [
        await painter.paint(request(references=(each,)))
        for each in (picture(1), picture(2), Reference("r", picture(1).pixels // 2))
    ]
    assert not same(first.pixels, other.pixels)
    assert np.abs(first.pixels.astype(int) - other.pixels).mean() > 2 * (
        np.abs(first.pixels.astype(int) - brighter.pixels).mean()
    )
    without = await painter.paint(request())
    assert not same(first.pixels, without.pixels)
    await painter.close()


async def test_a_controlnet_paints_what_the_reference_pipeline_paints(
    root: Path, tmp_path: Path
) -> None:
    net = write_controlnet(tmp_path / "canny")
    plain = Reference("r", np.zeros((SIDE, SIDE, 3), np.uint8))
    plain.pixels[:, 32:] = 255
    painter = await asyncio.to_thread(load, root / "sd15", "canny", controlnet=str(net))
    painted = await painter.paint(request(references=(plain,), strength=0.0))
    edges = np.zeros((SIDE, SIDE, 3), np.uint8)
    edges[:, 31] = 255
    expected = by_itself(
        root / "sd15",
        "StableDiffusionControlNetPipeline",
        parts={"controlnet": diffusers.ControlNetModel.from_pretrained(net)},
        image=Image.fromarray(edges),
        controlnet_conditioning_scale=1.0,
    )
    assert same(painted.pixels, expected)
    await painter.close()


@pytest.mark.parametrize("family", ["sdxl", "flux2-klein"])
def test_a_controlnet_of_another_kind_of_model_is_refused(
    root: Path, tmp_path: Path, family: str
) -> None:
    net = write_controlnet(tmp_path / "canny")
    with pytest.raises(ConfigError, match=r"painting\.painter\.controlnet"):
        load(root / family, "canny", controlnet=str(net))


@pytest.mark.parametrize(
    ("licence", "name"),
    [
        ("creativeml-openrail-m", "CreativeML-OpenRAIL-M"),
        ("other\nlicense_name: sai-nc-community", "Stability-AI-NC-Community"),
        ("something-new", "model"),
        (None, "model"),
    ],
)
def test_a_licence_that_is_not_free_needs_an_explicit_yes(
    tmp_path: Path, licence: str | None, name: str
) -> None:
    folder = write_pipeline(tmp_path / "model", "sd-turbo", licence=licence)
    with pytest.raises(ModelLicence, match=f'add "{name}" to models.accept_licences'):
        load(folder)
    with pytest.raises(ModelLicence):
        load(folder, "MIT")
    assert load(folder, name).name == "diffusers model"


def test_a_controlnet_has_a_licence_too(root: Path, tmp_path: Path) -> None:
    net = write_controlnet(tmp_path / "canny")
    with pytest.raises(ModelLicence, match="canny"):
        load(root / "sd15", controlnet=str(net))


def test_pickled_weights_are_refused_unread(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(root / "sd-turbo", folder)
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_name("diffusion_pytorch_model.bin"))
    with pytest.raises(ModelError, match=r"unet holds its weights as .*\.bin only, a pickle"):
        load(folder)
    weights.with_name("diffusion_pytorch_model.bin").unlink()
    with pytest.raises(ModelMissing, match="no weights"):
        load(folder)


def test_a_model_never_runs_code_of_its_own(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(root / "sd-turbo", folder)
    (tmp_path / "evil_unet.py").write_text("raise SystemExit('it ran')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    index = json.loads((folder / "model_index.json").read_text())
    index["unet"] = ["evil_unet", "Unet"]
    (folder / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(ModelError, match=r"code of its own \(evil_unet"):
        load(folder)
    assert "evil_unet" not in sys.modules


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("model_index.json", b"{"),
        ("model_index.json", b'{"_class_name": "KandinskyPipeline"}'),
        ("unet/config.json", b"[]"),
        ("unet/diffusion_pytorch_model.safetensors", b"\x00" * 100),
        ("tokenizer/tokenizer_config.json", b"\xff"),
    ],
)
def test_damaged_files_are_one_clear_line(
    root: Path, tmp_path: Path, file: str, content: bytes
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(root / "sd-turbo", folder)
    (folder / file).write_bytes(content)
    with pytest.raises((ModelError, EngineError), match="model") as caught:
        load(folder)
    assert "\n" not in str(caught.value)


def test_a_name_that_is_no_model_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"painting\.painter\.model.*'nowhere'"):
        load_engine("painter", "diffusers", store(tmp_path), PainterSettings(model="nowhere"))
    with pytest.raises(ModelMissing, match="no diffusion model is on this machine"):
        load_engine("painter", "diffusers", store(tmp_path), PainterSettings(model="auto"))


def test_a_device_that_is_not_there_is_a_config_error(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match=r"painting\.painter\.device is cuda"):
        load(root / "sd-turbo", device="cuda")


@pytest.mark.parametrize(
    ("able", "dtype"),
    [
        ({"avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": True}, torch.bfloat16),
        ({"avx2": True}, torch.float32),
    ],
)
async def test_a_cpu_paints_in_bfloat16_where_it_has_instructions_for_it(
    root: Path, monkeypatch: pytest.MonkeyPatch, able: dict[str, bool], dtype: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    painter = await asyncio.to_thread(load, root / "sd-turbo", dtype="auto")
    assert painter._studio.text.unet.dtype == dtype
    assert (await painter.paint(request())).pixels.std() > 1
    await painter.close()


async def test_a_compiled_network_paints_the_same(
    opened: Open, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Traced as always, then run as it is: code for this machine would take minutes to make."""
    compile_module = torch.nn.Module.compile
    compiled: list[str] = []

    def traced(self: torch.nn.Module, *, mode: str, dynamic: bool) -> None:
        compiled.append(f"{type(self).__name__} {mode}")
        compile_module(self, backend="eager", dynamic=dynamic)

    monkeypatch.setattr(torch.nn.Module, "compile", traced)
    painter = await asyncio.to_thread(load, root / "sd-turbo", compile=True)
    assert compiled == ["UNet2DConditionModel default", "Decoder default"]
    expected = await opened("sd-turbo").paint(request())
    assert same((await painter.paint(request())).pixels, expected.pixels)
    await painter.close()


def test_files_in_half_precision_are_read(tmp_path: Path, root: Path) -> None:
    pipeline = diffusers.StableDiffusionPipeline.from_pretrained(
        root / "sd-turbo", dtype=torch.float16
    )
    folder = tmp_path / "model"
    pipeline.save_pretrained(folder, variant="fp16")
    assert (folder / "unet" / "diffusion_pytorch_model.fp16.safetensors").is_file()
    painter = load(folder, "model")
    assert painter._studio.text.unet.dtype == torch.float32
    half = load(folder, "model", dtype="bfloat16")
    assert half._studio.text.unet.dtype == torch.bfloat16


@pytest.mark.parametrize(
    "fault",
    [
        lambda: torch.empty(2**55, dtype=torch.uint8),
        lambda: (_ for _ in ()).throw(torch.OutOfMemoryError("CUDA out of memory. Tried…")),
        lambda: (_ for _ in ()).throw(RuntimeError("MPS backend out of memory (MPS allocated…")),
    ],
)
async def test_running_out_of_memory_is_told_and_does_not_last(
    opened: Open, fault: Callable[[], object]
) -> None:
    """The first allocation really fails; the others are what torch raises on other devices."""
    painter = opened("sd-turbo")
    before = await painter.paint(request())
    hook = painter._studio.text.unet.register_forward_hook(lambda *_: fault() and None)
    try:
        with pytest.raises(OutOfMemory, match="not enough memory"):
            await painter.paint(request())
    finally:
        hook.remove()
    assert np.array_equal((await painter.paint(request())).pixels, before.pixels)


async def test_what_torch_raises_is_an_engine_error_of_one_line(opened: Open) -> None:
    painter = opened("sd-turbo")

    def broken(*_: object) -> None:
        raise RuntimeError("shapes do not match\nC++ trace: …")

    hook = painter._studio.text.unet.register_forward_hook(broken)
    try:
        with pytest.raises(EngineError, match=r"broke: shapes do not match$"):
            await painter.paint(request())
    finally:
        hook.remove()


@pytest.mark.parametrize("wanted", ["sd-turbo", "auto"])
def test_the_catalogue_s_model_is_opened_by_name(root: Path, tmp_path: Path, wanted: str) -> None:
    """As it is after a pull: in half precision, its index written by the converter."""
    half = diffusers.StableDiffusionPipeline.from_pretrained(root / "sd-turbo", dtype=torch.float16)
    half.save_pretrained(tmp_path / "sd-turbo", variant="fp16")
    shutil.copytree(
        root / "sd-turbo" / "tokenizer", tmp_path / "sd-turbo" / "tokenizer", dirs_exist_ok=True
    )
    (tmp_path / "sd-turbo" / "model_index.json").unlink()
    CONVERTERS["pipeline-index"](tmp_path / "sd-turbo")
    pinned = pin(tmp_path, "sd-turbo")
    chosen = settings(tmp_path, model=wanted)
    with pytest.raises(ModelLicence, match="Stability-AI-Community"):
        load_engine("painter", "diffusers", pinned, chosen)
    yes = ModelStore(
        tmp_path,
        hub=False,
        accept_licences=["Stability-AI-Community"],
        catalogue=pinned.catalogue,
        clients=(),
    )
    painter = load_engine("painter", "diffusers", yes, chosen)
    assert painter.name == "diffusers sd-turbo"
    assert painter._studio.family.steps == 1


async def test_a_closed_painter_says_so_and_holds_no_memory(root: Path) -> None:
    painter = await asyncio.to_thread(load, root / "sd-turbo")
    await painter.close()
    assert painter._studio is None
    with pytest.raises(EngineError, match="was closed"):
        await painter.paint(request())


def test_without_the_extra_it_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [name for name in sys.modules if name.startswith("meetbot.engines.painter.d")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "diffusers", None)
    with pytest.raises(EngineError, match=r"pip install 'meetbot\[diffusers\]'"):
        load_engine("painter", "diffusers", store(tmp_path), PainterSettings())
