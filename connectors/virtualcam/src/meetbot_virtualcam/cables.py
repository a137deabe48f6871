"""The sound side on macOS and Windows: a virtual cable that somebody installed, found by its name.

The bot speaks into the cable's one end, Zoom and its kind record from the other. On Windows the
others are the loopback of the loudspeakers; macOS has none, so there they come by a second cable.
"""

from __future__ import annotations

import logging
import platform
import threading
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from meetbot.core.errors import MeetbotError, RoomRefused
from meetbot_virtualcam.cable_streams import CablePlayer, CableRecorder
from meetbot_virtualcam.microphones import choose_monitor, choose_own, not_ours
from meetbot_virtualcam.sound_ports import Device, Devices, Heard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from meetbot.config import CameraSettings

__all__ = ["Cable", "CableKeeper", "choose_cable", "find_cables", "list_devices", "no_cable"]

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
KINDS = (
    ("cable input", "cable output"),
    ("blackhole 2ch", "blackhole 2ch"),
    ("blackhole", "blackhole"),
    ("voicemeeter input", "voicemeeter out"),
    ("voicemeeter", "voicemeeter"),
    ("soundflower", "soundflower"),
)
TO_INSTALL = {
    "Darwin": "install BlackHole (brew install blackhole-2ch)",
    "Windows": "install VB-Cable (vb-audio.com/Cable) or VoiceMeeter, and restart the computer",
}
NO_OTHERS = (
    "the others are not heard: macOS lets nobody record its output; install a second cable "
    "(brew install blackhole-16ch) and play through a Multi-Output Device with it in it"
)


@dataclass(frozen=True, slots=True)
class Cable:
    """A virtual cable: ``speaker`` is spoken into, ``microphone`` is what others record."""

    speaker: Device
    microphone: Device


def find_cables(speakers: Sequence[Device], microphones: Sequence[Device]) -> list[Cable]:
    """The cables of this machine by their names, the most fitting first."""
    found: list[Cable] = []
    for into, out in KINDS:
        for speaker in speakers:
            if into not in speaker.label.casefold() or speaker in {c.speaker for c in found}:
                continue
            ends = [m for m in microphones if out in m.label.casefold() and not m.monitor]
            same = [m for m in ends if m.label == speaker.label]
            if ends:
                found.append(Cable(speaker, (same or ends)[0]))
    return found


def choose_cable(cables: Sequence[Cable], wanted: str | None) -> Cable | None:
    """The cable of which one end is called ``wanted``, else the most fitting one."""
    part = (wanted or "").casefold()
    ends = ((c, (c.speaker.label, c.microphone.label)) for c in cables)
    return next((c for c, labels in ends if any(part in x.casefold() for x in labels)), None)


def no_cable(wanted: str | None) -> str:
    """That there is none, and what to do on this system."""
    what = f"no virtual cable {wanted!r}" if wanted is not None else "no virtual cable"
    how = TO_INSTALL.get(platform.system(), "install BlackHole, VB-Cable or VoiceMeeter")
    return f"there is {what} for the bot's voice: {how}"


def list_devices() -> Devices:
    """What there is now, the loopbacks of loudspeakers among the microphones."""
    import soundcard

    return Devices(
        [Device(str(one.id), one.name) for one in soundcard.all_speakers()],
        [_microphone(one) for one in soundcard.all_microphones(include_loopback=True)],
        _default(soundcard.default_speaker),
        _default(soundcard.default_microphone),
    )


class CableKeeper:
    """Finds the cable, and tells which devices to hear; makes and removes nothing.

    ``changed`` is called on this keeper's thread when another device is the system's own now.
    """

    passes_microphone = False
    """Whether one's own microphone is led into the virtual one by the system."""

    def __init__(self, settings: CameraSettings, changed: Callable[[Heard], None]) -> None:
        self._settings = settings
        self._changed = changed
        self._stopping = threading.Event()
        self._ready: Future[Heard] = Future()
        self._thread = threading.Thread(target=self._live, name="cable-keeper", daemon=True)
        self.label = ""
        """What to choose as the microphone in Zoom and its kind."""

    def open(self) -> Future[Heard]:
        """Begin; the future has the devices, or ``RoomRefused`` or ``ConfigError``."""
        self._thread.start()
        return self._ready

    def close(self) -> None:
        """End."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=5.0)

    def recorder(self, device: str, purpose: str) -> CableRecorder:
        """Hear ``device``. Raises ``SoundGone``."""
        del purpose
        return CableRecorder(device)

    def player(self, device: str, buffered: int) -> CablePlayer:
        """Speak into ``device``. Raises ``SoundGone``."""
        return CablePlayer(device, buffered)

    def _live(self) -> None:
        try:
            heard = self._look()
            if heard.voice is None:
                raise RoomRefused(no_cable(self._settings.voice))
            if heard.others is None and self._settings.hear_others:
                log.warning(NO_OTHERS)
        except Exception as error:  # whatever the system's library raises
            known = isinstance(error, MeetbotError)
            line = f"the system's sound devices cannot be listed: {error}"
            self._ready.set_exception(error if known else RoomRefused(line))
            return
        self._ready.set_result(heard)
        while not self._stopping.wait(LOOK_SECONDS):
            try:
                now = self._look()
            except Exception as error:  # whatever the system's library raises
                log.debug("looking for sound devices: %s", error)
                continue
            if now != heard:
                heard = now
                self._changed(now)

    def _look(self) -> Heard:
        settings, there = self._settings, list_devices()
        cables = find_cables(there.speakers, there.microphones)
        voice = choose_cable(cables, settings.voice)
        if voice is None:
            return Heard()
        self.label = voice.microphone.label
        ends = {voice.speaker.name, voice.microphone.name}
        of_cables = {cable.microphone.name for cable in cables}
        speakers = [replace(s, ours=s.name in ends) for s in there.speakers]
        microphones = [
            replace(
                m, ours=m.name in ends or m.of in ends, monitor=m.monitor or m.name in of_cables
            )
            for m in there.microphones
        ]
        me = choose_own(microphones, there.microphone, settings.microphone)
        loud = None
        if any(m.of for m in microphones):
            loud = choose_monitor(speakers, there.speaker, settings.speakers)
        others = self._others(loud, not_ours(microphones))
        return Heard(voice.speaker.name, me.name if me is not None else None, others)

    def _others(self, speaker: Device | None, microphones: Sequence[Device]) -> str | None:
        """The loopback of ``speaker``, else the second cable (or the one in the settings)."""
        if speaker is not None:
            return next((m.name for m in microphones if m.of == speaker.name), None)
        wanted = self._settings.speakers
        cables = [m for m in microphones if m.monitor]
        named = [m for m in cables if wanted and wanted.casefold() in m.label.casefold()]
        return next((m.name for m in (named if wanted else cables)), None)


def _microphone(microphone: Any) -> Device:
    """A loopback bears its loudspeaker's id (Windows), or one made of it (PulseAudio)."""
    name = str(microphone.id)
    if not getattr(microphone, "isloopback", False):
        return Device(name, microphone.name)
    return Device(name, microphone.name, of=name.removesuffix(".monitor"), monitor=True)


def _default(ask: Callable[[], Any]) -> str | None:
    try:
        return str(ask().id)
    except (RuntimeError, IndexError, OSError):
        return None
