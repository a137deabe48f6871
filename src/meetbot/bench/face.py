"""The talking face, measured in the pictures that it renders: lip sync, stillness, and its cost.

The opening of the mouth is found again in the pixels by the face finder, not taken from the
renderer: the gap between the inner lips over the face's height, after Prajwal et al. 2020, "A lip
sync expert is all you need", in that it is held against the sound over a range of lags.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.errors import EngineError
from meetbot.core.voice import MOMENT_NS, Voice
from meetbot.engines.face.mediapipe import MediapipeFaceFinder
from meetbot.engines.registry import load_engine
from meetbot.personas.standard import standard_portrait

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from meetbot.config import TalkingSettings
    from meetbot.core.ports import Face, FaceFinder, FaceStream, Synthesizer
    from meetbot.core.voice import Speech
    from meetbot.models import ModelStore

__all__ = ["FaceFigures", "LipSync", "RenderCost", "lip_sync", "measure_face"]

SENTENCES = {
    "en": (
        "Hello everyone, my name is Meetbot.",
        "We agreed to move the meeting to Monday, because Bob and Peter are away.",
        "Should I send the notes to all of you by five o'clock?",
    ),
    "ru": (
        "Всем привет, меня зовут Митбот.",
        "Мы договорились перенести встречу на понедельник, потому что Боба и Петра не будет.",
        "Прислать вам заметки к пяти часам?",
    ),
}
PICTURE_S = MOMENT_NS / 1e9
LEAD_S = 2.0
PAUSE_S = 0.8
IDLE_S = 20.0
STEP_S = 0.01
SMOOTH_S = 0.1
"""Lips do not follow the sound's loudness within a syllable."""
FURTHEST_S = 0.3
SILENT_SHARE = 0.02
CLOSING_S = 0.15
"""After the last sound; a mouth takes that long to close."""
OPENING_S = 0.12
"""Before the first sound; a mouth opens ahead of it."""
INNER_LIPS = (13, 14)
FOREHEAD_AND_CHIN = (10, 152)


@dataclass(frozen=True, slots=True)
class LipSync:
    """How the mouth goes with the sound.

    ``correlation``: Pearson's, of opening and loudness, at the lag where it is highest.
    ``lag_ms``: there; positive: the mouth is late. ``at_once``: the correlation without a lag.
    ``open_in_silence``: how far the mouth is open there (95th percentile), where 1 is as far as in
    speech (95th percentile) and 0 is its rest. ``pictures_without_face``: left out.
    """

    correlation: float
    lag_ms: int
    at_once: float
    open_in_silence: float
    pictures: int
    pictures_without_face: int


@dataclass(frozen=True, slots=True)
class RenderCost:
    """Processor time of a picture, and the share of one core that 25 a second take."""

    mean_ms: float
    p95_ms: float
    core_share: float


@dataclass(frozen=True, slots=True)
class FaceFigures:
    """The face alone, without a room. ``russian``: None where its voice is not installed."""

    engine: str
    size: int
    prepare_s: float
    open_s: float
    english: LipSync
    russian: LipSync | None
    talking: RenderCost
    idle: RenderCost


async def measure_face(settings: TalkingSettings, models: ModelStore) -> FaceFigures:
    """Prepare the default persona's face, let it speak, and look at its pictures.

    Pulls the face finder's models. Raises ``ModelError``, ``EngineError``.
    """
    models.pull(["mediapipe-face"])
    finder = MediapipeFaceFinder.load(models, settings.face)
    face: Face = load_engine("face", settings.face.engine, models, settings.face)
    shown = await asyncio.to_thread(standard_portrait, settings.face.size)
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        await face.prepare(shown, Path(folder), lambda _share: None)
        prepared = time.perf_counter()
        stream = await face.open(Path(folder))
        opened = time.perf_counter()
        idle = await _idle(stream)
        voice = load_engine("tts", settings.voice.english, models, settings.voice)
        english, costs = await _speaks("en", voice, await face.open(Path(folder)), finder)
        russian, voice = None, _russian_voice(settings, models)
        if voice is not None:
            russian, _ = await _speaks("ru", voice, await face.open(Path(folder)), finder)
    finder.close()
    return FaceFigures(
        engine=face.name,
        size=settings.face.size,
        prepare_s=round(prepared - begin, 3),
        open_s=round(opened - prepared, 3),
        english=english,
        russian=russian,
        talking=_cost(costs),
        idle=idle,
    )


def lip_sync(
    openings: NDArray[np.float64], at_s: NDArray[np.float64], loudness: NDArray[np.float64]
) -> LipSync:
    """Hold mouth openings at times ``at_s`` (NaN: no face seen) against loudness every 10 ms.

    Raises ``EngineError`` where a face is seen in fewer than half of the pictures.
    """
    seen = ~np.isnan(openings)
    if seen.mean() < 0.5:
        raise EngineError(f"a face is found in only {seen.sum()} of {len(seen)} pictures")
    axis = np.arange(len(loudness)) * STEP_S
    opening = np.interp(axis, at_s[seen], openings[seen])
    smooth = np.convolve(loudness, _window(SMOOTH_S), mode="same")
    furthest = round(FURTHEST_S / STEP_S)
    lags = range(-furthest, furthest + 1)
    inner = slice(furthest, len(axis) - furthest)
    by_lag = {lag: _correlation(np.roll(opening, -lag)[inner], smooth[inner]) for lag in lags}
    best = max(by_lag, key=lambda lag: by_lag[lag])
    voiced, silent = _parts(loudness)
    rest = float(np.median(opening[silent]))
    reach = float(np.percentile(opening[voiced], 95)) - rest
    ajar = float(np.percentile(opening[silent], 95)) - rest
    return LipSync(
        correlation=round(by_lag[best], 3),
        lag_ms=round(best * STEP_S * 1000),
        at_once=round(by_lag[0], 3),
        open_in_silence=round(ajar / max(reach, 1e-9), 3),
        pictures=len(openings),
        pictures_without_face=int((~seen).sum()),
    )


def _russian_voice(settings: TalkingSettings, models: ModelStore) -> Synthesizer | None:
    try:
        voice: Synthesizer = load_engine("tts", settings.voice.russian, models, settings.voice)
    except EngineError:
        return None
    return voice


async def _speaks(
    language: str, voice: Synthesizer, stream: FaceStream, finder: FaceFinder
) -> tuple[LipSync, list[float]]:
    """Lip sync of the sentences, and the milliseconds of each picture while they sound."""
    said: list[tuple[float, Speech]] = []
    at = LEAD_S
    for sentence in SENTENCES[language]:
        async for speech in voice.speak(sentence, language=language, voice=Voice()):
            stream.speak(speech, at)
            said.append((at, speech))
            at += len(speech.samples) / speech.sample_rate
        at += PAUSE_S
    times = np.arange(0.0, at + LEAD_S, PICTURE_S)
    openings, costs = [], []
    for when in times:
        picture, cost = await _timed(stream, float(when))
        openings.append(await _opening(finder, picture))
        if LEAD_S <= when < at - PAUSE_S:
            costs.append(cost)
    stream.close()
    loudness = _loudness(said, at + LEAD_S)
    return lip_sync(np.array(openings), times + PICTURE_S / 2, loudness), costs


async def _idle(stream: FaceStream) -> RenderCost:
    costs = [(await _timed(stream, float(t)))[1] for t in np.arange(0.0, IDLE_S, PICTURE_S)]
    stream.close()
    return _cost(costs)


async def _timed(stream: FaceStream, at_s: float) -> tuple[NDArray[np.uint8], float]:
    begin = time.process_time_ns()
    picture = await stream.render(at_s)
    return picture, (time.process_time_ns() - begin) / 1e6


async def _opening(finder: FaceFinder, picture: NDArray[np.uint8]) -> float:
    found = await finder.find(picture)
    if not found:
        return float("nan")
    points = found[0].landmarks[:, :2]
    gap, height = (
        float(np.linalg.norm(points[a] - points[b])) for a, b in (INNER_LIPS, FOREHEAD_AND_CHIN)
    )
    return gap / max(height, 1e-6)


def _loudness(said: Sequence[tuple[float, Speech]], until_s: float) -> NDArray[np.float64]:
    """Root mean square of each 10 ms."""
    heard = np.zeros(int(until_s / STEP_S) + 1)
    for at, speech in said:
        edges = np.arange(0, len(speech.samples), round(speech.sample_rate * STEP_S))
        first = round(at / STEP_S)
        for number, (a, b) in enumerate(pairwise(edges)):
            heard[first + number] = np.sqrt(np.mean(speech.samples[a:b].astype(float) ** 2))
    return heard


def _parts(loudness: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where it sounds; and where it does not, nor did just before, nor will in a moment."""
    voiced = loudness > SILENT_SHARE * loudness.max()
    silent = ~voiced
    for number in np.flatnonzero(voiced):
        begin = max(0, number - round(OPENING_S / STEP_S))
        silent[begin : number + round(CLOSING_S / STEP_S) + 1] = False
    return voiced, silent


def _window(seconds: float) -> NDArray[np.float64]:
    window = np.hanning(round(seconds / STEP_S) + 2)
    return np.asarray(window / window.sum(), np.float64)


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    if a.std() == 0 or b.std() == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _cost(milliseconds: list[float]) -> RenderCost:
    mean = float(np.mean(milliseconds))
    p95 = float(np.percentile(milliseconds, 95))
    return RenderCost(round(mean, 2), round(p95, 2), round(mean / (PICTURE_S * 1000), 4))
