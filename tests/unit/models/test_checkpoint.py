"""A checkpoint gives its tensors and runs nothing."""

from __future__ import annotations

import os
import pickle
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from meetbot.core.errors import ModelCorrupt
from meetbot.models.checkpoint import read_state
from support.checkpoints import write_checkpoint

if TYPE_CHECKING:
    from pathlib import Path


def test_tensors_come_back_with_their_shapes_and_numbers(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    state = {
        "weight": rng.standard_normal((4, 3)).astype(np.float32),
        "bias": rng.standard_normal(4).astype(np.float32),
        "scale": np.array([2.5], np.float32),
    }
    write_checkpoint(tmp_path / "a.pt", {"step": 7, "model_state": OrderedDict(state)})
    read = read_state(tmp_path / "a.pt", "model_state")
    assert list(read) == list(state)
    for name, value in state.items():
        np.testing.assert_array_equal(read[name], value)


class _Evil:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.system, (f"touch {self.target}",))


def test_a_checkpoint_that_would_run_a_command_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    write_checkpoint(tmp_path / "a.pt", {"model_state": OrderedDict(x=_Evil(ran))})
    with pytest.raises(ModelCorrupt, match=r"it asks for (posix|nt)\.system"):
        read_state(tmp_path / "a.pt", "model_state")
    assert not ran.exists()


@pytest.mark.parametrize("function", [eval, getattr, np.frombuffer, pickle.loads])
def test_names_beyond_the_three_known_ones_are_refused(tmp_path: Path, function: Any) -> None:
    write_checkpoint(tmp_path / "a.pt", {"model_state": OrderedDict(x=function)})
    with pytest.raises(ModelCorrupt, match="it asks for"):
        read_state(tmp_path / "a.pt", "model_state")


def test_a_checkpoint_cut_short_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    write_checkpoint(path, {"model_state": OrderedDict(x=np.ones(1000, np.float32))})
    whole = path.read_bytes()
    for length in (0, 10, 200, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(ModelCorrupt, match="cannot be read as a checkpoint"):
            read_state(path, "model_state")


def test_a_tensor_that_reaches_beyond_its_storage_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    state = OrderedDict(x=np.ones(8, np.float32))
    write_checkpoint(path, {"model_state": state}, shape_of=lambda value: (value.size + 1,))
    with pytest.raises(ModelCorrupt, match="beyond its storage"):
        read_state(path, "model_state")


@pytest.mark.parametrize("data", [b"PK\x03\x04 a zip file", b"not a pickle", b"\x80\x02K\x01."])
def test_another_format_is_an_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.pt").write_bytes(data)
    with pytest.raises(ModelCorrupt, match=r"a\.pt cannot be read"):
        read_state(tmp_path / "a.pt", "model_state")


def test_a_missing_section_is_an_error(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "a.pt", {"other": OrderedDict()})
    with pytest.raises(ModelCorrupt, match="model_state"):
        read_state(tmp_path / "a.pt", "model_state")
