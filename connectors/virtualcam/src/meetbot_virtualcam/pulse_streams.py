"""Sound to and from PulseAudio, or PipeWire's server of its protocol, by libpulse.

One thread owns a stream and runs its main loop, so nothing polls and nothing calls back. A stream
never moves to another device by itself (the bot's own microphone could be that one): when its
device goes, it ends.
"""

from __future__ import annotations

import ctypes
import threading
from abc import ABC, abstractmethod
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from meetbot.core.clock import NS_PER_S
from meetbot_virtualcam.sound_ports import RATE, SoundGone

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PulsePlayer", "PulseRecorder"]

BYTES_PER_SAMPLE = 2
S16LE = 3
ANY = 0xFFFF_FFFF
NO_AUTOSPAWN = 0x1
INTERPOLATE_TIMING, AUTO_TIMING_UPDATE, DONT_MOVE, ADJUST_LATENCY = 0x2, 0x8, 0x200, 0x2000
FLAGS = INTERPOLATE_TIMING | AUTO_TIMING_UPDATE | DONT_MOVE | ADJUST_LATENCY
CONTEXT_READY, CONTEXT_FAILED = 4, 5
STREAM_READY, STREAM_FAILED = 2, 3

_POINTERS = (
    "stream_get_timing_info",
    "mainloop_new",
    "mainloop_get_api",
    "context_new",
    "stream_new",
)
_SIZES = ("stream_readable_size", "stream_writable_size")


class _SampleSpec(ctypes.Structure):
    _fields_ = (
        ("format", ctypes.c_int),
        ("rate", ctypes.c_uint32),
        ("channels", ctypes.c_uint8),
    )


class _BufferAttr(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize")
    )


@cache
def _library() -> Any:
    """libpulse. Raises ``SoundGone``."""
    try:
        pulse = ctypes.CDLL("libpulse.so.0")
    except OSError:
        raise SoundGone("PulseAudio's client library is missing; install libpulse0") from None
    for name in _POINTERS:
        getattr(pulse, f"pa_{name}").restype = ctypes.c_void_p
    for name in _SIZES:
        getattr(pulse, f"pa_{name}").restype = ctypes.c_size_t
    pulse.pa_strerror.restype = ctypes.c_char_p
    return pulse


class _TimingInfo(ctypes.Structure):
    """``pa_timing_info``, as far as it is needed."""

    _fields_ = (
        ("seconds", ctypes.c_long),
        ("microseconds", ctypes.c_long),
        ("synchronized_clocks", ctypes.c_int),
        ("sink_usec", ctypes.c_uint64),
        ("source_usec", ctypes.c_uint64),
        ("transport_usec", ctypes.c_uint64),
        ("playing", ctypes.c_int),
        ("write_index_corrupt", ctypes.c_int),
        ("write_index", ctypes.c_int64),
        ("read_index_corrupt", ctypes.c_int),
        ("read_index", ctypes.c_int64),
        ("configured_sink_usec", ctypes.c_uint64),
    )


class _Stream(ABC):
    def __init__(self, device: str, name: str) -> None:
        self._pulse = _library()
        self._device = device
        self._stopped = False
        self._guard = threading.Lock()
        self._stream: ctypes.c_void_p | None = None
        self._loop: ctypes.c_void_p | None = ctypes.c_void_p(self._pulse.pa_mainloop_new())
        api = ctypes.c_void_p(self._pulse.pa_mainloop_get_api(self._loop))
        self._context = ctypes.c_void_p(self._pulse.pa_context_new(api, b"Meetbot"))
        try:
            self._pulse.pa_context_connect(self._context, None, NO_AUTOSPAWN, None)
            while self._context_state() != CONTEXT_READY:
                self._turn()
            spec = _SampleSpec(S16LE, RATE, 1)
            self._stream = ctypes.c_void_p(
                self._pulse.pa_stream_new(self._context, name.encode(), ctypes.byref(spec), None)
            )
            self._connect(device.encode())
            while self._pulse.pa_stream_get_state(self._stream) != STREAM_READY:
                self._turn()
        except BaseException:
            self.close()
            raise

    @abstractmethod
    def _connect(self, device: bytes) -> None:
        """Ask the server for the stream, to or from ``device``."""

    def stop(self) -> None:
        """Make what waits in this stream raise ``SoundGone``; from any thread."""
        with self._guard:
            self._stopped = True
            if self._loop is not None:
                self._pulse.pa_mainloop_wakeup(self._loop)

    def close(self) -> None:
        """End the stream; what was not played yet is not played."""
        with self._guard:
            loop, self._loop = self._loop, None
        if loop is None:
            return
        if self._stream is not None:
            self._pulse.pa_stream_disconnect(self._stream)
            self._pulse.pa_stream_unref(self._stream)
        self._pulse.pa_context_disconnect(self._context)
        self._pulse.pa_context_unref(self._context)
        self._pulse.pa_mainloop_free(loop)

    @property
    def latency_ns(self) -> int:
        """How long ago the next sample to be read sounded, or until the next one written does."""
        microseconds, negative = ctypes.c_uint64(0), ctypes.c_int(0)
        if self._pulse.pa_stream_get_latency(
            self._stream, ctypes.byref(microseconds), ctypes.byref(negative)
        ):
            return 0
        return 0 if negative.value else microseconds.value * 1_000

    def _turn(self, *, wait: bool = True) -> int:
        """One turn of the main loop. Raises ``SoundGone`` when there is nothing to wait for."""
        did: int = self._pulse.pa_mainloop_iterate(self._loop, int(wait), None)
        if self._stopped:
            raise SoundGone(f"the sound device {self._device} was let go")
        failed = self._stream is not None and (
            self._pulse.pa_stream_get_state(self._stream) >= STREAM_FAILED
        )
        if did < 0 or failed or self._context_state() >= CONTEXT_FAILED:
            reason = self._pulse.pa_strerror(self._pulse.pa_context_errno(self._context)).decode()
            raise SoundGone(f"the sound device {self._device} cannot be used: {reason}")
        return did

    def _context_state(self) -> int:
        return int(self._pulse.pa_context_get_state(self._context))


class PulseRecorder(_Stream):
    """Records ``device``, a source's name: int16 mono at 48 kHz, ``block`` samples at a time.

    ``name`` is how others see the recording. Raises ``SoundGone``.
    """

    def __init__(self, device: str, name: str, *, block: int) -> None:
        self._block = block
        self._held = bytearray()
        super().__init__(device, name)

    def _connect(self, device: bytes) -> None:
        attr = _BufferAttr(ANY, ANY, ANY, ANY, self._block * BYTES_PER_SAMPLE)
        self._pulse.pa_stream_connect_record(self._stream, device, ctypes.byref(attr), FLAGS)

    def read(self) -> tuple[NDArray[np.int16], int]:
        """The next block, waited for, and how long ago (ns) its first sample sounded."""
        wanted = self._block * BYTES_PER_SAMPLE
        while len(self._held) < wanted:
            if self._pulse.pa_stream_readable_size(self._stream):
                self._take()
            else:
                self._turn()
        samples = np.frombuffer(bytes(self._held[:wanted]), dtype=np.int16)
        ahead = len(self._held) // BYTES_PER_SAMPLE
        del self._held[:wanted]
        return samples, self.latency_ns + ahead * NS_PER_S // RATE

    def _take(self) -> None:
        data, size = ctypes.c_void_p(), ctypes.c_size_t()
        self._pulse.pa_stream_peek(self._stream, ctypes.byref(data), ctypes.byref(size))
        self._held += ctypes.string_at(data.value, size.value) if data.value else bytes(size.value)
        if size.value:
            self._pulse.pa_stream_drop(self._stream)


class PulsePlayer(_Stream):
    """Plays into ``device``, a sink's name; ``buffered`` samples wait there. Raises ``SoundGone``.

    When nothing comes, the sink goes on with silence.
    """

    def __init__(self, device: str, name: str, *, block: int, buffered: int) -> None:
        self._block = block
        self._buffered = buffered
        super().__init__(device, name)

    def _connect(self, device: bytes) -> None:
        block, buffered = self._block * BYTES_PER_SAMPLE, self._buffered * BYTES_PER_SAMPLE
        attr = _BufferAttr(ANY, buffered, block, block, ANY)
        self._pulse.pa_stream_connect_playback(
            self._stream, device, ctypes.byref(attr), FLAGS, None, None
        )

    @property
    def latency_ns(self) -> int:
        """How much is in the server's buffers and the device's."""
        self._tend()
        return super().latency_ns

    @property
    def delay_ns(self) -> int:
        """How long until the next sample that is written is in the sink's monitor.

        A monitor hears what the sink has taken, before it is played.
        """
        info = self._pulse.pa_stream_get_timing_info(self._stream)
        if not info:
            return 0
        timing = ctypes.cast(info, ctypes.POINTER(_TimingInfo)).contents
        return max(0, super().latency_ns - int(timing.configured_sink_usec) * 1_000)

    def write(self, samples: NDArray[np.int16]) -> None:
        """Give ``samples`` to the device; never waits."""
        data = np.ascontiguousarray(samples).tobytes()
        self._pulse.pa_stream_write(
            self._stream, data, ctypes.c_size_t(len(data)), None, ctypes.c_int64(0), 0
        )
        self._tend()

    def _tend(self) -> None:
        while self._turn(wait=False):
            pass
