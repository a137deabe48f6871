"""What was prepared for a face, as a file: arrays by name, checked before they are used."""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import dataclass
from dataclasses import fields as parts_of
from typing import TYPE_CHECKING, Any

import numpy as np

from meetbot.core.errors import EngineError
from meetbot.engines.face.puppet.head import FIELDS, HeadPlan, LidPlan, coarse
from meetbot.engines.face.puppet.mouth import MOVES, MouthPlan

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["VERSION", "Prepared", "load_prepared", "save_prepared"]

VERSION = 2
FILE = "puppet.npz"
DAMAGE = (OSError, ValueError, KeyError, TypeError, EOFError, zlib.error, zipfile.BadZipFile)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A portrait, uint8 RGB ``(height, width, 3)``, and all that moves it."""

    pixels: NDArray[np.uint8]
    mouth: MouthPlan
    head: HeadPlan
    lids: tuple[LidPlan, ...]


def save_prepared(folder: Path, prepared: Prepared) -> None:
    """Write it into ``folder``; about 10 MB for 512×512. Blocking."""
    meta = json.dumps({"version": VERSION, "lids": len(prepared.lids)}).encode()
    arrays: dict[str, Any] = {
        "pixels": prepared.pixels,
        "head": prepared.head.fields,
        "meta": np.frombuffer(meta, np.uint8),
    }
    for part in parts_of(MouthPlan):
        arrays[f"mouth_{part.name}"] = np.asarray(getattr(prepared.mouth, part.name))
    for number, lid in enumerate(prepared.lids):
        for part in parts_of(LidPlan):
            arrays[f"lid{number}_{part.name}"] = np.asarray(getattr(lid, part.name))
    with (folder / FILE).open("wb") as file:
        np.savez(file, **arrays)


def load_prepared(folder: Path) -> Prepared:
    """What ``save_prepared`` wrote. Raises ``EngineError`` where it is damaged. Blocking."""
    try:
        return _read(folder / FILE)
    except DAMAGE as error:
        raise EngineError(
            f"the prepared face in {folder} cannot be read ({error}); delete that folder, "
            "and it is prepared anew"
        ) from error


def _read(path: Path) -> Prepared:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        meta = json.loads(arrays["meta"].tobytes())
        if meta["version"] != VERSION:
            raise ValueError(f"it is of version {meta['version']}, not {VERSION}")
        pixels = arrays["pixels"]
        mouth = {part.name: arrays[f"mouth_{part.name}"] for part in parts_of(MouthPlan)}
        head = HeadPlan(arrays["head"])
        lids = [
            {part.name: arrays[f"lid{number}_{part.name}"] for part in parts_of(LidPlan)}
            for number in range(int(meta["lids"]))
        ]
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
        raise ValueError(f"a picture of shape {pixels.shape} is not RGB")
    height, width = pixels.shape[:2]
    _check("head", head.fields, (FIELDS, coarse(height), coarse(width), 2))
    _check_mouth(mouth, (width, height))
    for lid in lids:
        columns = _box(lid, (width, height))[0]
        for name in ("brow", "upper", "lower"):
            _check(name, lid[name], (columns,))
    return Prepared(pixels, MouthPlan(**mouth), head, tuple(LidPlan(**lid) for lid in lids))


def _check_mouth(mouth: dict[str, Any], size: tuple[int, int]) -> None:
    width, height = _box(mouth, size)
    count, points = len(MOVES), len(mouth["upper"])
    shapes = {
        "close": (2, height, width, 2),
        "moves": (count, 2, height, width, 2),
        "upper": (points, 2),
        "lower": (points, 2),
        "upper_moves": (count, points, 2),
        "lower_moves": (count, points, 2),
        "teeth": (height, width, 4),
        "tongue": (height, width, 4),
        "hollow": (3,),
    }
    for name, shape in shapes.items():
        _check(name, mouth[name], shape)


def _box(part: dict[str, Any], size: tuple[int, int]) -> tuple[int, int]:
    """Make the box a tuple; its width and height."""
    left, top, right, bottom = part["box"] = tuple(int(side) for side in part["box"])
    if not (0 <= left < right <= size[0] and 0 <= top < bottom <= size[1]):
        raise ValueError(f"a box {part['box']} is not within the picture")
    return right - left, bottom - top


def _check(name: str, array: NDArray[Any], shape: tuple[int, ...]) -> None:
    if array.shape != shape or array.dtype != np.float32:
        raise ValueError(f"{name} is {array.dtype} of shape {array.shape}, not float32 {shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} is not finite")
