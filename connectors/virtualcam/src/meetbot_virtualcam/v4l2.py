"""What Linux tells of its video devices: which are v4l2loopback's, and what format they are in."""

from __future__ import annotations

import errno
import os
import struct
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Loopback", "held_size", "loopbacks", "same_device", "stat_of"]

SYS = Path("/sys/class/video4linux")
DEV = Path("/dev")
DRIVER = "v4l2 loopback"
QUERYCAP, QUERYCAP_BYTES = 0x80685600, 104
G_FMT, TRY_FMT, FMT_BYTES = 0xC0D05604, 0xC0D05640, 208
TYPE_OUTPUT = 2
CAP_OUTPUT = 0x2
CAP_DEVICE_CAPS = 0x80000000
YUV420 = int.from_bytes(b"YU12", "little")


@dataclass(frozen=True, slots=True)
class Loopback:
    """A video device that v4l2loopback made.

    ``trouble``: why nothing can be sent to it now; empty: nothing is wrong.
    """

    path: str
    label: str
    trouble: str = ""


def loopbacks() -> list[Loopback]:
    """The loopback devices of this machine, in the order of their numbers."""
    found = []
    for folder in sorted(SYS.glob("video[0-9]*"), key=lambda one: int(one.name[5:])):
        if "virtual" not in folder.resolve().parts:
            continue
        loopback = _examined(DEV / folder.name, _label(folder))
        if loopback is not None:
            found.append(loopback)
    return found


def _label(folder: Path) -> str:
    try:
        return (folder / "name").read_text("utf-8", errors="replace").strip() or folder.name
    except OSError:
        return folder.name


def _examined(path: Path, label: str) -> Loopback | None:
    """None: another driver's device. One that cannot be opened is taken for a loopback's."""
    try:
        driver, capabilities = _capabilities(path)
    except PermissionError:
        return Loopback(str(path), label, "permission")
    except FileNotFoundError:
        return Loopback(str(path), label, "missing")
    except OSError as error:
        return Loopback(
            str(path), label, "busy" if error.errno == errno.EBUSY else str(error.strerror)
        )
    if driver != DRIVER:
        return None
    return Loopback(str(path), label, "" if capabilities & CAP_OUTPUT else "busy")


def _capabilities(path: Path) -> tuple[str, int]:
    answer = _ask(path, QUERYCAP, bytes(QUERYCAP_BYTES))
    driver = answer[:16].split(b"\0")[0].decode("ascii", errors="replace")
    whole, of_device = struct.unpack_from("=II", answer, 84)
    return driver, of_device if whole & CAP_DEVICE_CAPS else whole


def _ask(path: Path, request: int, given: bytes) -> bytes:
    import fcntl

    handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        answer = bytearray(given)
        fcntl.ioctl(handle, request, answer)
    finally:
        os.close(handle)
    return bytes(answer)


def held_size(path: str, wanted: tuple[int, int]) -> tuple[int, int] | None:
    """The size that the device takes where it does not take ``wanted``, since a reader has it."""
    asked = struct.pack("=IIIII", TYPE_OUTPUT, 0, *wanted, YUV420).ljust(FMT_BYTES, b"\0")
    try:
        answer = _ask(Path(path), TRY_FMT, asked)
    except OSError:
        try:
            answer = _ask(Path(path), G_FMT, asked)
        except OSError:
            return None
    width, height = struct.unpack_from("=II", answer, 8)
    even = width > 0 and height > 0 and width % 2 == 0 and height % 2 == 0
    return (width, height) if even and (width, height) != wanted else None


def same_device(path: str, before: os.stat_result | None) -> bool:
    """Whether ``path`` is still the device that it was; False: unplugged, its module removed."""
    now = stat_of(path)
    if before is None or now is None:
        return before is now
    return (before.st_rdev, before.st_ino) == (now.st_rdev, now.st_ino)


def stat_of(path: str) -> os.stat_result | None:
    """None: there is nothing."""
    try:
        return Path(path).stat()
    except OSError:
        return None
