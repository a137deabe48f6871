"""Making someone known from recordings, before they are ever heard in a meeting."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.errors import InputError
from meetbot.core.types import SAMPLE_RATE
from meetbot.people.calibration import load_scorer
from meetbot.people.identifier import Rules
from meetbot.people.rows import MAX_PRINTS
from meetbot.people.sound import SpeechMap
from meetbot.people.turns import Past, Stretch, divide, joined
from meetbot.people.voices import WINDOW_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from meetbot.core.ports import SpeakerEncoder
    from meetbot.core.types import Speaker
    from meetbot.people.directory import PeopleDirectory
    from meetbot.people.voices import Scorer

__all__ = ["LEAST_SECONDS", "enrol", "one_voice"]

LEAST_SECONDS = 5.0
"""Speech that it takes."""
BLOCK_SECONDS = 15.0
OTHER_SECONDS = 1.5
"""Another voice for less than this is a slip, not a second person."""


async def enrol(
    directory: PeopleDirectory,
    encoder: SpeakerEncoder,
    name: str,
    sounds: Mapping[str, NDArray[np.float32]],
) -> Speaker:
    """Learn ``name``'s voice from recordings of them alone (label → float32 mono at 16 kHz).

    Someone of that name gets more prints, nobody else does. Raises ``InputError`` with less than
    5 s of speech in all, with two voices in a recording, or different ones in two.
    """
    prints = await one_voice(encoder, sounds, LEAST_SECONDS)
    return await directory.enrol(name, encoder.model_id, prints, seconds=WINDOW_SECONDS)


async def one_voice(
    encoder: SpeakerEncoder,
    sounds: Mapping[str, NDArray[np.float32]],
    least_seconds: float = 0.0,
) -> NDArray[np.float32]:
    """At most ``MAX_PRINTS`` prints ``(n, d)`` of the one voice in all recordings.

    Raises ``InputError`` as ``enrol`` does, with less than ``least_seconds`` of speech in all.
    """
    scorer = await asyncio.to_thread(load_scorer, encoder.model_id)
    heard: list[tuple[str, Stretch]] = [
        (label, await _one_voice(encoder, scorer, label, sound)) for label, sound in sounds.items()
    ]
    first = heard[0][1]
    for label, stretch in heard[1:]:
        if scorer.same(stretch.voice, first.voice, near=False) < 0:
            raise InputError(
                f"the voice in {label} is not the one in {heard[0][0]}; "
                "give recordings of one person only"
            )
    seconds = sum(stretch.seconds for _, stretch in heard)
    if seconds < least_seconds:
        raise InputError(
            f"there are {seconds:.1f} s of speech in all; {least_seconds:.0f} s or more are needed "
            "to know a voice again"
        )
    raw = np.concatenate([stretch.raw for _, stretch in heard])
    places = np.unique(np.linspace(0, len(raw) - 1, MAX_PRINTS).round().astype(int))
    return np.asarray(raw[places], np.float32)


async def _one_voice(
    encoder: SpeakerEncoder, scorer: Scorer, label: str, sound: NDArray[np.float32]
) -> Stretch:
    """The one voice of a recording. Raises ``InputError`` when there are two, or none."""
    size, rules = int(BLOCK_SECONDS * SAMPLE_RATE), Rules()
    found: list[Stretch] = []
    for start in range(0, len(sound), size):
        speech = await asyncio.to_thread(SpeechMap, sound[start : start + size])
        found += await divide(encoder, scorer, speech, (), Past(), rules.change)
    voices = joined(found, scorer, rules.join)
    long = [voice for voice in voices if voice.seconds >= OTHER_SECONDS]
    if len(long) > 1:
        raise InputError(
            f"{label} has more than one voice; give recordings of one person without others"
        )
    if not voices:
        raise InputError(f"{label} has no speech in it")
    return max(voices, key=lambda voice: voice.seconds)
