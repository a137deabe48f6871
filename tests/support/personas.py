"""Parts for tests of personas: a finder that knows where faces are, voices that are tones."""

from __future__ import annotations

import asyncio
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.errors import EngineError
from meetbot.core.voice import FoundFace, Speech

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.core.voice import Portrait, Voice

__all__ = [
    "ColourFace",
    "KnowingFinder",
    "LevelActivity",
    "ToneSynthesizer",
    "face_at",
    "harmonics",
]

RATE = 16_000


def face_at(
    left: float, top: float, height: float, *, turned: float = 0.0, tilted: float = 0.0
) -> FoundFace:
    """The default face's landmarks there; ``turned`` to the side and ``tilted`` in degrees."""
    with files("meetbot.personas").joinpath("default", "landmarks.npy").open("rb") as file:
        points = np.load(file).astype(float)
    points -= points.mean(axis=0)
    points *= height / np.ptp(points[:, 1])
    yaw, roll = np.deg2rad(turned), np.deg2rad(tilted)
    for axes, angle in (([0, 2], yaw), ([0, 1], roll)):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        points[:, axes] = points[:, axes] @ turn.T
    points[:, :2] += np.array([left, top]) - points[:, :2].min(axis=0)
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return FoundFace(box, 0.9, points.astype(np.float32))


class KnowingFinder:
    """Finds what it was told, in the first picture; nothing in later ones."""

    def __init__(self, *faces: FoundFace) -> None:
        self._faces = faces
        self.asked = 0

    async def find(self, pixels: NDArray[np.uint8]) -> tuple[FoundFace, ...]:
        self.asked += 1
        return self._faces if self.asked == 1 else ()


class LevelActivity:
    """Whatever is loud and has a pitch is speech: noise has no peak in its spectrum."""

    def open(self) -> LevelActivity:
        return self

    def probability(self, window: NDArray[np.float32]) -> float:
        spectrum = np.abs(np.fft.rfft(window))
        loud = float(np.sqrt(np.square(window).mean())) > 0.02
        return 1.0 if loud and spectrum.max() > 8 * np.median(spectrum) else 0.0

    def reset(self) -> None:
        pass


def harmonics(hz: float, seconds: float, rate: int = RATE) -> NDArray[np.float32]:
    """A buzz of that pitch."""
    at = np.arange(int(seconds * rate)) / rate
    sound = sum(np.sin(2 * np.pi * hz * k * at) / k for k in range(1, 8))
    return np.asarray(0.1 * sound, np.float32)


class ToneSynthesizer:
    """Each voice hums a pitch for a second; ``broken`` ones raise."""

    languages = frozenset({"en"})

    def __init__(self, pitches: Mapping[str, float], *, broken: tuple[str, ...] = ()) -> None:
        self.name = "tone-1"
        self._pitches = pitches
        self._broken = broken
        self.spoken: list[str | None] = []

    def voices(self, language: str) -> tuple[str, ...]:
        return tuple(self._pitches) if language == "en" else ()

    async def speak(self, text: str, *, language: str, voice: Voice) -> AsyncGenerator[Speech]:
        self.spoken.append(voice.name)
        if voice.name in self._broken:
            raise EngineError("this voice is broken")
        hz = self._pitches[voice.name or next(iter(self._pitches))]
        for part in range(2):
            yield Speech(harmonics(hz, 0.5, 24_000), 24_000, f"{text} {part}")


class ColourFace:
    """A face engine: what it prepares is a colour; a stream is that colour, and white in speech."""

    def __init__(self, name: str = "colour-1", *, fails: bool = False) -> None:
        self.name = name
        self._fails = fails
        self.prepared = 0

    async def prepare(
        self, portrait: Portrait, folder: Path, progress: Callable[[float], None]
    ) -> None:
        self.prepared += 1
        colour = portrait.pixels.mean(axis=(0, 1)).astype(np.uint8).tobytes()
        await asyncio.to_thread((folder / "colour").write_bytes, colour)
        progress(0.5)
        if self._fails:
            raise EngineError("no paint left")
        progress(1.0)

    async def open(self, folder: Path) -> ColourStream:
        colour = await asyncio.to_thread((folder / "colour").read_bytes)
        return ColourStream(np.frombuffer(colour, np.uint8))


class ColourStream:
    """White while something is said."""

    size = (128, 96)

    def __init__(self, colour: NDArray[np.uint8]) -> None:
        self._still = np.broadcast_to(colour, (96, 128, 3))
        self._white = np.full((96, 128, 3), 255, np.uint8)
        self._spoken: list[tuple[float, float]] = []

    def speak(self, speech: Speech, at_s: float) -> None:
        self._spoken.append((at_s, at_s + len(speech.samples) / speech.sample_rate))

    def hush(self, at_s: float) -> None:
        self._spoken = [(start, min(end, at_s)) for start, end in self._spoken]

    async def render(self, at_s: float) -> NDArray[np.uint8]:
        speaking = any(start <= at_s < end for start, end in self._spoken)
        return self._white if speaking else self._still

    def close(self) -> None:
        pass
