"""Writes PyTorch's legacy checkpoint format without PyTorch, for the tests that read it."""

from __future__ import annotations

import io
import pickle
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["write_checkpoint"]

Array = np.ndarray[Any, np.dtype[np.float32]]


class _Key(str):
    """Stands for a storage; pickled as a persistent id."""

    numbers: int


def _named(module: str, name: str) -> Any:
    """A function that pickle writes as ``module.name``."""

    def function(*_: object) -> None:
        raise AssertionError

    function.__module__, function.__qualname__, function.__name__ = module, name, name
    return function


_REBUILD = _named("torch._utils", "_rebuild_tensor_v2")
_FLOATS = _named("torch", "FloatStorage")


class _Pickler(pickle._Pickler):
    def __init__(self, stream: io.BytesIO, shape_of: Callable[[Array], tuple[int, ...]]) -> None:
        super().__init__(stream, protocol=2)
        self.storages: dict[str, Array] = {}
        self.shape_of = shape_of

    def persistent_id(self, value: Any) -> Any:
        if isinstance(value, _Key):
            return ("storage", _FLOATS, str(value), "cuda:0", value.numbers, None)
        return None

    def reducer_override(self, value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            return NotImplemented
        key = _Key(len(self.storages))
        key.numbers = value.size
        self.storages[str(key)] = value
        shape = self.shape_of(value)
        stride = tuple(int(np.prod(shape[axis + 1 :])) for axis in range(len(shape)))
        return (_REBUILD, (key, 0, shape, stride, False, None))


def write_checkpoint(
    path: Path,
    content: Mapping[str, Any],
    *,
    shape_of: Callable[[Array], tuple[int, ...]] = lambda value: value.shape,
) -> None:
    """Save ``content``, its float32 arrays as tensors of the shape that ``shape_of`` gives."""
    stream = io.BytesIO()
    for header in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}):
        pickle.dump(header, stream, protocol=2)
    modules = {"torch": ModuleType("torch"), "torch._utils": ModuleType("torch._utils")}
    modules["torch"].FloatStorage = _FLOATS  # type: ignore[attr-defined]
    modules["torch._utils"]._rebuild_tensor_v2 = _REBUILD  # type: ignore[attr-defined]
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        pickler = _Pickler(stream, shape_of)
        pickler.dump(dict(content))
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
    pickle.dump(list(pickler.storages), stream, protocol=2)
    for value in pickler.storages.values():
        stream.write(value.size.to_bytes(8, "little"))
        stream.write(value.astype("<f4").tobytes())
    path.write_bytes(stream.getvalue())
