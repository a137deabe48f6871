"""What PulseAudio, or PipeWire's server of its protocol, has of sound devices."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pulsectl

from meetbot.core.errors import RoomRefused
from meetbot_virtualcam.microphones import not_ours
from meetbot_virtualcam.sound_ports import Device, Devices

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["NO_SERVER", "OWNER", "SERVER_ERRORS", "as_devices", "list_devices"]

OWNER = "meetbot.owner"
"""The property that says which run of which Meetbot made a device."""

SERVER_ERRORS = (
    pulsectl.PulseError,
    pulsectl.PulseDisconnected,
    pulsectl._pulsectl.LibPulse.CallError,  # of a call to a server that is gone
)
NO_SERVER = (
    "there is no sound server: start PipeWire (with pipewire-pulse) or PulseAudio, or set "
    "PULSE_SERVER; Debian: apt-get install pulseaudio"
)


def list_devices() -> Devices:
    """What there is now. Raises ``RoomRefused`` where no server answers."""
    with pulsectl.Pulse("meetbot-list", connect=False) as pulse:
        try:
            pulse.connect(autospawn=False)
            return as_devices(pulse.sink_list(), pulse.source_list(), pulse.server_info())
        except SERVER_ERRORS:
            raise RoomRefused(NO_SERVER) from None


def as_devices(sinks: Sequence[Any], sources: Sequence[Any], server: Any) -> Devices:
    """The server's own values, as plain ones; what is made of something of ours counts as ours."""
    speakers, microphones = [_sink(one) for one in sinks], [_source(one) for one in sources]
    free = {device.name for device in not_ours([*speakers, *microphones])}
    return Devices(
        [replace(one, ours=one.name not in free) for one in speakers],
        [replace(one, ours=one.name not in free) for one in microphones],
        server.default_sink_name,
        server.default_source_name,
    )


def _source(source: Any) -> Device:
    of = source.monitor_of_sink_name or source.proplist.get("device.master_device")
    return Device(
        source.name,
        source.description,
        ours=OWNER in source.proplist,
        of=of or None,
        monitor=bool(source.monitor_of_sink_name)
        or source.proplist.get("device.class") == "monitor",
    )


def _sink(sink: Any) -> Device:
    of = sink.proplist.get("device.master_device")
    return Device(sink.name, sink.description, ours=OWNER in sink.proplist, of=of)
