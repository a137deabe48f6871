"""``meetbot paint`` as a person and as a program see it; the painter itself is made up."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from meetbot.cli import easel as easel_module
from meetbot.core.errors import ConfigError, EngineError, OutOfMemory
from meetbot.core.pictures import Painting
from meetbot.gallery import Gallery
from meetbot.people import PeopleDirectory
from meetbot.store import Store
from support.painting import pixels

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.core.pictures import PaintRequest

    Run = Callable[..., tuple[int, str, str]]


class Easel:
    """Painter and safety filter in one; keeps what it was asked for."""

    name = "made up"

    def __init__(self) -> None:
        self.asked: list[PaintRequest] = []
        self.probabilities: list[float] = []
        self.error: Exception | None = None
        self.most_width = 10_000
        self.closed = False

    async def paint(self, request: PaintRequest) -> Painting:
        self.asked.append(request)
        if self.error is not None:
            raise self.error
        if request.width > self.most_width:
            raise OutOfMemory("the device has not enough memory")
        return Painting(pixels(request.width, request.height, request.seed), self.name)

    async def unsafe(self, shown: NDArray[np.uint8]) -> float:
        assert shown.dtype == np.uint8
        return self.probabilities.pop(0) if self.probabilities else 0.0

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def easel(monkeypatch: pytest.MonkeyPatch) -> Easel:
    made = Easel()

    def load(kind: str, name: str, *_given: object) -> Easel:
        if name == "absent":
            raise ConfigError(f"no {kind} engine is called 'absent'")
        return made

    monkeypatch.setattr(easel_module, "load_engine", load)
    return made


@pytest.fixture
def anna(tmp_path: Path) -> str:
    return asyncio.run(_add_anna(tmp_path / "store"))


async def _add_anna(folder: Path) -> str:
    async with await Store.open(folder) as store:
        prints = np.eye(2, 8, dtype=np.float32)
        return (await PeopleDirectory(store).create("Анна", "m", prints, seconds=2.0)).person_id


async def _history(folder: Path, person_id: str) -> list[str]:
    async with await Store.open(folder) as store:
        return [kept.subject for kept in await Gallery(store).of_person(person_id)]


def words(path: Path) -> dict[str, str]:
    with Image.open(path) as shown:
        shown.load()
        text: dict[str, str] = shown.text  # type: ignore[attr-defined]
        return text


def test_a_text_becomes_a_picture_that_says_what_it_is(
    run: Run, easel: Easel, tmp_path: Path
) -> None:
    out = tmp_path / "x.png"
    text = "two friends talk about moving from Chicago to Texas"
    code, said, _ = run("paint", text, "--out", str(out), "--size", "320x240")
    assert (code, str(out) in said, easel.closed) == (0, True, True)
    with Image.open(out) as shown:
        assert shown.size == (320, 240)
    kept = words(out)
    assert (kept["Title"], kept["engine"]) == (text, "made up")
    assert kept["seed"] == str(easel.asked[0].seed)
    assert "speaker" not in kept
    assert not (tmp_path / "store").exists()


def test_the_same_command_gives_the_same_picture(run: Run, easel: Easel, tmp_path: Path) -> None:
    outs = [tmp_path / f"{n}.png" for n in range(3)]
    for out, seed in zip(outs, ([], [], ["--seed", "5"]), strict=True):
        assert run("paint", "кот на крыше", "--out", str(out), *seed)[0] == 0
    first, second, third = (Image.open(out).tobytes() for out in outs)
    assert first == second != third
    assert [request.language for request in easel.asked] == ["ru"] * 3


def test_what_is_said_on_the_command_line_counts(run: Run, easel: Easel, tmp_path: Path) -> None:
    Image.fromarray(pixels()).save(tmp_path / "cat.png")
    options = ["--style", "watercolour", "--palette", "#112233,#ddeeff", "--seed", "9"]
    options += ["--reference", str(tmp_path / "cat.png"), "--json"]
    code, said, _ = run("paint", "a cat", "--out", str(tmp_path / "x.png"), *options)
    (request,) = easel.asked
    assert code == 0
    assert (request.style, request.palette, request.seed) == (
        "watercolour",
        ("#112233", "#ddeeff"),
        9,
    )
    assert np.array_equal(request.references[0].pixels, pixels())
    told = json.loads(said)
    assert (told["style"], told["seed"], told["safe"], told["width"]) == (
        "watercolour",
        9,
        True,
        1024,
    )


def test_a_person_is_painted_as_they_like_it_and_it_is_kept(
    run: Run, easel: Easel, tmp_path: Path, anna: str
) -> None:
    run("people", "preset", "Анна", "--style", "night", "--like", "stars", "--seed", "3")
    out = tmp_path / "x.png"
    assert run("paint", "дом у моря", "--speaker", "анна", "--out", str(out))[0] == 0
    (request,) = easel.asked
    assert (request.style, request.likes, request.seed) == ("night", ("stars",), 3)
    assert len(request.palette) > 1
    assert words(out)["speaker"] == "Анна"
    assert asyncio.run(_history(tmp_path / "store", anna)) == ["дом у моря"]


def test_what_is_on_the_blocklist_becomes_a_neutral_picture(
    run: Run, easel: Easel, tmp_path: Path
) -> None:
    setting = ["--set", 'painting.safety.blocked=["purple elephants"]']
    command = ["paint", "a purple elephant", "--out", str(tmp_path / "x.png"), "--json"]
    code, said, _ = run(*setting, *command)
    told = json.loads(said)
    assert (code, told["safe"], "neutral" in told["notes"][0]) == (0, False, True)
    assert "elephant" not in easel.asked[0].prompt
    assert "elephant" not in "".join(words(tmp_path / "x.png").values())


def test_what_the_filter_is_against_becomes_a_neutral_picture(
    run: Run, easel: Easel, tmp_path: Path
) -> None:
    easel.probabilities = [0.99]
    code, _, err = run("paint", "a cat", "--out", str(tmp_path / "x.png"))
    assert (code, "neutral" in err, len(easel.asked)) == (0, True, 2)
    assert "cat" not in words(tmp_path / "x.png")["prompt"]


def test_nothing_is_written_where_the_filter_is_against_everything(
    run: Run, easel: Easel, tmp_path: Path
) -> None:
    easel.probabilities = [0.99, 0.99]
    code, _, err = run("paint", "a cat", "--out", str(tmp_path / "x.png"))
    assert (code, "safety filter" in err) == (1, True)
    assert not (tmp_path / "x.png").exists()
    assert easel.closed


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["", "--out", "x.png"], "text is empty"),
        (["\u200b \n", "--out", "x.png"], "text is empty"),
        (["a cat", "--out", "x.jpg"], ".png"),
        (["a cat", "--out", "."], ".png"),
        (["a cat", "--out", "nowhere/x.png"], "no folder"),
        (["a cat", "--out", "x.png", "--size", "large"], "WxH"),
        (["a cat", "--out", "x.png", "--size", "10x10"], "width"),
        (["a cat", "--out", "x.png", "--style", "baroque-ish"], "there are"),
        (["a cat", "--out", "x.png", "--palette", "blurple"], "no colour"),
        (["a cat", "--out", "x.png", "--seed", "-5"], "whole number"),
        (["a cat", "--out", "x.png", "--reference", "nobody.png"], "nobody.png"),
        (["a cat", "--out", "x.png", "--reference", "http://localhost/a.png"], "public web"),
        (["a cat", "--out", "x.png", "--speaker", "Ана"], "did you mean 'Анна'?"),
        (["a cat", "--out", "x.png", "--speaker", "Zzz"], "people list"),
    ],
)
@pytest.mark.usefixtures("anna", "easel")
def test_bad_input_is_one_line_and_leaves_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], hint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run("paint", *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert hint in err
    assert not list(tmp_path.glob("*.*"))


def test_where_memory_is_short_the_picture_is_smaller_and_that_is_told(
    run: Run, easel: Easel, tmp_path: Path
) -> None:
    easel.most_width = 600
    code, _, err = run("paint", "a cat", "--out", str(tmp_path / "x.png"))
    assert (code, "512 × 288" in err) == (0, True)
    with Image.open(tmp_path / "x.png") as shown:
        assert shown.size == (512, 288)


def test_where_there_is_no_memory_at_all_the_embedded_painter_paints(
    run: Run, easel: Easel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spare = Easel()
    easel.most_width = 0

    def load(kind: str, name: str, *_given: object) -> Easel:
        return spare if (kind, name) == ("painter", "storyboard") else easel

    monkeypatch.setattr(easel_module, "load_engine", load)
    setting = ["--set", "painting.painter.engine=diffusers"]
    code, _, err = run(*setting, "paint", "a cat", "--out", str(tmp_path / "x.png"))
    assert (code, "not enough memory" in err) == (0, True)
    assert len(spare.asked) == 1
    assert easel.closed
    assert spare.closed


def test_a_painter_that_fails_is_one_line(run: Run, easel: Easel, tmp_path: Path) -> None:
    easel.error = EngineError("the painter broke")
    code, _, err = run("paint", "a cat", "--out", str(tmp_path / "x.png"))
    assert (code, err) == (1, "meetbot: the painter broke\n")
    assert easel.closed


@pytest.mark.usefixtures("easel")
def test_a_painter_that_is_not_there_is_one_line(run: Run, tmp_path: Path) -> None:
    command = ["paint", "a cat", "--out", str(tmp_path / "x.png")]
    code, _, err = run("--set", "painting.painter.engine=absent", *command)
    assert (code, "'absent'" in err) == (2, True)


@pytest.mark.usefixtures("easel")
def test_a_full_disk_leaves_the_picture_that_was_there(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> Any:
        raise OSError(28, "No space left on device")

    out = tmp_path / "x.png"
    out.write_bytes(b"before")
    monkeypatch.setattr("os.fsync", full)
    code, _, err = run("paint", "a cat", "--out", str(out))
    assert (code, "No space left" in err) == (2, True)
    assert out.read_bytes() == b"before"
    assert list(tmp_path.glob("*.part")) == []
