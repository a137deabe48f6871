"""What this machine has of what ``meetbot camera`` needs, as plain values for a table or JSON."""

from __future__ import annotations

import platform
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from meetbot.core.errors import ConfigError, MeetbotError
from meetbot_virtualcam.cameras import CameraUnusable, cameras, choose_camera
from meetbot_virtualcam.microphones import choose_monitor, choose_own

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetbot.config import CameraSettings
    from meetbot_virtualcam.sound_ports import Device, Devices

__all__ = ["inventory"]


def inventory(settings: CameraSettings) -> dict[str, Any]:
    """What there is and what would be used.

    ``cameras``, ``microphones``, ``speakers``, ``cables``: each a list of ``name``, ``label``,
    ``used`` and ``trouble``. ``missing``: one line for each thing that is not there, with what to
    do. Raises ``ConfigError`` for a setting that names what cannot be.
    """
    missing: list[str] = []
    shown = _cameras(settings, missing)
    listing = _pulse if platform.system() == "Linux" else _soundcard
    try:
        sound = listing(settings, missing)
    except ConfigError:
        raise
    except (MeetbotError, OSError, RuntimeError) as error:
        missing.append(str(error))
        sound = {"microphones": [], "speakers": [], "cables": []}
    return {"cameras": shown, **sound, "missing": missing}


def _cameras(settings: CameraSettings, missing: list[str]) -> list[dict[str, Any]]:
    found = cameras()
    used = None
    try:
        used = choose_camera(settings, found)
    except CameraUnusable as error:
        missing.append(str(error))
    return [_row(c.device or c.backend, c.label, used=c == used, trouble=c.trouble) for c in found]


def _row(name: str, label: str, *, used: bool = False, trouble: str = "") -> dict[str, Any]:
    return {"name": name, "label": label, "used": used, "trouble": trouble}


def _rows(devices: Sequence[Device], used: Device | None) -> list[dict[str, Any]]:
    return [_row(d.name, d.label, used=d == used) for d in devices if not d.ours and not d.monitor]


def _pulse(settings: CameraSettings, missing: list[str]) -> dict[str, Any]:
    """Of the sound server; the cable is made when it is wanted."""
    from meetbot_virtualcam import pulse, pulse_devices

    return {
        **_chosen(settings, pulse_devices.list_devices(), missing),
        "cables": [_row("made when it is needed", pulse.LABEL, used=True)],
    }


def _soundcard(settings: CameraSettings, missing: list[str]) -> dict[str, Any]:
    """Of macOS or Windows, where cables are installed."""
    from meetbot_virtualcam import cables

    there = cables.list_devices()
    found = cables.find_cables(there.speakers, there.microphones)
    used = cables.choose_cable(found, settings.voice)
    if used is None:
        missing.append(cables.no_cable(settings.voice))
    ends = {one.name for cable in found for one in (cable.speaker, cable.microphone)}
    real = replace(
        there,
        speakers=[one for one in there.speakers if one.name not in ends],
        microphones=[one for one in there.microphones if not {one.name, one.of} & ends],
    )
    return {
        **_chosen(settings, real, missing),
        "cables": [_row(c.speaker.label, c.microphone.label, used=c == used) for c in found],
    }


def _chosen(settings: CameraSettings, there: Devices, missing: list[str]) -> dict[str, Any]:
    """Microphones and loudspeakers, and which of them would be used."""
    me = choose_own(there.microphones, there.microphone, settings.microphone)
    loud = choose_monitor(there.speakers, there.speaker, settings.speakers)
    if me is None and settings.hear_me:
        missing.append("there is no microphone: plug one in, or leave it out with --no-hear-me")
    if loud is None and settings.hear_others:
        missing.append("there are no loudspeakers to hear the others from: --no-hear-others")
    return {
        "microphones": _rows(there.microphones, me if settings.hear_me else None),
        "speakers": _rows(there.speakers, loud if settings.hear_others else None),
    }
