"""Recordings to measure on: speech with transcripts, and noise to add to it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.errors import InputError
from meetbot.core.types import SAMPLE_RATE
from meetbot.transcribe.media import read_sound

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Recording", "load_noises", "load_recordings", "mix", "noise_clips"]

NOISE_CLIPS = 12
CLIP_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Recording:
    """One person's recorded speech: float32 mono at 16 kHz, and what was said."""

    name: str
    speaker: str
    text: str
    audio: NDArray[np.float32]

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.audio) / SAMPLE_RATE


def load_recordings(folder: Path) -> tuple[Recording, ...]:
    """The recordings that ``folder/transcripts.tsv`` (file, speaker, text) lists.

    Raises ``InputError`` when the list or a recording is not there.
    """
    table = folder / "transcripts.tsv"
    if not table.is_file():
        raise InputError(f"there is no {table}; --data takes a folder with speech in it")
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return tuple(
        Recording(row["file"], row["speaker"], row["text"], read_sound(folder / row["file"]))
        for row in rows
    )


def load_noises(folder: Path) -> tuple[NDArray[np.float32], ...]:
    """The sound files ``noise*`` of ``folder``, sorted. Raises ``InputError`` without any."""
    files = sorted(folder.glob("noise*.wav"))
    if not files:
        raise InputError(f"there is no noise*.wav in {folder}")
    return tuple(read_sound(file) for file in files)


def mix(
    speech: NDArray[np.float32], noise: NDArray[np.float32], snr_db: float
) -> NDArray[np.float32]:
    """Speech with noise (repeated to its length) at a signal-to-noise ratio of their powers."""
    repeated = np.resize(noise, len(speech))
    ratio = np.mean(np.square(speech)) / max(float(np.mean(np.square(repeated))), 1e-12)
    mixed = speech + repeated * np.sqrt(ratio / 10 ** (snr_db / 10))
    clipped: NDArray[np.float32] = np.clip(mixed, -1.0, 1.0).astype(np.float32)
    return clipped


def noise_clips(noises: tuple[NDArray[np.float32], ...]) -> tuple[NDArray[np.float32], ...]:
    """Twelve clips of 10 s without speech: silence, hiss, hum, clicks, and recorded noise."""
    generator = np.random.default_rng(0)
    length = CLIP_SECONDS * SAMPLE_RATE
    hiss = generator.standard_normal(length).astype(np.float32)
    rumble = np.cumsum(hiss).astype(np.float32)
    rumble = (rumble - rumble.mean()) / np.abs(rumble).max()
    hum = np.sin(2 * np.pi * 50 * np.arange(length) / SAMPLE_RATE).astype(np.float32)
    clicks = (generator.random(length) > 0.9995).astype(np.float32)
    made = [
        np.zeros(length, np.float32),
        0.001 * hiss,
        0.05 * hiss,
        0.3 * rumble,
        0.2 * hum,
        clicks,
    ]
    recorded = [
        np.clip(np.resize(noise, length) * gain, -1, 1).astype(np.float32)
        for gain in (1.0, 4.0)
        for noise in noises[:3]
    ]
    return tuple([*made, *recorded][:NOISE_CLIPS])
