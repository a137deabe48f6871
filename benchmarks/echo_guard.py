"""How much of people's speech is taken for the bot's echo, and how much echo for speech.

    PYTHONPATH=tests python benchmarks/echo_guard.py --data DIR [--json]

``DIR``: recordings of people (wav, flac). The bot is the program's own English voice. Three kinds
of meetings: people with a headset who speak into what the bot says, in several degrees of noise;
the bot alone in rooms, at several delays and levels; people who speak into the bot's echo. Told:
windows of 32 ms, and seconds from a person's first sound to the third window that is theirs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from meetbot.core.types import SAMPLE_RATE
from meetbot.demo.voices import record
from meetbot.hearing.intake import WINDOW
from meetbot.models import ModelStore
from meetbot.transcribe.media import read_sound
from support.echoes import in_room, judged, loudness

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Sound = NDArray[np.float32]

SAID = (
    "The weather is made by the sun, which warms the air and the water, so that clouds rise.",
    "A computer takes numbers in, works on them by rules that people wrote, and shows the result.",
    "In a forest one sees tall trees, birds that sing, and sometimes a fox between the leaves.",
    "Bread is made of flour, water and salt; one kneads it, lets it rest, and bakes it an hour.",
)
NOISES = (0.0, 0.0003, 0.002)
DELAYS_MS, LEVELS_DB = (50, 120, 250, 400), (-3, -10, -20, -30)
INTERRUPTIONS = 24
HUMAN_SECONDS = 3
VOICED, FAINT = 0.01, 0.03


def hiss(count: int, level: float) -> Sound:
    """White noise."""
    return np.random.default_rng(1).standard_normal(count).astype(np.float32) * np.float32(level)


def first_heard(theirs: NDArray[np.intp], echo: NDArray[np.bool_]) -> float:
    """Seconds to the third of ``theirs`` (windows with a voice) that is no echo, or to the end."""
    heard = theirs[~echo[theirs]]
    third = heard[2] if len(heard) > 2 else theirs[-1]
    return float((third - theirs[0]) * WINDOW / SAMPLE_RATE)


def headset(bots: list[Sound], people: list[Sound], noise: float) -> dict[str, float]:
    """Share of people's windows that are lost, and the slowest interruption, in seconds."""
    dice = np.random.default_rng(1)
    microphones, sounds = [], []
    for _ in range(INTERRUPTIONS):
        bot, person = bots[dice.integers(len(bots))], people[dice.integers(len(people))]
        at = int(dice.uniform(0.8, 2.5) * SAMPLE_RATE)
        length = max(len(bot), at + len(person)) + 2 * SAMPLE_RATE
        microphones.append(np.pad(person, (at, length - at - len(person))))
        sounds.append(np.pad(bot, (0, length - len(bot))))
    clean = np.concatenate(microphones)
    echo = judged(clean + hiss(len(clean), noise), np.concatenate(sounds))
    theirs = np.flatnonzero(loudness(clean)[: len(echo)] > VOICED)
    turns = np.split(theirs, np.flatnonzero(np.diff(theirs) > SAMPLE_RATE // WINDOW) + 1)
    return {
        "lost": round(float(echo[theirs].mean()), 4),
        "slowest_s": round(max(first_heard(turn, echo) for turn in turns), 3),
    }


def loudspeaker(bots: list[Sound], delay_ms: float, decibels: float) -> tuple[int, int]:
    """Windows of echo that are taken for a voice, of so many."""
    bot = np.concatenate([np.pad(sound, (0, SAMPLE_RATE)) for sound in bots])
    back = in_room(bot, delay_ms, decibels)
    echo = judged(back + hiss(len(back), NOISES[1]), bot)
    there = loudness(back)[: len(echo)] > FAINT * 10 ** (decibels / 20)
    return int((~echo[there]).sum()), int(there.sum())


def over_echo(bots: list[Sound], people: list[Sound], delay_ms: float) -> dict[str, float]:
    """Seconds until a person is heard over the bot's echo at −15 dB: median and slowest."""
    dice = np.random.default_rng(3)
    bot, found = np.concatenate(bots), []
    back = in_room(bot, delay_ms, -15)
    for person in people:
        at = int(dice.uniform(6, 9) * SAMPLE_RATE)
        voice = np.zeros_like(bot)
        spoken = person[: len(bot) - at] / np.abs(person).max() * 0.16
        voice[at : at + len(spoken)] = spoken
        echo = judged(back + voice + hiss(len(bot), NOISES[1]), bot)
        theirs = np.flatnonzero(loudness(voice)[: len(echo)] > VOICED)
        found.append(first_heard(theirs, echo))
    return {"median_s": round(float(np.median(found)), 3), "slowest_s": round(max(found), 3)}


async def bot_sounds() -> list[Sound]:
    """What the bot says, at 16 kHz."""
    with tempfile.TemporaryDirectory() as folder:
        files = await record(SAID, (1.0,), Path(folder), ModelStore())
        return [read_sound(file, SAMPLE_RATE) for file in files]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    files = sorted(file for kind in ("*.wav", "*.flac") for file in options.data.glob(kind))[:16]
    people = [read_sound(file, SAMPLE_RATE)[: HUMAN_SECONDS * SAMPLE_RATE] for file in files]
    bots = asyncio.run(bot_sounds())
    rooms = [loudspeaker(bots, delay, level) for delay in DELAYS_MS for level in LEVELS_DB]
    figures: dict[str, Any] = {
        "people": len(people),
        "headset": {str(noise): headset(bots, people, noise) for noise in NOISES},
        "echo_taken_for_a_voice": sum(leaked for leaked, _ in rooms),
        "echo_windows": sum(windows for _, windows in rooms),
        "over_echo": {str(delay): over_echo(bots, people, delay) for delay in DELAYS_MS},
    }
    sys.stdout.write(json.dumps(figures, indent=None if options.json else 2) + "\n")


if __name__ == "__main__":
    main()
