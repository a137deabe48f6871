"""``meetbot`` on a machine whose one virtual camera is OBS's, which records what it is sent.

``python -m support.camera_program camera …`` is ``meetbot camera …``; the recording lies in the
folder that ``FOLDER_VARIABLE`` names.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from meetbot.core.clock import monotonic_ns

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FOLDER_VARIABLE", "LABEL", "Tape"]

FOLDER_VARIABLE = "TEST_CAMERA_FOLDER"
LABEL = "OBS Virtual Camera"
BACKEND = "obs"
SIZE = (1280, 720)
TAKEN = {"raw ": "RGB", "NV12": "NV12"}
STEP = 8
"""Of every so many rows and columns one is kept."""


class RecordingCamera:
    """A ``pyvirtualcam.Backend``: the time and the thinned-out grey of each frame go to a file."""

    def __init__(
        self, *, width: int, height: int, fps: float, fourcc: int, device: str | None
    ) -> None:
        from pyvirtualcam.util import decode_fourcc

        form = TAKEN.get(decode_fourcc(fourcc))
        if (width, height) != SIZE or form is None or device not in {None, LABEL}:
            raise RuntimeError("this is not taken")
        folder = Path(os.environ[FOLDER_VARIABLE])
        shape = {"width": width, "height": height, "fps": fps, "format": form}
        with (folder / "opened.jsonl").open("a") as file:
            file.write(json.dumps(shape) + "\n")
        self._frames = (folder / "frames.raw").open("ab")
        self._luma = width * height
        self._shape = (height, width)

    def send(self, frame: NDArray[np.uint8]) -> None:
        """Keep it, and how many bytes it had."""
        grey = frame[: self._luma].reshape(self._shape)[::STEP, ::STEP]
        about = np.array([monotonic_ns(), frame.size], dtype=np.int64)
        self._frames.write(about.tobytes() + np.ascontiguousarray(grey).tobytes())

    def close(self) -> None:
        """The recording is whole."""
        self._frames.close()

    def device(self) -> str:
        """What programs show."""
        return LABEL

    def native_fourcc(self) -> None:
        """Not known."""


class Tape:
    """What the camera was sent: ``times_ns`` (monotonic), ``sizes`` in bytes, ``frames`` (grey).

    ``opened``: width, height, frames per second and format, each time that it was opened.
    """

    def __init__(self, folder: Path) -> None:
        rows = (folder / "opened.jsonl").read_text("utf-8").splitlines()
        self.opened: list[dict[str, Any]] = [json.loads(row) for row in rows]
        shape = (SIZE[1] // STEP, SIZE[0] // STEP)
        kind = np.dtype([("at_ns", "<i8"), ("size", "<i8"), ("grey", "u1", shape)])
        kept = np.fromfile(folder / "frames.raw", dtype=kind)
        self.times_ns: NDArray[np.int64] = kept["at_ns"]
        self.sizes: NDArray[np.int64] = kept["size"]
        self.frames: NDArray[np.uint8] = kept["grey"]

    def motion(
        self, begin_ns: int, end_ns: int, *, left: float, top: float, right: float, bottom: float
    ) -> float:
        """How much a pixel changes from one frame to the next on average, 0…255.

        In a part of the frame, in fractions of its width and height.
        """
        inside = (self.times_ns >= begin_ns) & (self.times_ns < end_ns)
        frames = self.frames[inside].astype(np.int16)
        assert len(frames) > 1, "the camera was sent nothing then"
        height, width = frames.shape[1:]
        rows = slice(int(top * height), int(bottom * height))
        columns = slice(int(left * width), int(right * width))
        return float(np.abs(np.diff(frames[:, rows, columns], axis=0)).mean())


def _main() -> None:
    import pyvirtualcam

    from meetbot.cli import main

    pyvirtualcam.camera.BACKENDS.clear()
    pyvirtualcam.register_backend(BACKEND, RecordingCamera)
    main()


if __name__ == "__main__":
    _main()
