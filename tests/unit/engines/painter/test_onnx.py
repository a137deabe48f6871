"""The painter onnx over a model of a few nodes: everything but the networks is the real thing."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from meetbot.config import PainterSettings
from meetbot.core.errors import (
    ConfigError,
    EngineError,
    MeetbotError,
    ModelCorrupt,
    ModelLicence,
    ModelMissing,
    OutOfMemory,
)
from meetbot.core.pictures import PaintRequest, Reference
from meetbot.engines.painter.folders import card_for
from meetbot.engines.painter.onnx.manifest import read_manifest
from meetbot.engines.painter.onnx.pipeline import OnnxPipeline
from meetbot.engines.registry import load_engine
from meetbot.models import CATALOGUE, ModelStore
from support.onnx_models import write_export

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.engines.painter.onnx import OnnxPainter

REQUEST = PaintRequest("a house", "a red house", "en", 7, 128, 64, negative="cat")


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_export(tmp_path_factory.mktemp("onnx") / "few-nodes")


def opened(folder: Path | str, store: ModelStore, **settings: Any) -> OnnxPainter:
    chosen = PainterSettings(engine="onnx", model=str(folder), **settings)
    painter: OnnxPainter = load_engine("painter", "onnx", store, chosen)
    return painter


async def ready(folder: Path | str, store: ModelStore, **settings: Any) -> OnnxPainter:
    return await asyncio.to_thread(opened, folder, store, **settings)


async def painted(painter: OnnxPainter, request: PaintRequest = REQUEST) -> NDArray[np.uint8]:
    return (await painter.paint(request)).pixels


def two_colours(width: int = 128, height: int = 64) -> Reference:
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2, 0] = 255
    pixels[:, width // 2 :, 2] = 255
    return Reference("halves", pixels)


async def test_the_same_request_gives_the_same_picture_and_another_seed_another(
    export: Path, store: ModelStore
) -> None:
    first, second = await ready(export, store), await ready(export, store)
    picture = await painted(first)
    assert picture.shape == (64, 128, 3)
    assert picture.dtype == np.uint8
    np.testing.assert_array_equal(picture, await painted(first))
    np.testing.assert_array_equal(picture, await painted(second))
    assert (picture != await painted(first, replace(REQUEST, seed=8))).any()


@pytest.mark.parametrize(
    "changed",
    [{"prompt": "a cat"}, {"negative": "sea"}, {"prompt": "house red a"}],
    ids=["prompt", "negative", "order of words"],
)
async def test_every_word_counts(export: Path, store: ModelStore, changed: dict[str, str]) -> None:
    painter = await ready(export, store)
    assert (await painted(painter) != await painted(painter, replace(REQUEST, **changed))).any()


async def test_without_guidance_the_negative_prompt_is_left_out_and_said_to_be(
    export: Path, store: ModelStore
) -> None:
    painter = await ready(export, store, guidance=1.0)
    painting = await painter.paint(REQUEST)
    assert painting.note == "without the negative prompt"
    assert painting.engine == "onnx few-nodes float32"
    bare = await painter.paint(replace(REQUEST, negative=""))
    assert bare.note == ""
    np.testing.assert_array_equal(painting.pixels, bare.pixels)


async def test_steps_and_guidance_are_the_settings_or_else_the_models(
    export: Path, store: ModelStore
) -> None:
    by_itself = await painted(await ready(export, store))
    np.testing.assert_array_equal(
        by_itself, await painted(await ready(export, store, steps=3, guidance=4.0))
    )
    assert (by_itself != await painted(await ready(export, store, steps=2))).any()
    assert (by_itself != await painted(await ready(export, store, guidance=2.0))).any()


async def test_a_prompt_longer_than_the_encoder_reads_loses_its_middle(
    export: Path, store: ModelStore
) -> None:
    painter = await ready(export, store)
    painting = await painter.paint(replace(REQUEST, prompt="a red house " * 50 + "sea"))
    assert painting.note == "the middle of a long prompt left out"
    shortened = await painted(painter, replace(REQUEST, prompt="a red house a red sea"))
    np.testing.assert_array_equal(painting.pixels, shortened)


@pytest.mark.parametrize("prompt", ["", "😀🏠", "дом у моря", "\x00\n\t", "a" * 5000])
async def test_any_prompt_gives_a_picture(export: Path, store: ModelStore, prompt: str) -> None:
    picture = await painted(await ready(export, store), replace(REQUEST, prompt=prompt))
    assert picture.shape == (64, 128, 3)


async def test_what_is_larger_than_the_model_knows_is_painted_small_and_enlarged(
    export: Path, store: ModelStore
) -> None:
    large = await painted(await ready(export, store), replace(REQUEST, width=1024, height=576))
    assert large.shape == (576, 1024, 3)
    odd = await painted(await ready(export, store), replace(REQUEST, width=100, height=72))
    assert odd.shape == (72, 100, 3)


async def test_a_model_of_a_fixed_size_paints_at_that_size(
    tmp_path: Path, store: ModelStore
) -> None:
    folder = await asyncio.to_thread(write_export, tmp_path / "fixed", size=[64, 64])
    picture = await painted(await ready(folder, store), replace(REQUEST, width=512, height=512))
    assert picture.shape == (512, 512, 3)


async def test_a_reference_gives_its_layout_and_strength_says_how_much(
    export: Path, store: ModelStore
) -> None:
    painter = await ready(export, store, steps=10, guidance=0.0)
    reference = two_colours(256, 128)

    async def likeness(strength: float) -> float:
        request = replace(REQUEST, references=(reference,), strength=strength)
        picture = (await painted(painter, request)).astype(float)
        halves = picture[:, :64].mean(axis=(0, 1)) - picture[:, 64:].mean(axis=(0, 1))
        return float(halves[0] - halves[2])

    near, far = await likeness(0.2), await likeness(1.0)
    assert near > 100
    assert near > 2 * abs(far)


async def test_of_many_references_the_first_is_taken_and_that_is_said(
    export: Path, store: ModelStore
) -> None:
    request = replace(
        REQUEST, references=(two_colours(), Reference("other", np.zeros((8, 8, 3), np.uint8)))
    )
    painter = await ready(export, store)
    assert (await painter.paint(request)).note == "after halves only"


def slow(
    painter: OnnxPainter, seconds: float, begun: Callable[[], None] = lambda: None
) -> list[int]:
    """Let every step of the network take so long; returns where the steps are counted."""
    sessions: Any = painter._pipeline._sessions
    network = sessions["unet.onnx"]
    steps: list[int] = []

    class Slow:
        def run(self, *arguments: Any) -> Any:
            steps.append(len(steps))
            begun()
            time.sleep(seconds)
            return network.run(*arguments)

    sessions["unet.onnx"] = Slow()
    return steps


async def test_cancelling_stops_between_two_steps_and_the_next_picture_is_whole(
    export: Path, store: ModelStore
) -> None:
    painter = await ready(export, store, steps=100, guidance=0.0)
    right = await painted(painter)
    loop, begun = asyncio.get_running_loop(), asyncio.Event()
    steps = slow(painter, 0.01, lambda: loop.call_soon_threadsafe(begun.set))
    task = asyncio.create_task(painter.paint(REQUEST))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    stopped_at = len(steps)
    np.testing.assert_array_equal(right, await painted(painter))
    assert stopped_at <= 3
    assert len(steps) <= stopped_at + 1 + 100


async def test_a_cancelled_picture_that_had_not_begun_costs_nothing(
    export: Path, store: ModelStore
) -> None:
    painter = await ready(export, store, steps=20, guidance=0.0)
    steps = slow(painter, 0.005)
    first = asyncio.create_task(painter.paint(REQUEST))
    second = asyncio.create_task(painter.paint(REQUEST))
    await asyncio.sleep(0.01)
    second.cancel()
    await first
    with pytest.raises(asyncio.CancelledError):
        await second
    await painter.close()
    assert len(steps) == 20


async def test_the_loop_goes_on_while_it_paints(export: Path, store: ModelStore) -> None:
    painter = await ready(export, store, steps=10, guidance=0.0)
    slow(painter, 0.01)
    painting = asyncio.create_task(painter.paint(REQUEST))
    ticks = 0
    while not painting.done():
        await asyncio.sleep(0.002)
        ticks += 1
    assert ticks >= 20


class Broken:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def run(self, *_arguments: Any) -> Any:
        raise self.error


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (RuntimeError("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : bad allocation"), OutOfMemory),
        (RuntimeError("bfc_arena.cc AllocateRawInternal Failed to allocate memory"), OutOfMemory),
        (MemoryError(), OutOfMemory),
        (RuntimeError("Non-zero status code returned while running Conv node"), EngineError),
    ],
    ids=["bad allocation", "arena", "MemoryError", "another"],
)
async def test_lack_of_memory_is_told_from_other_failures(
    export: Path, store: ModelStore, raised: Exception, expected: type[MeetbotError]
) -> None:
    painter = await ready(export, store)
    sessions: Any = painter._pipeline._sessions
    whole = sessions["unet.onnx"]
    sessions["unet.onnx"] = Broken(raised)
    with pytest.raises(EngineError) as caught:
        await painter.paint(REQUEST)
    assert type(caught.value) is expected
    assert "few-nodes" in str(caught.value)
    sessions["unet.onnx"] = whole
    assert (await painted(painter)).any()


def test_a_machine_that_is_out_of_memory_is_told_so_and_goes_on(tmp_path: Path) -> None:
    """In a process that may take 100 MB more than it has: a large picture's pixels are 200 MB."""
    program = """
import asyncio, resource, sys
from pathlib import Path
import psutil
from meetbot.config import PainterSettings
from meetbot.core.errors import OutOfMemory
from meetbot.core.pictures import PaintRequest
from meetbot.engines.registry import load_engine
from meetbot.models import ModelStore
settings = PainterSettings(engine="onnx", model=sys.argv[1])
painter = load_engine("painter", "onnx", ModelStore(Path(sys.argv[1])), settings)
async def paint(side):
    return await painter.paint(PaintRequest("a house", "a red house", "en", 7, side, side))
async def main():
    await paint(64)
    limit = psutil.Process().memory_info().vms + 100_000_000
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        await paint(4096)
    except OutOfMemory as error:
        print(error)
    print((await paint(64)).pixels.shape)
asyncio.run(main())
"""
    folder = write_export(tmp_path / "large", side=4096)
    result = subprocess.run(
        [sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=True
    )
    message, shape = result.stdout.splitlines()
    assert "few-nodes needs more memory than there is" in message
    assert shape == "(64, 64, 3)"


async def test_numbers_beyond_all_are_no_picture(export: Path, store: ModelStore) -> None:
    painter = await ready(export, store)

    class Infinite:
        def run(self, _names: None, feed: dict[str, Any], _options: object) -> list[Any]:
            return [np.full_like(feed["latents"], np.inf)]

    painter._pipeline._sessions["unet.onnx"] = Infinite()  # type: ignore[index]
    with pytest.raises(EngineError, match="no picture"):
        await painter.paint(REQUEST)


def test_auto_is_the_export_of_the_fewest_steps(store: ModelStore) -> None:
    with pytest.raises(ModelMissing, match="meetbot models export"):
        opened("auto", store)
    write_export(store.folder / "onnx" / "a-slow", steps=30, name="slow")
    write_export(store.folder / "onnx" / "b-quick", steps=1, name="quick")
    (store.folder / "onnx" / "c-damaged").mkdir()
    (store.folder / "onnx" / "c-damaged" / "manifest.json").write_text("{")
    assert opened("auto", store).name == "onnx quick float32"
    assert opened("a-slow", store).name == "onnx slow float32"


def test_a_folder_that_was_not_exported_says_how_to_export(
    tmp_path: Path, store: ModelStore
) -> None:
    with pytest.raises(ModelMissing, match="meetbot models export"):
        opened(tmp_path, store)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 2}, "format"),
        ({"network": "../unet.onnx"}, "network"),
        ({"network": "absent.onnx"}, r"has no absent\.onnx"),
        ({"steps": 0}, "steps"),
        ({"scheduler": {"class_name": "DDIMScheduler"}}, r"scheduler\.class_name"),
        ({"something": 1}, "something"),
    ],
)
def test_a_damaged_manifest_is_one_clear_line(
    tmp_path: Path, store: ModelStore, changes: dict[str, Any], message: str
) -> None:
    folder = write_export(tmp_path / "damaged", **changes)
    with pytest.raises(ModelCorrupt, match=message) as caught:
        opened(folder, store)
    assert "\n" not in str(caught.value)


def test_a_manifest_or_network_that_is_none_is_one_clear_line(
    tmp_path: Path, store: ModelStore
) -> None:
    folder = write_export(tmp_path / "cut")
    (folder / "unet.onnx").write_bytes(b"not a network")
    with pytest.raises(EngineError, match=r"unet\.onnx cannot be opened"):
        opened(folder, store)
    (folder / "manifest.json").write_text("[]")
    with pytest.raises(ModelCorrupt, match="damaged"):
        opened(folder, store)


@pytest.mark.parametrize("licence", [None, "cc-by-nc-4.0", "made-up"])
def test_a_licence_that_is_not_free_needs_a_yes(tmp_path: Path, licence: str | None) -> None:
    folder = write_export(tmp_path / "careful", licence=licence)
    with pytest.raises(ModelLicence, match="accept_licences"):
        opened(folder, ModelStore(tmp_path / "models"))
    accepting = ModelStore(tmp_path / "models", accept_licences=["careful", "CC-BY-NC-4.0"])
    assert opened(folder, accepting).name == "onnx few-nodes float32"


def test_the_licence_of_an_entry_goes_with_what_is_exported_of_it(tmp_path: Path) -> None:
    folder = write_export(tmp_path / "entry")
    (folder / "README.md").write_text(card_for(CATALOGUE["sd-turbo"].licence), encoding="utf-8")
    with pytest.raises(ModelLicence, match="Stability-AI-Community"):
        opened(folder, ModelStore(tmp_path / "models"))
    accepting = ModelStore(tmp_path / "models", accept_licences=["Stability-AI-Community"])
    assert opened(folder, accepting).name == "onnx few-nodes float32"
    (folder / "README.md").write_text(card_for("MIT"), encoding="utf-8")
    assert opened(folder, ModelStore(tmp_path / "models")).name == "onnx few-nodes float32"


@pytest.mark.parametrize(
    "settings", [{"device": "cuda"}, {"controlnet": "canny"}], ids=["device", "controlnet"]
)
def test_settings_that_it_cannot_follow_are_refused(
    export: Path, store: ModelStore, settings: dict[str, Any]
) -> None:
    with pytest.raises(ConfigError, match=f"painter.{next(iter(settings))}"):
        opened(export, store, **settings)


async def test_the_small_autoencoder_is_taken_where_it_is_wanted_and_there(
    tmp_path: Path, store: ModelStore
) -> None:
    small = {"encoder": "vae_encoder.onnx", "decoder": "vae_decoder.onnx", "scale": 1.0}
    folder = await asyncio.to_thread(write_export, tmp_path / "both", tiny_autoencoder=small)
    tiny, whole = await ready(folder, store), await ready(folder, store, tiny_vae=False)
    assert (await painted(tiny) != await painted(whole)).any()
    without = await asyncio.to_thread(write_export, tmp_path / "one")
    np.testing.assert_array_equal(await painted(await ready(without, store)), await painted(whole))


def test_a_pipeline_has_as_many_threads_as_the_settings_say(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def remember(_path: Path, *, threads: int) -> None:
        seen.append(threads)

    monkeypatch.setattr("meetbot.engines.painter.onnx.pipeline.open_session", remember)
    OnnxPipeline(export, read_manifest(export), tiny=True, threads=3)
    assert set(seen) == {3}


def test_it_paints_where_torch_cannot_be_imported(export: Path, tmp_path: Path) -> None:
    """In a process of its own, whose imports of torch, diffusers and transformers fail."""
    program = """
import asyncio, json, sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "diffusers", "transformers", "onnx"}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
from pathlib import Path
from meetbot.config import PainterSettings
from meetbot.core.pictures import PaintRequest
from meetbot.engines.registry import load_engine
from meetbot.models import CATALOGUE, ModelStore
settings = PainterSettings(engine="onnx", model=sys.argv[1])
painter = load_engine("painter", "onnx", ModelStore(Path(sys.argv[2])), settings)
painting = asyncio.run(painter.paint(PaintRequest("a house", "a red house", "en", 7, 128, 64)))
print(json.dumps([painting.engine, painting.pixels.shape]))
"""
    result = subprocess.run(
        [sys.executable, "-c", program, str(export), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(result.stdout) == ["onnx few-nodes float32", [64, 128, 3]]
