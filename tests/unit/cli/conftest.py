"""Commands run in this process, on a store of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from meetbot.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``meetbot …`` on a store in ``tmp_path``; gives the exit code and both outputs."""
    monkeypatch.setenv("MEETBOT_STORE__FOLDER", str(tmp_path / "store"))
    monkeypatch.setenv("COLUMNS", "120")

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stopped:
            main(list(arguments))
        out, err = capsys.readouterr()
        return int(stopped.value.code or 0), out, err

    return call
