"""The sound side of the virtual camera: one's own microphone and the others heard, the bot's voice
in a virtual microphone."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING, Self

import numpy as np

from meetbot.core.channels import Channel, Overflow
from meetbot.core.clock import NS_PER_S, monotonic_ns
from meetbot.core.types import AudioFrame
from meetbot_virtualcam.ears import Ear
from meetbot_virtualcam.echo import EchoCanceller
from meetbot_virtualcam.sound_ports import BLOCK, RATE, Heard
from meetbot_virtualcam.voice import Voice

if sys.platform == "linux":
    from meetbot_virtualcam.pulse import PulseKeeper as SystemsKeeper
else:
    from meetbot_virtualcam.cables import CableKeeper as SystemsKeeper

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from meetbot.config import CameraSettings
    from meetbot.core.clock import Clock
    from meetbot_virtualcam.sound_ports import SoundSystem

__all__ = ["SoundDesk", "sound_system"]

log = logging.getLogger(__name__)

BLOCKS_PER_FRAME = 2
QUEUE_FRAMES = 250
MISSING = {
    "me": "your microphone is gone; the bot hears you again when it is back, or another is chosen",
    "others": "the loudspeakers are gone; the bot hears the others again when there are some",
    "voice": "the virtual microphone is gone; the bot is heard again when it is back",
}


def sound_system(settings: CameraSettings, changed: Callable[[Heard], None]) -> SoundSystem:
    """The devices of this machine's system; ``changed`` is called on a thread of theirs."""
    return SystemsKeeper(settings, changed)


class _Outlet:
    """Sound of one device, from its thread to a channel of the loop: frames of 20 ms."""

    def __init__(self, loop: asyncio.AbstractEventLoop, origin_ns: int) -> None:
        self.channel: Channel[AudioFrame] = Channel(QUEUE_FRAMES, Overflow.DROP_OLDEST)
        self._loop = loop
        self._origin_ns = origin_ns
        self._held: list[NDArray[np.int16]] = []
        self._begin_ns = 0

    def put(self, samples: NDArray[np.int16], at_ns: int) -> None:
        """10 ms whose first sample sounded at ``at_ns`` (monotonic)."""
        expected = self._begin_ns + len(self._held) * BLOCK * NS_PER_S // RATE
        if self._held and abs(at_ns - expected) > 1_000_000:
            self._held.clear()
        if not self._held:
            self._begin_ns = at_ns
        self._held.append(samples)
        if len(self._held) == BLOCKS_PER_FRAME:
            whole = np.concatenate(self._held)
            self._held = []
            frame = AudioFrame(whole, RATE, self._begin_ns - self._origin_ns)
            self._loop.call_soon_threadsafe(self._offer, frame)

    def _offer(self, frame: AudioFrame) -> None:
        if not self.channel.closed:
            self.channel.offer(frame)


class SoundDesk:
    """Hears ``me`` and ``others`` apart, and speaks into the virtual microphone.

    An async context manager: entering makes the devices and raises ``RoomRefused`` (no sound
    server, no virtual cable) or ``ConfigError`` (a device that is not there); leaving removes
    them. A device that vanishes is told once in the log and heard again when it is back; another
    default device is followed.
    """

    def __init__(self, settings: CameraSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._heard = Heard()
        self._open = False
        self._devices = sound_system(settings, self._changed)
        self._voice = Voice(self._devices.player)
        self._ears: dict[str, Ear] = {}
        self._outlets: dict[str, _Outlet] = {}
        self._echo: EchoCanceller | None = None
        self._mixes = settings.pass_microphone and not self._devices.passes_microphone
        self._origin_ns = 0

    # ------------------------------------------------------------------ what is heard

    @property
    def me(self) -> Channel[AudioFrame] | None:
        """One's own microphone; None: the settings say not to hear it. Ends with the desk."""
        return self._channel("me")

    @property
    def others(self) -> Channel[AudioFrame] | None:
        """What the loudspeakers play; None: the settings say not to hear it."""
        return self._channel("others")

    @property
    def devices(self) -> Heard:
        """The devices in use now, by the system's names."""
        return self._heard

    @property
    def microphone(self) -> str:
        """What to choose as the microphone in Zoom and its kind."""
        return self._devices.label

    @property
    def drops(self) -> Mapping[str, int]:
        """Frames heard that nobody took in time, and 10 ms of voice that were never played."""
        lost = sum(outlet.channel.dropped for outlet in self._outlets.values())
        return {"audio": lost, "voice": self._voice.buffer.dropped // BLOCK}

    # ------------------------------------------------------------------ the voice

    @property
    def voice_delay_ns(self) -> int:
        """From a sample's time until a program that records the virtual microphone can have it."""
        return self._voice.delay_ns

    def play(self, samples: NDArray[np.int16], pts_ns: int) -> None:
        """Say ``samples`` (int16 mono, 48 kHz) at meeting time ``pts_ns``; never waits.

        What lies more than 70 ms ahead is not kept, so that an interruption is heard at once.
        """
        self._voice.play(samples, pts_ns + self._origin_ns)

    # ------------------------------------------------------------------ life

    async def __aenter__(self) -> Self:
        self._origin_ns = monotonic_ns() - self._clock.now_ns()
        try:
            heard = await asyncio.wrap_future(self._devices.open())
            self._open_ears()
            self._voice.start()
            self._open = True
            self._changed(heard)
        except BaseException:
            await asyncio.to_thread(self._close)
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._open = False
        await asyncio.to_thread(self._close)
        for outlet in self._outlets.values():
            outlet.channel.close()

    def _close(self) -> None:
        for ear in self._ears.values():
            ear.close()
        self._voice.close()
        self._devices.close()

    def _open_ears(self) -> None:
        loop = asyncio.get_running_loop()
        settings = self._settings
        if settings.hear_me:
            self._outlets["me"] = _Outlet(loop, self._origin_ns)
        if settings.hear_others:
            self._outlets["others"] = _Outlet(loop, self._origin_ns)
        if settings.hear_me and settings.echo_cancellation:
            self._echo = EchoCanceller(self._outlets["me"].put)
        for name in ("me", "others"):
            if name in self._outlets or self._echo is not None or (name == "me" and self._mixes):
                self._ears[name] = Ear(name, self._devices.recorder, self._listener(name))
                self._ears[name].start()

    def _listener(self, name: str) -> Callable[[NDArray[np.int16], int], None]:
        echo, outlet = self._echo, self._outlets.get(name)

        def others(samples: NDArray[np.int16], at_ns: int) -> None:
            if echo is not None:
                echo.played(samples, at_ns)
            if outlet is not None:
                outlet.put(samples, at_ns)

        def me(samples: NDArray[np.int16], at_ns: int) -> None:
            if self._mixes:
                self._voice.pass_on(samples, at_ns)
            if echo is not None:
                echo.heard(samples, at_ns)
            elif outlet is not None:
                outlet.put(samples, at_ns)

        return me if name == "me" else others

    def _channel(self, name: str) -> Channel[AudioFrame] | None:
        outlet = self._outlets.get(name)
        return outlet.channel if outlet is not None else None

    def _changed(self, heard: Heard) -> None:
        """On the devices' thread: another device is there, or one is gone."""
        if not self._open:
            return
        before, self._heard = self._heard, heard
        for name, ear in self._ears.items():
            ear.use(getattr(heard, name))
        self._voice.use(heard.voice)
        wanted = {**self._outlets, "voice": None}
        for name in wanted:
            had, has = getattr(before, name), getattr(heard, name)
            if has is None and (had is not None or before == Heard()):
                log.warning(MISSING[name])
            elif has is not None and has != had:
                log.info("%s: %s", name, has)
