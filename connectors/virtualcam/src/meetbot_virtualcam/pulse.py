"""The virtual microphone on Linux: devices of the sound server, made, watched and removed by us.

What the bot says goes into a null sink; a source remapped from its monitor is what Zoom and its
kind choose as a microphone. PipeWire's server of PulseAudio's protocol takes the same modules.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import pulsectl

from meetbot.core.errors import ConfigError, MeetbotError, RoomRefused
from meetbot_virtualcam.microphones import choose_monitor, choose_own
from meetbot_virtualcam.pulse_devices import NO_SERVER, OWNER, SERVER_ERRORS, as_devices
from meetbot_virtualcam.pulse_listeners import Listeners
from meetbot_virtualcam.pulse_streams import PulsePlayer, PulseRecorder
from meetbot_virtualcam.sound_ports import BLOCK, Heard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from meetbot.config import CameraSettings
    from meetbot_virtualcam.sound_ports import Device

__all__ = ["LABEL", "PulseKeeper", "remove_stale"]

log = logging.getLogger(__name__)

LABEL = "Meetbot microphone"
"""What programs show in their list of microphones."""

SINK, SOURCE = "meetbot_voice", "meetbot_microphone"
OWNED = re.compile(rf"{re.escape(OWNER)}='?(meetbot-\d+-[0-9a-f]+)")
LISTEN_SECONDS = 0.1
LOOKS, LOOK_SECONDS = 50, 0.01
RETRY_SECONDS = 0.5
PASS_LATENCY_MS = 20


class PulseKeeper:
    """Keeps the virtual microphone in being, and tells which devices to hear.

    ``changed`` is called on this keeper's thread with what is there now, each time it is something
    else. All that it made is gone after ``close``.
    """

    passes_microphone = True
    """Whether one's own microphone is led into the virtual one by the system."""

    def __init__(self, settings: CameraSettings, changed: Callable[[Heard], None]) -> None:
        self._settings = settings
        self._changed = changed
        self._stopping = threading.Event()
        self._ready: Future[Heard] = Future()
        self._thread = threading.Thread(target=self._live, name="pulse-keeper", daemon=True)
        self._made: list[int] = []
        self._passed: tuple[str, int] | None = None
        self._heard = Heard()
        self._told: set[str] = set()
        self._listeners = Listeners()
        self.owner = f"meetbot-{os.getpid()}-{secrets.token_hex(3)}"
        """Names this run to the sound server."""
        self.label = LABEL
        """What programs show for this run's microphone."""
        self.sink, self.source = SINK, SOURCE

    def open(self) -> Future[Heard]:
        """Begin; the future has the devices, or ``RoomRefused`` or ``ConfigError``."""
        self._thread.start()
        return self._ready

    def recorder(self, device: str, purpose: str) -> PulseRecorder:
        """Hear ``device``. Raises ``SoundGone``."""
        return PulseRecorder(device, f"{self.owner} {purpose}", block=BLOCK)

    def player(self, device: str, buffered: int) -> PulsePlayer:
        """Speak into ``device``. Raises ``SoundGone``."""
        return PulsePlayer(device, f"{self.owner} voice", block=BLOCK, buffered=buffered)

    def close(self) -> None:
        """Remove what was made; waits until that is done."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=5.0)

    # ------------------------------------------------------------------ the thread

    def _live(self) -> None:
        while not self._stopping.is_set():
            try:
                self._serve()
            except Exception as error:  # whatever the server's library raises
                if not self._ready.done():
                    known = isinstance(error, MeetbotError)
                    self._ready.set_exception(
                        error if known else RoomRefused(f"{NO_SERVER} ({error})")
                    )
                    return
                self._lost(error)
                self._stopping.wait(RETRY_SECONDS)

    def _lost(self, error: Exception) -> None:
        self._made, self._passed, self._listeners = [], None, Listeners()
        self._tell("the sound server is gone; waiting for it", str(error))
        self._now(Heard())

    def _serve(self) -> None:
        with pulsectl.Pulse(self.owner, connect=False) as pulse:
            pulse.connect(autospawn=False)
            try:
                remove_stale(pulse)
                self._settle(pulse)
                self._first_look()
                self._watch(pulse)
            finally:
                self._remove(pulse)

    def _first_look(self) -> None:
        self._told.discard("the sound server is gone; waiting for it")
        if self._ready.done():
            return
        for setting, name in (("microphone", self._heard.me), ("speakers", self._heard.others)):
            wanted = getattr(self._settings, setting)
            if wanted is not None and name is None:
                raise ConfigError(
                    f"room.camera.{setting}: there is no {setting} {wanted!r}; "
                    "`meetbot camera --list` shows what there is"
                )
        self._ready.set_result(self._heard)

    def _watch(self, pulse: Any) -> None:
        def stirred(_: object) -> None:
            raise pulsectl.PulseLoopStop

        pulse.event_mask_set("sink", "source", "server", "module")
        pulse.event_callback_set(stirred)
        while not self._stopping.is_set():
            pulse.event_listen(timeout=LISTEN_SECONDS)
            self._settle(pulse)

    def _settle(self, pulse: Any) -> None:
        """Make what is missing, and look what is to be heard."""
        sinks, sources = pulse.sink_list(), pulse.source_list()
        made = {device.name for device in (*sinks, *sources) if self._is_mine(device)}
        if len(made) < 2:
            self._remove(pulse)
            self._furnish(pulse)
            sinks, sources = pulse.sink_list(), pulse.source_list()
        there, settings = as_devices(sinks, sources, pulse.server_info()), self._settings
        mine = self._chosen(choose_own, there.microphones, there.microphone, settings.microphone)
        loud = self._chosen(choose_monitor, there.speakers, there.speaker, settings.speakers)
        me = mine.name if mine is not None else None
        monitors = (one for one in there.microphones if one.monitor)
        others = next((one.name for one in monitors if loud and one.of == loud.name), None)
        self._pass(pulse, me)
        self._listeners.keep(pulse, self.source)
        self._now(Heard(self.sink, me, others))

    def _chosen(
        self,
        choose: Callable[[Sequence[Device], str | None, str | None], Device | None],
        devices: Sequence[Device],
        default: str | None,
        wanted: str | None,
    ) -> Device | None:
        """None: there is none now. What cannot be meant is an error before the bot is in only."""
        try:
            return choose(devices, default, wanted)
        except ConfigError:
            if not self._ready.done():
                raise
            return None

    def _is_mine(self, device: Any) -> bool:
        return bool(device.proplist.get(OWNER) == self.owner)

    def _now(self, heard: Heard) -> None:
        if heard != self._heard:
            self._heard = heard
            self._changed(heard)

    def _tell(self, line: str, detail: str = "") -> None:
        if line not in self._told:
            self._told.add(line)
            log.warning("%s%s", line, f" ({detail})" if detail else "")

    # ------------------------------------------------------------------ modules

    def _furnish(self, pulse: Any) -> None:
        taken = {device.name for device in (*pulse.sink_list(), *pulse.source_list())}
        number = next(
            n for n in range(1, 100) if not {_numbered(SINK, n), _numbered(SOURCE, n)} & taken
        )
        before = pulse.server_info()
        self.sink, self.source = _numbered(SINK, number), _numbered(SOURCE, number)
        self.label = LABEL if number == 1 else f"{LABEL} {number}"
        sink = f"sink_name={self.sink} rate=48000 channels=1 channel_map=mono "
        sink += self._properties("sink", "Meetbot voice (not for listening)")
        try:
            self._load(pulse, "module-null-sink", f"{sink} norewinds=1")
        except RoomRefused:
            self._load(pulse, "module-null-sink", sink)  # PulseAudio before 15
        self._load(
            pulse,
            "module-remap-source",
            f"source_name={self.source} master={self.sink}.monitor "
            + self._properties("source", self.label),
        )
        self._give_back(pulse, before)

    def _properties(self, kind: str, label: str) -> str:
        return f"{kind}_properties=\"device.description='{label}' {OWNER}='{self.owner}'\""

    def _load(self, pulse: Any, module: str, arguments: str) -> int:
        try:
            index = int(pulse.module_load(module, arguments))
        except pulsectl.PulseError:
            raise RoomRefused(
                f"the sound server does not take {module}, of which the virtual microphone is "
                "made; it may be one that allows no modules (a container's), or lack its packages"
            ) from None
        self._made.append(index)
        return index

    def _give_back(self, pulse: Any, before: Any) -> None:
        """The default devices stay the user's."""
        after = pulse.server_info()
        if after.default_sink_name == self.sink != before.default_sink_name:
            _make_default(pulse, pulse.sink_list(), before.default_sink_name)
        if after.default_source_name == self.source != before.default_source_name:
            _make_default(pulse, pulse.source_list(), before.default_source_name)

    def _pass(self, pulse: Any, me: str | None) -> None:
        """Lead one's own microphone into the virtual one, without a detour through Python."""
        wanted = me if self._settings.pass_microphone else None
        if self._passed is not None and self._passed[1] not in {
            m.index for m in pulse.module_list()
        }:
            self._made.remove(self._passed[1])
            self._passed = None
        if wanted == (self._passed[0] if self._passed else None):
            return
        if self._passed is not None:
            _unload(pulse, [self._passed[1]])
            self._made.remove(self._passed[1])
            self._passed = None
        if wanted is not None:
            self._lead(pulse, wanted)

    def _lead(self, pulse: Any, source: str) -> None:
        mark = f"\"{OWNER}='{self.owner}'\""
        try:
            index = self._load(
                pulse,
                "module-loopback",
                f"source={source} sink={self.sink} latency_msec={PASS_LATENCY_MS} "
                "source_dont_move=true sink_dont_move=true "
                f"source_output_properties={mark} sink_input_properties={mark}",
            )
        except RoomRefused as error:
            if not self._ready.done():
                raise
            log.debug("%s may have been unplugged just now: %s", source, error)
        else:
            self._passed = (source, index)

    def _remove(self, pulse: Any) -> None:
        made, self._made, self._passed = self._made, [], None
        try:
            _unload(pulse, made[::-1])
        except SERVER_ERRORS:
            log.debug("the sound server is gone, and what was made there with it")


def remove_stale(pulse: Any) -> int:
    """Unload what a Meetbot that is no longer there left behind; how many modules that were."""
    for _ in range(LOOKS):
        alive = {client.name for client in pulse.client_list()}
        if not any(_is_dying(name) for name in alive):
            break
        threading.Event().wait(LOOK_SECONDS)
    stale = [
        module.index
        for module in pulse.module_list()
        if (owner := OWNED.search(module.argument or "")) and owner[1] not in alive
    ]
    _unload(pulse, sorted(stale, reverse=True))
    return len(stale)


def _is_dying(client: str) -> bool:
    """Whether the server has not noticed yet that one of us is gone.

    A process id alone proves nothing: the other may live in a container of its own.
    """
    found = OWNED.fullmatch(f"{OWNER}={client}")
    if found is None:
        return False
    try:
        os.kill(int(found[1].split("-")[1]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}_{number}"


def _unload(pulse: Any, indices: Sequence[int]) -> None:
    """Unload modules in this order, and see to it that they are gone: the server does so later."""
    for index in indices:
        try:
            pulse.module_unload(index)
        except pulsectl.PulseError:
            log.debug("module %d is gone already", index)
    for _ in range(LOOKS):
        if not {module.index for module in pulse.module_list()} & set(indices):
            return
        threading.Event().wait(LOOK_SECONDS)


def _make_default(pulse: Any, devices: list[Any], name: str | None) -> None:
    for device in devices:
        if device.name == name:
            pulse.default_set(device)
