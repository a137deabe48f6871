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

import numpy as np

from meetbot.core.clock import monotonic_ns
from meetbot.core.errors import MeetbotError, RoomRefused
from meetbot_virtualcam.microphones import (
    BLOCK,
    RATE,
    Device,
    Heard,
    choose_monitor,
    choose_own,
    not_ours,
)
from meetbot_virtualcam.pulse_streams import SoundGone

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from meetbot.config import CameraSettings

__all__ = ["Cable", "CableKeeper", "find_cables"]

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
NS_PER_S = 1_000_000_000
FULL_SCALE = 32_767
AGE_NS = 25_000_000
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

    def recorder(self, device: str, purpose: str) -> _Recorder:
        """Hear ``device``. Raises ``SoundGone``."""
        del purpose
        return _Recorder(device)

    def player(self, device: str, buffered: int) -> _Player:
        """Speak into ``device``. Raises ``SoundGone``."""
        return _Player(device, buffered)

    def _live(self) -> None:
        try:
            heard = self._look()
            if heard.voice is None:
                raise RoomRefused(_no_cable(self._settings.voice))
            if heard.others is None and self._settings.hear_others:
                log.warning(NO_OTHERS)
        except (MeetbotError, OSError, RuntimeError, AssertionError, LookupError) as error:
            known = isinstance(error, MeetbotError)
            line = f"the system's sound devices cannot be listed: {error}"
            self._ready.set_exception(error if known else RoomRefused(line))
            return
        self._ready.set_result(heard)
        while not self._stopping.wait(LOOK_SECONDS):
            try:
                now = self._look()
            except (MeetbotError, OSError, RuntimeError, IndexError) as error:
                log.debug("looking for sound devices: %s", error)
                continue
            if now != heard:
                heard = now
                self._changed(now)

    def _look(self) -> Heard:
        import soundcard

        speakers = [Device(str(s.id), s.name) for s in soundcard.all_speakers()]
        microphones = [_microphone(m) for m in soundcard.all_microphones(include_loopback=True)]
        cables = find_cables(speakers, microphones)
        voice = _chosen(cables, self._settings.voice)
        if voice is None:
            return Heard()
        self.label = voice.microphone.label
        ends = {voice.speaker.name, voice.microphone.name}
        of_cables = {cable.microphone.name for cable in cables}
        speakers = [replace(s, ours=s.name in ends) for s in speakers]
        microphones = [
            replace(
                m, ours=m.name in ends or m.of in ends, monitor=m.monitor or m.name in of_cables
            )
            for m in microphones
        ]
        me = choose_own(
            microphones, _default(soundcard.default_microphone), self._settings.microphone
        )
        others = self._others(
            choose_monitor(speakers, _default(soundcard.default_speaker), self._settings.speakers)
            if any(m.of for m in microphones)
            else None,
            not_ours(microphones),
        )
        return Heard(voice.speaker.name, me.name if me is not None else None, others)

    def _others(self, speaker: Device | None, microphones: Sequence[Device]) -> str | None:
        """The loopback of ``speaker``, else the second cable (or the one in the settings)."""
        if speaker is not None:
            return next((m.name for m in microphones if m.of == speaker.name), None)
        wanted = self._settings.speakers
        cables = [m for m in microphones if m.monitor]
        named = [m for m in cables if wanted and wanted.casefold() in m.label.casefold()]
        return next((m.name for m in (named if wanted else cables)), None)


class _Recorder:
    def __init__(self, device: str) -> None:
        import soundcard

        try:
            microphone = soundcard.get_microphone(device, include_loopback=True)
            self._open = microphone.recorder(RATE, min(2, microphone.channels), blocksize=BLOCK)
            self._sound = self._open.__enter__()
        except (RuntimeError, IndexError, OSError, TypeError) as error:
            raise SoundGone(f"the sound device {device} cannot be used: {error}") from None
        self._stopped = False

    def read(self) -> tuple[NDArray[np.int16], int]:
        """The next ``BLOCK`` samples, and about how long ago the first sounded."""
        try:
            sound = self._sound.record(BLOCK)
        except (RuntimeError, OSError, TypeError) as error:
            raise SoundGone(f"a sound device was lost: {error}") from None
        if self._stopped:
            raise SoundGone("a sound device was let go")
        samples = np.clip(np.mean(sound, axis=1) * FULL_SCALE, -FULL_SCALE, FULL_SCALE)
        return samples.astype(np.int16), AGE_NS

    def stop(self) -> None:
        """The next ``read`` raises ``SoundGone``."""
        self._stopped = True

    def close(self) -> None:
        """Let the device go."""
        self._open.__exit__(None, None, None)


class _Player:
    def __init__(self, device: str, buffered: int) -> None:
        import soundcard

        try:
            self._open = soundcard.get_speaker(device).player(RATE, 1, blocksize=buffered // 2)
            self._sound = self._open.__enter__()
        except (RuntimeError, IndexError, OSError, TypeError) as error:
            raise SoundGone(f"the sound device {device} cannot be used: {error}") from None
        self._begun_ns = monotonic_ns()
        self._written_ns = 0
        self._stopped = False

    @property
    def latency_ns(self) -> int:
        """What was written and cannot have been played yet, by the time that went by."""
        waiting_ns = self._begun_ns + self._written_ns - monotonic_ns()
        if waiting_ns < 0:
            self._begun_ns -= waiting_ns
        return max(0, waiting_ns)

    delay_ns = latency_ns

    def write(self, samples: NDArray[np.int16]) -> None:
        """Give ``samples`` to the device; waits while its buffer is full."""
        if self._stopped:
            raise SoundGone("a sound device was let go")
        try:
            self._sound.play(samples.astype(np.float32) / FULL_SCALE)
        except (RuntimeError, OSError) as error:
            raise SoundGone(f"a sound device was lost: {error}") from None
        self._written_ns += len(samples) * NS_PER_S // RATE

    def stop(self) -> None:
        """The next ``write`` raises ``SoundGone``."""
        self._stopped = True

    def close(self) -> None:
        """Let the device go."""
        self._open.__exit__(None, None, None)


def _microphone(microphone: Any) -> Device:
    """A loopback bears its loudspeaker's id (Windows), or one made of it (PulseAudio)."""
    name = str(microphone.id)
    if not getattr(microphone, "isloopback", False):
        return Device(name, microphone.name)
    return Device(name, microphone.name, of=name.removesuffix(".monitor"), monitor=True)


def _chosen(cables: Sequence[Cable], wanted: str | None) -> Cable | None:
    """The cable of which one end is called ``wanted``, else the most fitting one."""
    part = (wanted or "").casefold()
    ends = ((c, (c.speaker.label, c.microphone.label)) for c in cables)
    return next((c for c, labels in ends if any(part in x.casefold() for x in labels)), None)


def _default(ask: Callable[[], Any]) -> str | None:
    try:
        return str(ask().id)
    except (RuntimeError, IndexError, OSError):
        return None


def _no_cable(wanted: str | None) -> str:
    what = f"no virtual cable {wanted!r}" if wanted is not None else "no virtual cable"
    how = TO_INSTALL.get(platform.system(), "install BlackHole, VB-Cable or VoiceMeeter")
    return f"there is {what} for the bot's voice: {how}"
