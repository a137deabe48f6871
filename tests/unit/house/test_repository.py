"""What holds for every file of the repository."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MOST_LINES = 400
MOST_FUNCTION_LINES = 40
OWN_CODE = ("src/", "connectors/")
MACHINE_PATHS = re.compile(r"(?<![\w.~}$/:-])/(?:work|root|home/\w+)/")
REGISTRIES = re.compile(
    r"\b(?:[p]ypi\.org|[p]ythonhosted\.org|[r]egistry\.npmjs\.org|[p]roxy\.golang\.org)\b"
)
CLOCKS = re.compile(r"\btime\.time\(\)|\bdatetime\.(?:now|utcnow)\(")


@cache
def _files() -> tuple[str, ...]:
    listing = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return tuple(name for name in listing.stdout.splitlines() if (ROOT / name).is_file())


def _text(name: str) -> str:
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def _sources() -> list[str]:
    return [name for name in _files() if name.endswith(".py") and name.startswith(OWN_CODE)]


def _matching(pattern: re.Pattern[str], names: list[str]) -> list[str]:
    this = Path(__file__).relative_to(ROOT).as_posix()
    return [name for name in names if name != this and pattern.search(_text(name))]


def test_no_file_names_a_path_of_one_machine() -> None:
    assert _matching(MACHINE_PATHS, list(_files())) == []


def test_no_file_names_a_package_registry() -> None:
    assert _matching(REGISTRIES, list(_files())) == []


def test_files_and_functions_stay_short() -> None:
    long = [name for name in _sources() if len(_text(name).splitlines()) > MOST_LINES]
    assert long == []
    functions = [
        f"{name}:{node.lineno} {node.name}"
        for name in _sources()
        if "/migrations/" not in name  # tables, written out once
        for node in ast.walk(ast.parse(_text(name)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.body[0].lineno >= MOST_FUNCTION_LINES
    ]
    assert functions == []


def _offers_something(name: str) -> bool:
    """Whether a module has more in it than its docstring and ``from __future__``."""
    return any(
        not isinstance(node, ast.Expr) and getattr(node, "module", "") != "__future__"
        for node in ast.parse(_text(name)).body
    )


def test_every_module_says_what_it_offers() -> None:
    missing = [
        name
        for name in _sources()
        if "__all__" not in _text(name) and "/migrations/" not in name and _offers_something(name)
    ]
    assert missing == []


def test_only_the_clock_reads_the_time_of_day() -> None:
    readers = list(_matching(CLOCKS, _sources()))
    assert readers == ["src/meetbot/core/clock.py"]


def test_no_test_is_skipped() -> None:
    tests = [name for name in _files() if name.startswith("tests/")]
    skipping = re.compile(r"pytest\.(?:skip|xfail|importorskip)\(|mark\.(?:skip|skipif|xfail)\b")
    assert _matching(skipping, tests) == []


@pytest.mark.parametrize("name", ["LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "README.md"])
def test_the_house_has_its_papers(name: str) -> None:
    assert len(_text(name)) > 500
