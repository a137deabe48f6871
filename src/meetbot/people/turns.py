"""A turn's sound as stretches of one voice each."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.types import SAMPLE_RATE
from meetbot.people.changes import STEP_SECONDS, states
from meetbot.people.sound import Pause, SpeechMap, Windows, cut_windows
from meetbot.people.voices import WINDOW_SECONDS, Scorer, Voice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from meetbot.core.ports import SpeakerEncoder
    from meetbot.core.types import Word

__all__ = ["Stretch", "divide", "joined", "listen"]

FULL = int(WINDOW_SECONDS * SAMPLE_RATE)
LEAST_PIECE = int(0.5 * SAMPLE_RATE)
REACH = int(0.5 * SAMPLE_RATE)
"""How far a cut may move to fall into a pause."""
PAUSE_SECONDS = 0.5
"""A pause of this length is worth moving a cut by as much."""
FINE_STEP, COARSE_STEP = 0.4, 0.8
LONG_SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """Speech of one voice: ``pieces`` as (start, end) samples of the turn, and its raw prints.

    ``raw``: (n, d), of full windows that share no sound where there are such.
    """

    pieces: tuple[tuple[int, int], ...]
    raw: NDArray[np.float32]
    voice: Voice

    @property
    def seconds(self) -> float:
        """Speech in it."""
        return self.voice.seconds


async def listen(
    encoder: SpeakerEncoder, scorer: Scorer, speech: SpeechMap, start: int, end: int
) -> Stretch | None:
    """The voice between two samples of a turn; None with under 0.4 s of speech."""
    sound = speech.audio[speech.places(start, end)]
    long = len(sound) > LONG_SECONDS * SAMPLE_RATE
    windows = cut_windows(sound, COARSE_STEP if long else FINE_STEP)
    if windows is None:
        return None
    raw = await encoder.embed_windows(windows.pieces)
    return _stretch(scorer, windows, raw, ((start, end),))


async def divide(
    encoder: SpeakerEncoder,
    scorer: Scorer,
    speech: SpeechMap,
    words: tuple[Word, ...],
    known: Sequence[Voice],
    cost: float,
) -> list[Stretch]:
    """A turn as stretches, cut where the voice changes, in order.

    ``known``: voices heard at this microphone before; ``cost``: see ``changes.states``.
    """
    last = len(speech.audio)
    places = speech.places(0, last)
    windows = cut_windows(speech.audio[places], STEP_SECONDS)
    if windows is None:
        return []
    raw = await encoder.embed_windows(windows.pieces)
    if len(windows.pieces) < 2:
        return [_stretch(scorer, windows, raw, ((0, last),))]
    found = await asyncio.to_thread(states, scorer.space(raw), known, scorer, cost)
    cuts = _cuts(windows, found, places, speech.pauses(words), last)
    if not cuts:
        return [_stretch(scorer, windows, raw, ((0, last),))]
    edges = [0, *cuts, last]
    parts = [await listen(encoder, scorer, speech, a, b) for a, b in itertools.pairwise(edges)]
    return [part for part in parts if part is not None]


def joined(stretches: list[Stretch], scorer: Scorer, least: float) -> list[Stretch]:
    """Those of one voice made one, the likeliest pair first, while its log odds are ``least``."""
    left = list(stretches)
    while len(left) > 1:
        pairs = [
            (scorer.same(left[a].voice, left[b].voice, near=True), a, b)
            for a, b in itertools.combinations(range(len(left)), 2)
        ]
        likeness, a, b = max(pairs)
        if likeness < least:
            break
        left[a] = together(left[a], left.pop(b))
    return sorted(left, key=lambda stretch: stretch.pieces[0])


def together(one: Stretch, two: Stretch) -> Stretch:
    """Both as one voice's."""
    return Stretch(
        tuple(sorted([*one.pieces, *two.pieces])),
        np.concatenate([one.raw, two.raw]),
        one.voice + two.voice,
    )


def _stretch(
    scorer: Scorer,
    windows: Windows,
    raw: NDArray[np.float32],
    pieces: tuple[tuple[int, int], ...],
) -> Stretch:
    voice = scorer.voice(scorer.space(raw), windows.seconds)
    kept: list[int] = []
    for index, start in enumerate(windows.starts):
        if not kept or start >= windows.starts[kept[-1]] + windows.size:
            kept.append(index)
    return Stretch(pieces, raw[kept], voice)


def _cuts(
    windows: Windows,
    found: NDArray[np.int64],
    places: NDArray[np.int64],
    pauses: list[Pause],
    last: int,
) -> list[int]:
    """Samples of the turn where another person takes over, in pauses where there are such."""
    cuts: list[int] = []
    for before, after in itertools.pairwise(range(len(found))):
        if found[before] == found[after]:
            continue
        middle = (windows.starts[before] + windows.starts[after] + windows.size) // 2
        cut = _into_pause(int(places[min(middle, len(places) - 1)]), pauses)
        edge = cuts[-1] if cuts else 0
        if cut - edge >= LEAST_PIECE and last - cut >= LEAST_PIECE:
            cuts.append(cut)
    return cuts


def _into_pause(at: int, pauses: list[Pause]) -> int:
    """The pause near a place that is best to cut in; the place itself where there is none."""
    near = [pause for pause in pauses if abs(pause.at - at) <= REACH]
    if not near:
        return at
    worth = SAMPLE_RATE * REACH / (PAUSE_SECONDS * SAMPLE_RATE)
    best = max(near, key=lambda pause: worth * pause.seconds - abs(pause.at - at))
    return best.at
