"""A PulseAudio daemon of the test's own, and second programs that record from it and play to it.

It has no hardware: the null sink ``speakers`` stands for the loudspeakers, and ``headset`` is a
microphone that hears what is played into the null sink ``mouth``.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.core.clock import monotonic_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["PulseServer", "Recording", "level", "loudest", "running_pulse", "tone"]

RATE = 48_000
RAW = ("--raw", "--format=s16le", f"--rate={RATE}", "--channels=1")
SCRIPT = """
load-module module-native-protocol-unix auth-anonymous=1 socket={socket}
load-module module-null-sink sink_name=speakers rate=48000 norewinds=1
load-module module-null-sink sink_name=mouth rate=48000 norewinds=1
load-module module-remap-source source_name=headset master=mouth.monitor
set-default-sink speakers
set-default-source headset
"""


class Recording:
    """What a second program has recorded so far: int16 mono at 48 kHz."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._pieces: list[bytes] = []
        self._grown = threading.Condition()
        self.ends: list[tuple[int, int]] = []
        """Samples so far, and the monotonic time (ns) at which the last of them was there."""
        self.thread = threading.Thread(target=self._read, name="recording", daemon=True)

    @property
    def sound(self) -> NDArray[np.int16]:
        """All of it."""
        whole = b"".join(self._pieces)
        return np.frombuffer(whole[: len(whole) // 2 * 2], dtype=np.int16)

    def arrived_ns(self, index: int) -> int:
        """When the sample of ``index`` was there."""
        return next(at_ns for end, at_ns in self.ends if end > index)

    async def until(self, samples: int) -> NDArray[np.int16]:
        """The sound as soon as there are so many samples of it."""
        await asyncio.to_thread(self._wait, samples)
        return self.sound

    async def hears(self, hertz: float) -> None:
        """Return when the last 200 ms are a tone of ``hertz``."""
        await asyncio.to_thread(self._hears, hertz)

    def _hears(self, hertz: float) -> None:
        with self._grown:
            assert self._grown.wait_for(lambda: level(self._latest(), hertz) > 0.2, timeout=20.0)

    def _latest(self) -> NDArray[np.int16]:
        latest = b"".join(self._pieces[-400:])[-2 * RATE // 5 :]
        return np.frombuffer(latest[len(latest) % 2 :], dtype=np.int16)

    def _wait(self, samples: int) -> None:
        with self._grown:
            enough = lambda: bool(self.ends) and self.ends[-1][0] >= samples  # noqa: E731
            assert self._grown.wait_for(enough, timeout=20.0)

    def _read(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        size = 0
        while piece := stdout.read1(65_536):  # type: ignore[attr-defined]
            size += len(piece)
            with self._grown:
                self._pieces.append(piece)
                self.ends.append((size // 2, monotonic_ns()))
                self._grown.notify_all()


@dataclass(slots=True)
class PulseServer:
    """A running daemon; ``address`` goes into ``PULSE_SERVER``."""

    address: str
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def env(self) -> dict[str, str]:
        """The environment of a program that is to use this daemon and nothing of the user's."""
        return os.environ | {
            "PULSE_SERVER": self.address,
            "PULSE_RUNTIME_PATH": str(self.folder),
            "XDG_RUNTIME_DIR": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder),
            "PULSE_COOKIE": str(self.folder / "cookie"),
        }

    def start(self, *, allow_modules: bool = True) -> None:
        """Start it, or start it again at the same address; returns when it answers."""
        script = self.folder / "daemon.pa"
        script.write_text(SCRIPT.format(socket=self.address.removeprefix("unix:")))
        options = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
        if not allow_modules:
            options.append("--disallow-module-loading=yes")
        self.process = subprocess.Popen(
            ["pulseaudio", *options, "-F", str(script)],
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(100):
            if self._answers():
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                raise RuntimeError(f"pulseaudio ended with {self.process.wait(0.1)}")
        raise RuntimeError("pulseaudio does not answer")

    def stop(self) -> None:
        """End it at once, as a crash would; its devices are gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def control(self, *words: str) -> str:
        """What ``pactl`` answers."""
        done = subprocess.run(
            ["pactl", *words], env=self.env, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def unload(self, device: str) -> None:
        """Unplug the sink or source named ``device``."""
        for line in self.control("list", "short", "modules").splitlines():
            index, _, arguments = line.split("\t")[:3]
            if f"_name={device} " in f"{arguments} ":
                self.control("unload-module", index)

    def names(self, kind: str) -> list[str]:
        """The names of all ``sinks``, ``sources``, ``modules``…"""
        lines = self.control("list", "short", kind).splitlines()
        return [line.split("\t")[1] for line in lines]

    async def until(self, done: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until ``done``, which is asked on another thread, holds."""
        await asyncio.to_thread(_until, done, seconds)

    @contextlib.contextmanager
    def recording(self, source: str) -> Iterator[Recording]:
        """A second program (``parec``) records from ``source``."""
        words = ["parec", f"--device={source}", "--latency-msec=10", *RAW]
        with _running(words, self.env, stdout=subprocess.PIPE) as process:
            recording = Recording(process)
            recording.thread.start()
            try:
                yield recording
            finally:
                process.kill()
                recording.thread.join()

    @contextlib.contextmanager
    def playing(self, sink: str, sound: NDArray[np.int16]) -> Iterator[subprocess.Popen[bytes]]:
        """A second program (``paplay``) plays ``sound`` into ``sink``."""
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".raw") as file:
            file.write(sound.tobytes())
            file.flush()
            words = ["paplay", f"--device={sink}", "--latency-msec=20", *RAW, file.name]
            with _running(words, self.env) as process:
                yield process

    def _answers(self) -> bool:
        asked = subprocess.run(["pactl", "info"], env=self.env, capture_output=True)
        return asked.returncode == 0


def _until(done: Callable[[], bool], seconds: float) -> None:
    pause = threading.Event()
    deadline_ns = monotonic_ns() + seconds * 1e9
    while not done():
        assert monotonic_ns() < deadline_ns, "it did not happen in time"
        pause.wait(0.02)


@contextlib.contextmanager
def running_pulse() -> Iterator[PulseServer]:
    """A daemon of our own, gone at the end."""
    if shutil.which("pulseaudio") is None:
        pytest.fail("PulseAudio is missing; run scripts/install-pulseaudio.sh")
    with tempfile.TemporaryDirectory(prefix="pulse-") as name:
        folder = Path(name)
        server = PulseServer(f"unix:{folder / 'native'}", folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def _running(
    words: Sequence[str], env: dict[str, str], stdout: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(words, env=env, stdout=stdout, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def tone(hertz: float, seconds: float, amplitude: float = 0.3) -> NDArray[np.int16]:
    """A sine, int16 mono at 48 kHz."""
    at = np.arange(round(seconds * RATE)) / RATE
    return np.round(np.sin(2 * np.pi * hertz * at) * amplitude * 32_767).astype(np.int16)


def level(sound: NDArray[np.int16], hertz: float) -> float:
    """The amplitude, 0…1, of the sine of ``hertz`` in ``sound``."""
    if not len(sound):
        return 0.0
    at = np.arange(len(sound)) / RATE
    wave = sound.astype(np.float64) / 32_767 * np.hanning(len(sound)) * 2
    return float(2 * np.abs(np.mean(wave * np.exp(-2j * np.pi * hertz * at))))


def loudest(sound: NDArray[np.int16]) -> float:
    """The loudest frequency in Hz."""
    spectrum = np.abs(np.fft.rfft(sound.astype(np.float64) * np.hanning(len(sound))))
    return float(np.argmax(spectrum[1:]) + 1) * RATE / len(sound)
