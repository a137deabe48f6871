"""A text to a file, as fast as the machine can: speech first, then the face, frame by frame.

Sound and picture have one axis, so they cannot drift: a stretch of speech begins at a sample, and
each frame is rendered for the time that it is shown at.
"""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.clock import NS_PER_S, monotonic_ns
from meetbot.core.errors import InputError
from meetbot.core.voice import VOICE_RATE
from meetbot.core.worker import ModelThread
from meetbot.demo.mp4 import Mp4Writer
from meetbot.demo.timeline import Segment
from meetbot.talking.sound import Resampler
from meetbot.talking.speakable import speakable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.core.ports import FaceStream, Synthesizer
    from meetbot.core.voice import Speech, Voice
    from meetbot.demo.timeline import Tile

__all__ = ["FPS", "MOST_CHARACTERS", "Clip", "render_clip"]

FPS = 25
MOST_CHARACTERS = 5_000
"""Some six minutes of speech."""
LEAD_SECONDS = 0.4
TAIL_SECONDS = 0.8
SAMPLES = VOICE_RATE // FPS
WHOLE: Tile = "stage"
"""What stands alone fills the picture."""
BLOCK = 10
"""Frames that are encoded at a time, while the next are rendered."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip that was made. ``seconds``: how long it is; ``took_s``: how long making it took."""

    path: Path
    seconds: float
    took_s: float
    frames: int

    @property
    def speed(self) -> float:
        """Seconds of clip in a second of work."""
        return self.seconds / max(self.took_s, 1e-9)


@dataclass(frozen=True, slots=True)
class _Said:
    """A stretch of speech and the sample, at 48 kHz, that it begins at."""

    speech: Speech
    start: int


def _silent(_share: float) -> None:
    return None


async def render_clip(
    text: str,
    language: str,
    synthesizer: Synthesizer,
    voice: Voice,
    face: FaceStream,
    path: Path,
    *,
    progress: Callable[[float], None] = _silent,
) -> Clip:
    """Write ``text``, said by ``face``, as H.264 and AAC to ``path``.

    Raises ``InputError`` (nothing to say, too much of it, a file that cannot be written) and
    ``EngineError``. It is there once it is whole.
    """
    began = monotonic_ns()
    if len(text) > MOST_CHARACTERS:
        raise InputError(
            f"the text has {len(text)} characters; {MOST_CHARACTERS} at most: cut it into clips"
        )
    spoken = await asyncio.to_thread(speakable, text, language)
    if not spoken:
        raise InputError("there is nothing to say in this text; give words")
    said, sound = await _said(spoken, language, synthesizer, voice)
    for stretch in said:
        face.speak(stretch.speech, stretch.start / VOICE_RATE)
    frames = len(sound) // SAMPLES
    thread = ModelThread("mp4")
    partial = path.with_name(path.name + ".part")
    try:
        writer = await thread.run(_open, partial, face.size)
        await _write(writer, thread, face, sound, progress)
        await thread.run(writer.finish)
        await thread.run(partial.replace, path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            await thread.run(partial.unlink)
        thread.close()
    return Clip(path, frames / FPS, (monotonic_ns() - began) / NS_PER_S, frames)


def _open(path: Path, size: tuple[int, int]) -> Mp4Writer:
    path.parent.mkdir(parents=True, exist_ok=True)
    return Mp4Writer(path, size, FPS, VOICE_RATE)


async def _said(
    text: str, language: str, synthesizer: Synthesizer, voice: Voice
) -> tuple[list[_Said], NDArray[np.int16]]:
    """The stretches, and all sound from the clip's beginning: whole frames with lead and tail."""
    parts = [np.zeros(round(LEAD_SECONDS * VOICE_RATE), np.int16)]
    said: list[_Said] = []
    length = len(parts[0])
    async with aclosing(synthesizer.speak(text, language=language, voice=voice)) as stretches:
        async for speech in stretches:
            resampler = Resampler(speech.sample_rate)
            part = await asyncio.to_thread(resampler.push, speech.samples, last=True)
            said.append(_Said(speech, length))
            parts.append(part)
            length += len(part)
    if not said:
        raise InputError("there is nothing in this text that the voice can say; give words")
    tail = round(TAIL_SECONDS * VOICE_RATE)
    parts.append(np.zeros(tail + -(length + tail) % SAMPLES, np.int16))
    return said, np.concatenate(parts)


async def _write(
    writer: Mp4Writer,
    thread: ModelThread,
    face: FaceStream,
    sound: NDArray[np.int16],
    progress: Callable[[float], None],
) -> None:
    """Render blocks of frames; the one before is encoded meanwhile."""
    encoding: asyncio.Task[None] | None = None
    frames = len(sound) // SAMPLES
    try:
        async for segment in _segments(face, sound):
            if encoding is not None:
                await encoding
            encoding = asyncio.create_task(thread.run(writer.write, segment))
            progress(segment.end / frames)
        if encoding is not None:
            await encoding
    finally:
        if encoding is not None and not encoding.done():
            await asyncio.gather(encoding, return_exceptions=True)


async def _segments(face: FaceStream, sound: NDArray[np.int16]) -> AsyncIterator[Segment]:
    frames = len(sound) // SAMPLES
    for start in range(0, frames, BLOCK):
        end = min(start + BLOCK, frames)
        pictures = [(slot, WHOLE, await face.render(slot / FPS)) for slot in range(start, end)]
        yield Segment(start, end, tuple(pictures), sound[start * SAMPLES : end * SAMPLES])
