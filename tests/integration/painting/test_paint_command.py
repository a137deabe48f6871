"""``meetbot paint`` with the real embedded painter and the real safety filter."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = [pytest.mark.model]


def painted(folder: Path, name: str, text: str, *options: str) -> NDArray[np.uint8]:
    out = folder / f"{name}.png"
    command = [sys.executable, "-m", "meetbot", "paint", text, "--out", str(out), "--json"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert (told["engine"], told["safe"], told["file"]) == ("storyboard", True, str(out))
    with Image.open(out) as shown:
        assert shown.text["Title"] == text  # type: ignore[attr-defined]
        return np.asarray(shown.convert("RGB"))


def test_texts_of_both_languages_are_painted_and_the_same_one_alike(tmp_path: Path) -> None:
    size = ("--size", "512x288")
    english = painted(tmp_path, "a", "two friends talk about moving from Chicago to Texas", *size)
    again = painted(tmp_path, "b", "two friends talk about moving from Chicago to Texas", *size)
    russian = painted(tmp_path, "c", "кошка спит на крыше дома", *size, "--style", "акварель")
    assert english.shape == russian.shape == (288, 512, 3)
    assert np.array_equal(english, again)
    assert np.abs(english.astype(int) - russian).mean() > 10
    assert min(english.std(), russian.std()) > 15
