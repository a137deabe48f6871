"""Tensors of a PyTorch checkpoint, read without PyTorch and without running what is in it.

A checkpoint is a pickle, and a pickle can name any function to call. This reader knows three
names, those that an ordinary state dictionary needs, and refuses every other.

Format: `torch.save` before 1.6 ("legacy"): four pickles (magic number, protocol, system, the
object), then a pickled list of storage keys, then for each key an int64 count and the raw
little-endian numbers (torch/serialization.py, `_legacy_load`).
"""

from __future__ import annotations

import io
import pickle  # only through the Unpickler below
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from meetbot.core.errors import ModelCorrupt

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_state"]

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_FLOAT_STORAGE = "FloatStorage"


@dataclass(frozen=True, slots=True)
class _Storage:
    key: str
    numbers: int


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


def _rebuild_tensor(
    storage: _Storage,
    offset: int,
    shape: tuple[int, ...],
    stride: tuple[int, ...],
    *_ignored: object,
) -> _Tensor:
    if not isinstance(storage, _Storage):
        raise pickle.UnpicklingError("a tensor without a storage")
    return _Tensor(storage, offset, tuple(shape), tuple(stride))


_ALLOWED: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
    ("torch", "FloatStorage"): _FLOAT_STORAGE,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}") from None

    def persistent_load(self, pid: Any) -> _Storage:
        match pid:
            case ("storage", kind, str(key), str(), int(numbers), None) if kind is _FLOAT_STORAGE:
                return _Storage(key, numbers)
        raise pickle.UnpicklingError("a storage of an unknown kind")


def _read_storages(stream: io.BytesIO) -> dict[str, np.ndarray[Any, np.dtype[np.float32]]]:
    storages: dict[str, np.ndarray[Any, np.dtype[np.float32]]] = {}
    for key in _Unpickler(stream).load():
        count = int.from_bytes(stream.read(8), "little")
        raw = stream.read(4 * count)
        if len(raw) != 4 * count:
            raise ValueError("it is cut short")
        storages[key] = np.frombuffer(raw, dtype="<f4")
    return storages


def _view(
    tensor: _Tensor, storages: dict[str, np.ndarray[Any, np.dtype[np.float32]]]
) -> np.ndarray[Any, np.dtype[np.float32]]:
    numbers = storages[tensor.storage.key]
    last = tensor.offset + sum(
        (size - 1) * step for size, step in zip(tensor.shape, tensor.stride, strict=True)
    )
    if tensor.offset < 0 or min((0, *tensor.stride)) < 0 or last >= len(numbers):
        raise ValueError("a tensor reaches beyond its storage")
    view = np.lib.stride_tricks.as_strided(
        numbers[tensor.offset :], tensor.shape, [4 * step for step in tensor.stride]
    )
    return np.ascontiguousarray(view)


def read_state(path: Path, section: str) -> dict[str, np.ndarray[Any, np.dtype[np.float32]]]:
    """The float32 tensors of one state dictionary of a legacy checkpoint.

    ``section`` is its key at the top level, such as "model_state". Raises ModelCorrupt where the
    file is cut short, is of another format or holds anything but plain tensors.
    """
    stream = io.BytesIO(path.read_bytes())
    try:
        if (_Unpickler(stream).load(), _Unpickler(stream).load()) != (_MAGIC, _PROTOCOL):
            raise ValueError("it is not a legacy PyTorch checkpoint")
        _Unpickler(stream).load()  # the system that wrote it
        state = _Unpickler(stream).load()[section]
        storages = _read_storages(stream)
        return {
            name: _view(value, storages)
            for name, value in state.items()
            if isinstance(value, _Tensor)
        }
    except (pickle.UnpicklingError, ValueError, EOFError, LookupError, TypeError) as error:
        message = f"{path.name} cannot be read as a checkpoint: {error}"
        raise ModelCorrupt(message) from error
