"""The rules that tests/conftest.py puts around every async test do bite."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

pytest_plugins = ["pytester"]

TESTS = Path(__file__).parents[2]

LEAKS = """
import asyncio

kept = []

async def test_leaves_a_task_behind():
    kept.append(asyncio.create_task(asyncio.sleep(60), name="forgotten"))

async def test_blocks_the_loop():
    from meetbot.config import load_settings
    load_settings(env={})

async def test_is_well_behaved():
    await asyncio.create_task(asyncio.sleep(0))
"""


def test_leaked_tasks_and_blocking_calls_fail_a_test(pytester: pytest.Pytester) -> None:
    pytester.makeconftest((TESTS / "conftest.py").read_text(encoding="utf-8"))
    pytester.makeini(
        "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
        f"pythonpath = {TESTS}\nmarkers =\n    virtual_time\n"
    )
    pytester.makepyfile(LEAKS)
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=2, failed=1, errors=1)
    result.stdout.fnmatch_lines(["*tasks left running: forgotten*"])
    result.stdout.fnmatch_lines(["*BlockingError: Blocking call to*"])
