"""What Meetbot calls of the C library of RHVoice (LGPL-2.1-or-later), version 1.2 and later.

https://github.com/RHVoice/RHVoice: ``src/include/RHVoice.h``.
"""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_char_p,
    c_double,
    c_int,
    c_short,
    c_uint,
    c_void_p,
)
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from meetbot.core.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["RhvoiceLibrary", "Utterance"]

SONAMES = ("libRHVoice.so.5", "libRHVoice.so", "libRHVoice.dylib", "RHVoice.dll")
OLDEST = (1, 2)
ADVICE = "on Debian as root: scripts/install-rhvoice.sh"

_SetRate = CFUNCTYPE(c_int, c_int, c_void_p)
_Play = CFUNCTYPE(c_int, POINTER(c_short), c_uint, c_void_p)
_Mark = CFUNCTYPE(c_int, c_char_p, c_void_p)
_Place = CFUNCTYPE(c_int, c_uint, c_uint, c_void_p)
_Done = CFUNCTYPE(None, c_void_p)


class _Callbacks(Structure):
    _fields_ = (
        ("set_sample_rate", _SetRate),
        ("play_speech", _Play),
        ("process_mark", _Mark),
        ("word_starts", _Place),
        ("word_ends", _Place),
        ("sentence_starts", _Place),
        ("sentence_ends", _Place),
        ("play_audio", _Mark),
        ("done", _Done),
    )


class _InitParams(Structure):
    _fields_ = (
        ("data_path", c_char_p),
        ("config_path", c_char_p),
        ("resource_paths", POINTER(c_char_p)),
        ("callbacks", _Callbacks),
        ("options", c_uint),
    )


class _SynthParams(Structure):
    _fields_ = (
        ("voice_profile", c_char_p),
        ("absolute_rate", c_double),
        ("absolute_pitch", c_double),
        ("absolute_volume", c_double),
        ("relative_rate", c_double),
        ("relative_pitch", c_double),
        ("relative_volume", c_double),
        ("punctuation_mode", c_int),
        ("punctuation_list", c_char_p),
        ("capitals_mode", c_int),
        ("flags", c_int),
    )


class _VoiceInfo(Structure):
    _fields_ = (
        ("language", c_char_p),
        ("name", c_char_p),
        ("gender", c_int),
        ("country", c_char_p),
    )


@dataclass(slots=True)
class Utterance:
    """What the library made of a text: sound, and where its words are.

    ``words``: (first character, its length, first sample, sample after the last).
    """

    rate: int = 0
    blocks: list[NDArray[np.int16]] = field(default_factory=list)
    length: int = 0
    words: list[tuple[int, int, int, int]] = field(default_factory=list)

    def samples(self) -> NDArray[np.float32]:
        """The sound so far, full scale ±1."""
        if not self.blocks:
            return np.zeros(0, dtype=np.float32)
        return (np.concatenate(self.blocks) / 32768).astype(np.float32)


class RhvoiceLibrary:
    """One engine of the library. Its calls belong on one thread."""

    def __init__(self) -> None:
        self._library = _open()
        self._current = Utterance()
        self._wanted: Callable[[], bool] = bool
        self._begun = (0, 0, 0)
        self._callbacks = _Callbacks(
            set_sample_rate=_SetRate(self._set_rate),
            play_speech=_Play(self._play),
            word_starts=_Place(self._word_starts),
            word_ends=_Place(self._word_ends),
        )
        parameters = _InitParams(callbacks=self._callbacks)
        self._engine = self._library.RHVoice_new_tts_engine(ctypes.byref(parameters))
        if not self._engine:
            raise EngineError(f"RHVoice finds no voices; {ADVICE}")

    @property
    def version(self) -> str:
        """The library's own version."""
        return str(self._library.RHVoice_get_version().decode())

    def voices(self) -> dict[str, tuple[str, str]]:
        """Language and gender (``male``, ``female``, ``unknown``) of each voice, by its name."""
        count = self._library.RHVoice_get_number_of_voices(self._engine)
        infos = self._library.RHVoice_get_voices(self._engine)
        genders = {1: "male", 2: "female"}
        return {
            infos[i].name.decode(): (
                infos[i].language.decode(),
                genders.get(infos[i].gender, "unknown"),
            )
            for i in range(count)
        }

    def say(self, text: str, *, voice: str, pitch: float, wanted: Callable[[], bool]) -> Utterance:
        """The sound of ``text``; cut off where ``wanted`` turns false. Raises ``EngineError``."""
        self._current, self._wanted = Utterance(), wanted
        encoded = text.encode()
        parameters = _SynthParams(
            voice_profile=voice.encode(), relative_rate=1, relative_pitch=pitch, relative_volume=1
        )
        message = self._library.RHVoice_new_message(
            self._engine, encoded, len(encoded), 0, ctypes.byref(parameters), None
        )
        if not message:
            raise EngineError(f"RHVoice cannot read {text[:40]!r}")
        try:
            self._library.RHVoice_speak(message)
        finally:
            self._library.RHVoice_delete_message(message)
        return self._current

    def _set_rate(self, rate: int, _user: object) -> int:
        self._current.rate = rate
        return 1

    def _play(self, samples: Any, count: int, _user: object) -> int:
        self._current.blocks.append(np.ctypeslib.as_array(samples, (count,)).copy())
        self._current.length += count
        return int(self._wanted())

    def _word_starts(self, position: int, length: int, _user: object) -> int:
        self._begun = (position, length, self._current.length)
        return int(self._wanted())

    def _word_ends(self, position: int, length: int, _user: object) -> int:
        start = self._begun[2] if self._begun[:2] == (position, length) else self._current.length
        self._current.words.append((position, length, start, self._current.length))
        return int(self._wanted())


def _open() -> Any:
    library = None
    for name in (*SONAMES, ctypes.util.find_library("RHVoice")):
        with contextlib.suppress(OSError):
            library = ctypes.CDLL(name) if name else None
        if library is not None:
            break
    if library is None:
        raise EngineError(f"the library of RHVoice is not on this machine; {ADVICE}")
    _declare(library)
    version = library.RHVoice_get_version().decode()
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        raise EngineError(f"RHVoice {version} is too old; version 1.2 or later is needed")
    return library


def _declare(library: Any) -> None:
    library.RHVoice_get_version.restype = c_char_p
    library.RHVoice_new_tts_engine.argtypes = (POINTER(_InitParams),)
    library.RHVoice_new_tts_engine.restype = c_void_p
    library.RHVoice_get_number_of_voices.argtypes = (c_void_p,)
    library.RHVoice_get_number_of_voices.restype = c_uint
    library.RHVoice_get_voices.argtypes = (c_void_p,)
    library.RHVoice_get_voices.restype = POINTER(_VoiceInfo)
    library.RHVoice_new_message.argtypes = (
        c_void_p, c_char_p, c_uint, c_int, POINTER(_SynthParams), c_void_p,
    )  # fmt: skip
    library.RHVoice_new_message.restype = c_void_p
    library.RHVoice_delete_message.argtypes = (c_void_p,)
    library.RHVoice_delete_message.restype = None
    library.RHVoice_speak.argtypes = (c_void_p,)
    library.RHVoice_speak.restype = c_int
