"""What Meetbot calls of the C library espeak-ng (GPL-3.0-or-later), version 1.49 and later.

https://github.com/espeak-ng/espeak-ng: ``src/include/espeak-ng/speak_lib.h``. The library holds
one voice and one text at a time for the whole process, so there is one of it, behind a lock.
"""

from __future__ import annotations

import ctypes
import math
import threading
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    Union,
    c_char,
    c_char_p,
    c_int,
    c_short,
    c_ubyte,
    c_uint,
    c_void_p,
)
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import espeakng_loader
import numpy as np

from meetbot.core.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["EspeakLibrary", "Uttered", "shared_library"]

SYNCHRONOUS = 2
PHONEME_EVENTS, IN_IPA, DONT_EXIT = 0x1, 0x2, 0x8000
UTF8, END_PAUSE = 0x1, 0x1000
PITCH = 3
END_OF_LIST, WORD, PHONEME = 0, 1, 7


class _Identity(Union):
    _fields_ = (("number", c_int), ("name", c_char_p), ("string", c_char * 8))


class _Event(Structure):
    _fields_ = (
        ("type", c_int),
        ("unique_identifier", c_uint),
        ("text_position", c_int),
        ("length", c_int),
        ("audio_position", c_int),
        ("sample", c_int),
        ("user_data", c_void_p),
        ("id", _Identity),
    )


class _Voice(Structure):
    _fields_ = (
        ("name", c_char_p),
        ("languages", c_char_p),
        ("identifier", c_char_p),
        ("gender", c_ubyte),
        ("age", c_ubyte),
        ("variant", c_ubyte),
        ("xx1", c_ubyte),
        ("score", c_int),
        ("spare", c_void_p),
    )


_Callback = CFUNCTYPE(c_int, POINTER(c_short), c_int, POINTER(_Event))


@dataclass(slots=True)
class Uttered:
    """Sound, and what begins at which second of it.

    ``words``: (first character, its length, second); ``phonemes``: (IPA or a pause, second).
    """

    blocks: list[NDArray[np.int16]] = field(default_factory=list)
    words: list[tuple[int, int, float]] = field(default_factory=list)
    phonemes: list[tuple[str, float]] = field(default_factory=list)

    def samples(self) -> NDArray[np.float32]:
        """The sound so far, full scale ±1."""
        if not self.blocks:
            return np.zeros(0, dtype=np.float32)
        return (np.concatenate(self.blocks) / 32768).astype(np.float32)


class EspeakLibrary:
    """The library of the wheel ``espeakng-loader``, with that wheel's data."""

    def __init__(self) -> None:
        library = espeakng_loader.load_library()
        if library is None:
            raise EngineError("espeak-ng's library cannot be opened; install espeakng-loader again")
        self._library = library
        self._lock = threading.Lock()
        self._current = Uttered()
        self._wanted: Callable[[], bool] = bool
        _declare(library)
        data = espeakng_loader.get_data_path().encode()
        self.rate = library.espeak_Initialize(
            SYNCHRONOUS, 60, data, PHONEME_EVENTS | IN_IPA | DONT_EXIT
        )
        if self.rate <= 0:
            raise EngineError("espeak-ng finds no data; install espeakng-loader again")
        self._callback = _Callback(self._hear)
        library.espeak_SetSynthCallback(self._callback)

    @property
    def version(self) -> str:
        """The library's own version."""
        return str(self._library.espeak_Info(None).decode().split()[0])

    def languages(self) -> dict[str, str]:
        """Codes as ``de`` or ``en-gb``, the usual one of each language first, and their voices."""
        voices = self._library.espeak_ListVoices(None)
        found: list[tuple[int, str, str]] = []
        index = 0
        while voices[index]:
            voice = voices[index].contents
            rank, code = voice.languages[0], voice.languages[1:].decode(errors="ignore")
            found.append((rank, code, voice.identifier.decode()))
            index += 1
        codes: dict[str, str] = {}
        for _, code, identifier in sorted(found):
            codes.setdefault(code, identifier)
        return codes

    def say(self, text: str, *, voice: str, pitch: float, wanted: Callable[[], bool]) -> Uttered:
        """The sound of ``text``; cut off where ``wanted`` turns false. Raises ``EngineError``."""
        with self._lock:
            self._current, self._wanted = Uttered(), wanted
            if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
                raise EngineError(f"espeak-ng has no voice {voice!r}")
            percent = round(50 + 50 * math.log2(pitch))
            self._library.espeak_SetParameter(PITCH, min(100, max(0, percent)), 0)
            encoded = text.encode() + b"\0"
            done = self._library.espeak_Synth(
                encoded, len(encoded), 0, 1, 0, UTF8 | END_PAUSE, None, None
            )
            if done != 0:
                raise EngineError(f"espeak-ng cannot say {text[:40]!r}: error {done}")
            return self._current

    def _hear(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self._current.blocks.append(np.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while events[index].type != END_OF_LIST:
            event = events[index]
            at = event.sample / self.rate
            if event.type == WORD:
                self._current.words.append((event.text_position - 1, event.length, at))
            elif event.type == PHONEME:
                self._current.phonemes.append((event.id.string.decode(errors="ignore"), at))
            index += 1
        return int(not self._wanted())


@cache
def shared_library() -> EspeakLibrary:
    """The one of this process."""
    return EspeakLibrary()


def _declare(library: Any) -> None:
    library.espeak_Initialize.argtypes = (c_int, c_int, c_char_p, c_int)
    library.espeak_SetSynthCallback.argtypes = (_Callback,)
    library.espeak_SetSynthCallback.restype = None
    library.espeak_SetVoiceByName.argtypes = (c_char_p,)
    library.espeak_SetParameter.argtypes = (c_int, c_int, c_int)
    library.espeak_Info.restype = c_char_p
    library.espeak_Info.argtypes = (c_void_p,)
    library.espeak_ListVoices.restype = POINTER(POINTER(_Voice))
    library.espeak_ListVoices.argtypes = (c_void_p,)
    library.espeak_Synth.argtypes = (
        c_char_p, ctypes.c_size_t, c_uint, c_int, c_uint, c_uint, c_void_p, c_void_p,
    )  # fmt: skip
