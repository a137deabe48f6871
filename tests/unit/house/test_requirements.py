"""The pinned requirements: complete, with hashes, and silent about where packages come from."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
SETS = ("base", "dev", "torch")
OURS = ("meetbot", "meetbot-webrtc")


def _text(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


def _pins(name: str) -> dict[str, str]:
    """Package → version, of one file; fails where one package has two."""
    pins: dict[str, str] = {}
    for package, version in re.findall(r"^([a-z0-9-]+)==(\S+)", _text(name), re.MULTILINE):
        assert pins.setdefault(package, version) == version
    return pins


def _names(requirements: list[str]) -> set[str]:
    names = {re.split(r"[^\w.-]", text, maxsplit=1)[0] for text in requirements}
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names} - set(OURS)


def _project(path: str = "pyproject.toml") -> dict[str, Any]:
    return tomllib.loads((ROOT / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SETS)
def test_no_address_and_no_path_is_named(name: str) -> None:
    text = _text(name)
    assert "://" not in text
    assert " @ " not in text
    assert not re.search(r"^\s*(--(?!hash=)|-[a-z])", text, re.MULTILINE)


@pytest.mark.parametrize("name", SETS)
def test_every_pin_has_hashes(name: str) -> None:
    blocks = re.split(r"\n(?=\S)", _text(name).strip())
    assert blocks
    for block in blocks:
        assert re.match(r"[a-z0-9-]+==\S+", block), block
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block


def test_base_has_all_that_the_program_and_the_connector_depend_on() -> None:
    wanted = _names(_project()["project"]["dependencies"])
    wanted |= _names(_project("connectors/webrtc/pyproject.toml")["project"]["dependencies"])
    assert wanted <= _pins("base").keys()


def test_dev_is_base_and_the_development_group() -> None:
    base, dev = _pins("base"), _pins("dev")
    assert base.items() <= dev.items()
    assert _names(_project()["dependency-groups"]["dev"]) <= dev.keys()


def test_torch_is_dev_and_the_extras_that_need_torch() -> None:
    dev, torch = _pins("dev"), _pins("torch")
    assert dev.items() <= torch.items()
    extras = _project()["project"]["optional-dependencies"]
    assert _names([*extras["speechbrain"], *extras["xtts"]]) <= torch.keys()


def test_torch_stays_out_of_what_everyone_installs() -> None:
    assert not {name for name in _pins("dev") if name.startswith(("torch", "nvidia", "triton"))}


def test_the_installed_package_asks_for_what_pyproject_says() -> None:
    installed = _names([text for text in requires("meetbot") or [] if "extra ==" not in text])
    assert installed == _names(_project()["project"]["dependencies"])
