"""Sound of what was said before, kept as bytes: no pickle, and whatever is odd is a miss."""

from __future__ import annotations

import hashlib
import json
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from meetbot.core.types import Word
from meetbot.core.voice import Phone, Speech
from meetbot.talking.sound import FULL_SCALE, to_int16

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meetbot.core.ports import Cache
    from meetbot.core.voice import Voice
    from meetbot.observe import Metrics

__all__ = ["SoundCache", "pack", "unpack"]

MAGIC = b"MBS1"
HEAD = struct.Struct("<4sI")
LONGEST_KEPT_S = 8.0


class SoundCache:
    """What a synthesizer made of a text, by engine, voice, language and text."""

    def __init__(self, cache: Cache, engine: str, metrics: Metrics) -> None:
        self._cache = cache
        self._engine = engine
        self._metrics = metrics

    async def get(self, text: str, language: str, voice: Voice) -> tuple[Speech, ...] | None:
        """The stretches of ``text`` as they were kept; None where there are none."""
        packed = await self._cache.get(self._key(text, language, voice))
        kept = unpack(packed) if packed is not None else None
        self._metrics.count("cache.sound.misses" if kept is None else "cache.sound.hits")
        return kept

    async def put(
        self, text: str, language: str, voice: Voice, stretches: Sequence[Speech]
    ) -> None:
        """Keep all stretches of ``text``; what is longer than 8 s is hardly said again."""
        seconds = sum(len(speech.samples) / speech.sample_rate for speech in stretches)
        if 0 < seconds <= LONGEST_KEPT_S:
            await self._cache.put(self._key(text, language, voice), pack(stretches))

    def _key(self, text: str, language: str, voice: Voice) -> str:
        parts = [self._engine, voice.name, voice.pitch, str(voice.reference), language, text]
        named = json.dumps(parts, ensure_ascii=False).encode()
        return f"sound/1/{hashlib.blake2b(named, digest_size=20).hexdigest()}"


def pack(stretches: Sequence[Speech]) -> bytes:
    """A JSON header with the timings, then int16 samples, one stretch after the other."""
    header = json.dumps(
        [
            {
                "rate": speech.sample_rate,
                "samples": len(speech.samples),
                "text": speech.text,
                "phones": [[p.symbol, p.start_ns, p.end_ns] for p in speech.phones],
                "words": [[w.text, w.start_ns, w.end_ns] for w in speech.words],
                "estimated": speech.estimated,
            }
            for speech in stretches
        ],
        ensure_ascii=False,
    ).encode()
    sound = b"".join(to_int16(speech.samples).astype("<i2").tobytes() for speech in stretches)
    return HEAD.pack(MAGIC, len(header)) + header + sound


def unpack(packed: bytes) -> tuple[Speech, ...] | None:
    """What ``pack`` made; None where the bytes are something else."""
    try:
        magic, size = HEAD.unpack_from(packed)
        if magic != MAGIC:
            return None
        headers = json.loads(packed[HEAD.size : HEAD.size + size])
        sound = np.frombuffer(packed, "<i2", offset=HEAD.size + size)
        if sum(header["samples"] for header in headers) != len(sound):
            return None
        ends = np.cumsum([header["samples"] for header in headers])[:-1]
        parts = np.split(sound.astype(np.float32) / FULL_SCALE, ends)
        return tuple(map(_speech, headers, parts))
    except (ValueError, KeyError, TypeError, struct.error):
        return None


def _speech(header: dict[str, Any], samples: Any) -> Speech:
    return Speech(
        samples=samples,
        sample_rate=int(header["rate"]),
        text=str(header["text"]),
        phones=tuple(Phone(str(s), int(start), int(end)) for s, start, end in header["phones"]),
        words=tuple(Word(str(t), int(start), int(end)) for t, start, end in header["words"]),
        estimated=bool(header["estimated"]),
    )
