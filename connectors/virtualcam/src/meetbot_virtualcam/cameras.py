"""Which virtual cameras there are, which one is taken, and what to do where there is none."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyvirtualcam

from meetbot.core.errors import ConfigError
from meetbot_virtualcam import v4l2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetbot.config import CameraSettings

__all__ = [
    "V4L2",
    "Camera",
    "CameraUnusable",
    "cameras",
    "choose_camera",
    "explained",
    "how_to_get_one",
]

V4L2 = "v4l2loopback"
"""The backend whose devices are files."""

NAMES = {"obs": "OBS Virtual Camera", "unitycapture": "Unity Video Capture"}
MODPROBE = (
    "sudo modprobe v4l2loopback devices=1 exclusive_caps=1 card_label=Meetbot "
    "(Debian: sudo apt-get install v4l2loopback-dkms)"
)
TO_DO = {
    "Linux": f"make one: {MODPROBE}",
    "Darwin": "install OBS (28 or later), press “Start Virtual Camera” once, stop it, close OBS",
    "Windows": (
        "install OBS (28 or later) and press “Start Virtual Camera” once, or install Unity Capture"
    ),
}

BUSY = ("in use", "busy", "could not be started", "not a video output")
ABSENT = ("no v4l2", "not found", "not installed", "not exist", "no camera")
"""Parts of what pyvirtualcam's backends say."""


class CameraUnusable(Exception):
    """A camera cannot be used now; the text is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A virtual camera. ``device``: what pyvirtualcam calls it; None: whichever its backend takes.

    ``label``: what Zoom and its kind show. ``trouble``: why it cannot be used now, as one line.
    """

    backend: str
    device: str | None
    label: str
    trouble: str = ""


def how_to_get_one(system: str | None = None) -> str:
    """What to do on this system to have a virtual camera."""
    system = system or platform.system()
    return TO_DO.get(system, f"no virtual camera is known for {system}")


def cameras(*, probe: bool = True) -> list[Camera]:
    """The virtual cameras here. ``probe``: open those that cannot be seen otherwise, for a moment.

    On Linux they are looked up; OBS and Unity Capture tell only when they are opened.
    """
    found: list[Camera] = []
    for backend in pyvirtualcam.camera.BACKENDS:
        if backend == V4L2:
            found += [
                Camera(V4L2, one.path, one.label, _loopback_trouble(one))
                for one in v4l2.loopbacks()
            ]
        elif not probe or _opens(backend):
            found.append(Camera(backend, None, NAMES.get(backend, backend)))
    return found


def _opens(backend: str) -> bool:
    try:
        pyvirtualcam.Camera(1280, 720, 30, backend=backend).close()
    except RuntimeError as error:
        return "use" in str(error) or "busy" in str(error).casefold()
    return True


def choose_camera(settings: CameraSettings, found: Sequence[Camera]) -> Camera:
    """The camera to use of those ``found``: the one in the settings, else one that is free.

    Raises ``ConfigError`` for a backend that does not exist, ``CameraUnusable`` otherwise.
    """
    backends = list(pyvirtualcam.camera.BACKENDS)
    if settings.backend is not None and settings.backend not in backends:
        raise ConfigError(
            f"room.camera.backend: there is no {settings.backend!r} here; "
            f"there is: {', '.join(backends) or 'none'}"
        )
    fitting = [one for one in found if settings.backend in (None, one.backend)]
    if settings.device is not None:
        return _named(settings.device, settings.backend, fitting)
    if not fitting:
        raise CameraUnusable(f"there is no virtual camera: {how_to_get_one()}")
    ours_first = sorted(fitting, key=lambda one: "meetbot" not in one.label.casefold())
    free = [one for one in ours_first if not one.trouble]
    if not free:
        raise CameraUnusable(ours_first[0].trouble)
    return free[0]


def _named(wanted: str, backend: str | None, found: Sequence[Camera]) -> Camera:
    exact = [one for one in found if wanted in (one.device, one.label)]
    part = [one for one in found if wanted.casefold() in one.label.casefold()]
    for camera in exact or part:
        if camera.trouble:
            raise CameraUnusable(camera.trouble)
        return camera
    loose = [one for one in found if one.device is None]
    if loose:  # such a backend knows its devices' names itself
        return Camera(backend or loose[0].backend, wanted, wanted)
    there = ", ".join(f"{one.label} ({one.device})" for one in found)
    what = f"there is: {there}" if there else how_to_get_one()
    raise CameraUnusable(f"there is no virtual camera {wanted!r}; {what}")


def _loopback_trouble(loopback: v4l2.Loopback) -> str:
    camera = f"the camera {loopback.label} ({loopback.path})"
    return "" if not loopback.trouble else f"{camera} {_reason(loopback.trouble)}"


def _reason(trouble: str) -> str:
    if trouble == "permission":
        return (
            "may not be used by you: add yourself to its group (sudo usermod -aG video $USER) "
            "and log in again"
        )
    if trouble == "busy":
        return "is in use by another program (OBS, another Meetbot): stop it there, or --device"
    if trouble == "missing":
        return "has no device file: remove the module and load it again"
    return f"cannot be used: {trouble}"


def explained(camera: Camera, error: Exception) -> CameraUnusable:
    """What pyvirtualcam's ``error`` on opening ``camera`` means, and what to do."""
    text = " ".join(str(error).split())
    low = text.casefold()
    name = f"the camera {camera.label}" + (f" ({camera.device})" if camera.device else "")
    if "permission" in low or "access" in low:
        return CameraUnusable(f"{name} {_reason('permission')}")
    if any(part in low for part in BUSY):
        return CameraUnusable(f"{name} {_reason('busy')}")
    if any(part in low for part in ABSENT):
        return CameraUnusable(f"{name} is not there: {how_to_get_one()}")
    return CameraUnusable(f"{name} cannot be opened: {text.replace(' backend:', ':')}")
