"""``meetbot models export`` before anything is exported; the torch tests export."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]


def test_without_its_libraries_it_says_how_to_install_them(run: Run, tmp_path: Path) -> None:
    code, out, err = run("models", "export", str(tmp_path))
    assert code == 1
    assert out == ""
    assert "pip install 'meetbot[export]'" in err.replace("\n", " ")


def test_a_size_is_width_and_height(run: Run, tmp_path: Path) -> None:
    code, _, err = run("models", "export", str(tmp_path), "--size", "big")
    assert code == 2
    assert "512x512" in err
