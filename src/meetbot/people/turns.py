"""A turn's sound as stretches of one voice each."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.types import SAMPLE_RATE
from meetbot.people.changes import STEP_SECONDS, states
from meetbot.people.sound import Pause, SpeechMap, Windows, cut_windows
from meetbot.people.voices import WINDOW_SECONDS, Scorer, Voice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from meetbot.core.ports import SpeakerEncoder
    from meetbot.core.types import Word

__all__ = ["Past", "Stretch", "divide", "joined", "listen"]

FULL = int(WINDOW_SECONDS * SAMPLE_RATE)
LEAST_PIECE = int(0.5 * SAMPLE_RATE)
REACH = int(0.5 * SAMPLE_RATE)
"""How far a cut may move to fall into a pause."""
PAUSE_SECONDS = 0.5
"""A pause of this length is worth moving a cut by as much."""
PAST_WINDOWS = 120
CLEAR_SHARE = 0.8
CLEAR_WINDOWS = 3
FINE_STEP, COARSE_STEP = 0.4, 0.8
LONG_SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """Speech of one voice: ``pieces`` as (start, end) samples of the turn, and its raw prints.

    ``raw``: (n, d), of full windows that share no sound where there are such. ``placed``: all its
    prints in the calibrated space. ``state``: which voice of the turn it is; ``others``: people
    of whom the turn and what was heard before it, taken together, say that this is not them.
    """

    pieces: tuple[tuple[int, int], ...]
    raw: NDArray[np.float32]
    voice: Voice
    placed: NDArray[np.float64]
    state: int = 0
    others: frozenset[str] = frozenset()

    @property
    def seconds(self) -> float:
        """Speech in it."""
        return self.voice.seconds


class Past:
    """The last half minute of speech at a microphone, window by window, and whose it was."""

    def __init__(self) -> None:
        self.placed: NDArray[np.float64] = np.zeros((0, 0))
        self._names: list[str | None] = []

    def add(self, placed: NDArray[np.float64], person_id: str | None) -> None:
        """More was heard, by this person or by nobody knows whom."""
        self.placed = np.concatenate([self.placed, placed]) if len(self.placed) else placed
        self.placed = self.placed[-PAST_WINDOWS:]
        self._names = [*self._names, *[person_id] * len(placed)][-PAST_WINDOWS:]

    def owners(self) -> NDArray[np.int64]:
        """Each window's person as an index, -1 where nobody knows."""
        index = {name: at for at, name in enumerate(self._people())}
        found = [-1 if name is None else index[name] for name in self._names]
        return np.array(found, dtype=np.int64)

    def others(self, states_before: NDArray[np.int64], state: int) -> frozenset[str]:
        """The people whose own windows are, by a clear majority, in another state than this."""
        found = set()
        for name in self._people():
            own = states_before[np.array([one == name for one in self._names], dtype=np.bool_)]
            if len(own) >= CLEAR_WINDOWS and np.mean(own == state) < 1 - CLEAR_SHARE:
                found.add(name)
        return frozenset(found)

    def _people(self) -> list[str]:
        return sorted({name for name in self._names if name is not None})


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
    past: Past,
    cost: float,
) -> list[Stretch]:
    """A turn as stretches, cut where the voice changes, in order.

    ``past``: what was heard at this microphone before; ``cost``: see ``changes.states``.
    """
    last = len(speech.audio)
    places = speech.places(0, last)
    windows = cut_windows(speech.audio[places], STEP_SECONDS)
    if windows is None:
        return []
    raw = await encoder.embed_windows(windows.pieces)
    placed = scorer.space(raw)
    owners = np.concatenate([past.owners(), np.full(len(placed), -1)])
    heard = np.concatenate([past.placed, placed]) if len(past.placed) else placed
    found = await asyncio.to_thread(states, heard, owners, scorer, cost)
    before, now = found[: -len(placed)], found[-len(placed) :]
    cuts = _cuts(windows, now, places, speech.pauses(words), last)
    edges = [0, *cuts, last]
    parts: list[Stretch] = []
    for start, end in itertools.pairwise(edges):
        if cuts:
            part = await listen(encoder, scorer, speech, start, end)
        else:
            part = _stretch(scorer, windows, raw, ((start, end),))
        if part is not None:
            state = _state_of(windows, now, places, start, end)
            parts.append(replace(part, state=state, others=past.others(before, state)))
    return parts


def _state_of(
    windows: Windows,
    found: NDArray[np.int64],
    places: NDArray[np.int64],
    start: int,
    end: int,
) -> int:
    """The state that most windows between two samples of the turn are in."""
    middles = places[np.minimum(windows.starts + windows.size // 2, len(places) - 1)]
    inside = (middles >= start) & (middles < end)
    chosen = found[inside] if inside.any() else found
    return int(np.bincount(chosen).argmax())


def joined(stretches: list[Stretch], scorer: Scorer, least: float) -> list[Stretch]:
    """Those of one voice made one: of one state, or with log odds of ``least`` or more."""
    left = list(stretches)
    while len(left) > 1:
        pairs = [
            (
                left[a].state == left[b].state,
                scorer.same(left[a].voice, left[b].voice, near=True),
                a,
                b,
            )
            for a, b in itertools.combinations(range(len(left)), 2)
        ]
        alike, likeness, a, b = max(pairs)
        if not alike and likeness < least:
            break
        left[a] = together(left[a], left.pop(b))
    return sorted(left, key=lambda stretch: stretch.pieces[0])


def together(one: Stretch, two: Stretch) -> Stretch:
    """Both as one voice's."""
    return Stretch(
        tuple(sorted([*one.pieces, *two.pieces])),
        np.concatenate([one.raw, two.raw]),
        one.voice + two.voice,
        np.concatenate([one.placed, two.placed]),
        one.state,
        one.others & two.others,
    )


def _stretch(
    scorer: Scorer,
    windows: Windows,
    raw: NDArray[np.float32],
    pieces: tuple[tuple[int, int], ...],
) -> Stretch:
    placed = scorer.space(raw)
    voice = scorer.voice(placed, windows.seconds)
    kept: list[int] = []
    for index, start in enumerate(windows.starts):
        if not kept or start >= windows.starts[kept[-1]] + windows.size:
            kept.append(index)
    return Stretch(pieces, raw[kept], voice, placed)


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
