"""What this machine has of what ``meetbot camera`` needs, as plain values for a table or JSON."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

from meetbot.core.errors import ConfigError, MeetbotError, RoomRefused
from meetbot_virtualcam.devices import CameraUnusable, cameras, choose_camera
from meetbot_virtualcam.microphones import Device, choose_monitor, choose_own

if TYPE_CHECKING:
    from meetbot.config import CameraSettings

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


def _rows(devices: list[Device], used: Device | None) -> list[dict[str, Any]]:
    return [_row(d.name, d.label, used=d == used) for d in devices if not d.ours and not d.monitor]


def _pulse(settings: CameraSettings, missing: list[str]) -> dict[str, Any]:
    """Of the sound server; the cable is made when it is wanted."""
    import pulsectl

    from meetbot_virtualcam import pulse as server

    with pulsectl.Pulse("meetbot-list", connect=False) as pulse:
        try:
            pulse.connect(autospawn=False)
            sinks = [server._sink(one) for one in pulse.sink_list()]
            sources = [server._source(one) for one in pulse.source_list()]
            default = pulse.server_info()
        except server.SERVER_ERRORS:
            raise RoomRefused(server.NO_SERVER) from None
    sinks, sources = server._marked(sinks, sources)
    me = choose_own(sources, default.default_source_name, settings.microphone)
    speaker = choose_monitor(sinks, default.default_sink_name, settings.speakers)
    return {
        **_chosen(settings, (sources, me), (sinks, speaker), missing),
        "cables": [_row("made when it is needed", server.LABEL, used=True)],
    }


def _chosen(
    settings: CameraSettings,
    microphones: tuple[list[Device], Device | None],
    speakers: tuple[list[Device], Device | None],
    missing: list[str],
) -> dict[str, Any]:
    if microphones[1] is None and settings.hear_me:
        missing.append("there is no microphone: plug one in, or leave it out with --no-hear-me")
    if speakers[1] is None and settings.hear_others:
        missing.append("there are no loudspeakers to hear the others from: --no-hear-others")
    return {
        "microphones": _rows(*microphones) if settings.hear_me else _rows(microphones[0], None),
        "speakers": _rows(*speakers) if settings.hear_others else _rows(speakers[0], None),
    }


def _soundcard(settings: CameraSettings, missing: list[str]) -> dict[str, Any]:
    """Of macOS or Windows, where cables are installed."""
    import soundcard

    from meetbot_virtualcam import cables

    sinks = [Device(str(one.id), one.name) for one in soundcard.all_speakers()]
    sources = [Device(str(one.id), one.name) for one in soundcard.all_microphones()]
    found = cables.find_cables(sinks, sources)
    part = (settings.voice or "").casefold()
    labels = ((c, f"{c.speaker.label} {c.microphone.label}".casefold()) for c in found)
    used = next((c for c, both in labels if part in both), None)
    if used is None:
        missing.append(cables._no_cable(settings.voice))
    ends = {one.name for cable in found for one in (cable.speaker, cable.microphone)}
    mine = [one for one in sources if one.name not in ends]
    loud = [one for one in sinks if one.name not in ends]
    me = choose_own(mine, cables._default(soundcard.default_microphone), settings.microphone)
    speaker = choose_monitor(loud, cables._default(soundcard.default_speaker), settings.speakers)
    return {
        **_chosen(settings, (mine, me), (loud, speaker), missing),
        "cables": [_row(c.speaker.label, c.microphone.label, used=c == used) for c in found],
    }
