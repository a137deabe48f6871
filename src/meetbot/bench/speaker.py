"""Who is speaking, measured: two people at one microphone, a phone talk, and what it costs."""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from meetbot.bench.recordings import load_recordings
from meetbot.config import PeopleSettings
from meetbot.core.clock import monotonic_ns
from meetbot.core.types import SAMPLE_RATE, Participant
from meetbot.engines.registry import load_engine
from meetbot.people import PeopleDirectory, VoiceIdentifier
from meetbot.store import Store
from meetbot.transcribe.media import read_sound

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.bench.recordings import Recording
    from meetbot.core.ports import SpeakerEncoder
    from meetbot.core.types import SpeakerSpan
    from meetbot.models import ModelStore

__all__ = [
    "PhoneTalk",
    "Said",
    "Sentences",
    "SpeakerReport",
    "Speed",
    "bench_speaker",
    "phone_talk_segments",
    "tally",
]

MICROPHONE = Participant("microphone", "Microphone", shared_microphone=True)
EDGE_SECONDS = 0.2
LEAST_SECONDS = 2.0
LONGEST_TURN_SECONDS = 15.0
PAUSE_SECONDS = 0.8
PAIR_GAP_SECONDS = 0.3
ORDERS = 6

Said = tuple[str, str | None, float]
"""Who really spoke, under which person's id, for how many seconds."""


@dataclass(frozen=True, slots=True)
class Sentences:
    """Sentences of 2 s or more, over several orders, at one microphone; people per meeting."""

    sentences: int
    named_right: int
    named_wrong: int
    unnamed: int
    people_present: int
    most_people_found: int


@dataclass(frozen=True, slots=True)
class PhoneTalk:
    """The 30 s talk of two women on one telephone channel: shares of speech time."""

    named_right: float
    named_wrong: float
    unnamed: float
    people_found: int


@dataclass(frozen=True, slots=True)
class Speed:
    """Milliseconds, median of five, one thread."""

    embed_3_s: float
    attribute_5_s: float


@dataclass(frozen=True, slots=True)
class SpeakerReport:
    """The figures of ``meetbot bench speaker``; the phone talk is told from segments and turns."""

    encoder: str
    in_turn: Sentences
    two_in_one_turn: Sentences
    phone_talk_by_segment: PhoneTalk
    phone_talk_by_turn: PhoneTalk
    speed_ms: Speed


async def bench_speaker(data: Path, models: ModelStore) -> SpeakerReport:
    """Measure with the recordings of ``data`` (``transcripts.tsv`` beside them) and the phone talk.

    Raises ``InputError`` for a folder without recordings, ``ModelError`` where a model is missing.
    """
    recordings = load_recordings(data)
    encoder = load_engine("speaker", "ge2e", models, PeopleSettings())
    talk = read_sound(models.path("phone-talk") / "sample.wav")
    segments = phone_talk_segments(models)
    turns = _turns(segments)
    return SpeakerReport(
        encoder=encoder.model_id,
        in_turn=await _sentences(encoder, recordings, 1),
        two_in_one_turn=await _sentences(encoder, recordings, 2),
        phone_talk_by_segment=await _phone_talk(
            encoder, talk, segments, [(a, b) for a, b, _ in segments], 0.0
        ),
        phone_talk_by_turn=await _phone_talk(encoder, talk, segments, turns, EDGE_SECONDS),
        speed_ms=await _speed(encoder, talk),
    )


def phone_talk_segments(models: ModelStore) -> list[tuple[float, float, str]]:
    """Start, end (seconds) and speaker of the phone talk's segments, from its RTTM file."""
    lines = (models.path("phone-talk") / "sample.rttm").read_text().splitlines()
    fields = [line.split() for line in lines if line.startswith("SPEAKER")]
    return [(float(f[3]), float(f[3]) + float(f[4]), f[7]) for f in fields]


def tally(said: list[Said]) -> tuple[float, float, float]:
    """Seconds named right, wrong, and not at all; a name is whose voice bore it longest."""
    spoken: dict[tuple[str, str], float] = {}
    for who, name, seconds in said:
        if name is not None:
            spoken[name, who] = spoken.get((name, who), 0.0) + seconds
    owner: dict[str, str] = {}
    for (name, who), _ in sorted(spoken.items(), key=lambda item: -item[1]):
        if name not in owner and who not in owner.values():
            owner[name] = who
    right = sum(s for who, name, s in said if name is not None and owner.get(name) == who)
    unnamed = sum(s for _, name, s in said if name is None)
    return right, sum(s for _, _, s in said) - right - unnamed, unnamed


async def _sentences(
    encoder: SpeakerEncoder, recordings: tuple[Recording, ...] | list[Recording], per_turn: int
) -> Sentences:
    said: list[Said] = []
    found = 0
    for number in range(ORDERS):
        order = list(recordings)
        random.Random(number).shuffle(order)  # noqa: S311
        meeting, people = await _one_order(encoder, order, per_turn, f"{number}:")
        said += meeting
        found = max(found, people)
    right, wrong, unnamed = tally(said)
    return Sentences(
        sentences=len(said),
        named_right=round(right),
        named_wrong=round(wrong),
        unnamed=round(unnamed),
        people_present=len({recording.speaker for recording in recordings}),
        most_people_found=found,
    )


async def _one_order(
    encoder: SpeakerEncoder, order: list[Recording], per_turn: int, prefix: str
) -> tuple[list[Said], int]:
    """One meeting; each sentence of 2 s or more counts as one second of its speaker."""
    said: list[Said] = []
    with tempfile.TemporaryDirectory() as folder:
        async with await Store.open(folder) as store:
            directory = PeopleDirectory(store)
            identifier = VoiceIdentifier(encoder, directory)
            for start in range(0, len(order), per_turn):
                parts = order[start : start + per_turn]
                audio, places = _together([part.audio for part in parts])
                spans = await identifier.attribute(audio, participant=MICROPHONE)
                for part, (first, last) in zip(parts, places, strict=True):
                    if len(part.audio) >= LEAST_SECONDS * SAMPLE_RATE:
                        name = _main_name(spans, first, last)
                        said.append((prefix + part.speaker, name and prefix + name, 1.0))
            return said, len(await directory.people())


def _together(
    sounds: list[NDArray[np.float32]],
) -> tuple[NDArray[np.float32], list[tuple[int, int]]]:
    edge = np.zeros(int(EDGE_SECONDS * SAMPLE_RATE), dtype=np.float32)
    gap = np.zeros(int(PAIR_GAP_SECONDS * SAMPLE_RATE), dtype=np.float32)
    pieces, places, at = [edge], [], len(edge)
    for sound in sounds:
        places.append((at, at + len(sound)))
        pieces += [sound, gap]
        at += len(sound) + len(gap)
    return np.concatenate([*pieces[:-1], edge]), places


def _main_name(spans: tuple[SpeakerSpan, ...], first: int, last: int) -> str | None:
    shares: dict[str | None, int] = {}
    for span in spans:
        name = span.speaker.person_id if span.speaker else None
        overlap = min(last, span.end) - max(first, span.start)
        shares[name] = shares.get(name, 0) + max(overlap, 0)
    return max(shares, key=lambda name: shares[name])


def _turns(segments: list[tuple[float, float, str]]) -> list[tuple[float, float]]:
    """Segments with less than 0.8 s between them as one turn, up to 15 s."""
    turns: list[tuple[float, float]] = []
    for start, end, _ in segments:
        first, last = turns[-1] if turns else (start, float("-inf"))
        if start - last < PAUSE_SECONDS and end - first <= LONGEST_TURN_SECONDS:
            turns[-1] = (first, max(last, end))
        else:
            turns.append((start, end))
    return turns


async def _phone_talk(
    encoder: SpeakerEncoder,
    talk: NDArray[np.float32],
    segments: list[tuple[float, float, str]],
    turns: list[tuple[float, float]],
    edge: float,
) -> PhoneTalk:
    step = 0.01
    names: dict[int, str | None] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with await Store.open(folder) as store:
            directory = PeopleDirectory(store)
            identifier = VoiceIdentifier(encoder, directory)
            for start, end in turns:
                first, last = max(start - edge, 0.0), end + edge
                sound = talk[int(first * SAMPLE_RATE) : int(last * SAMPLE_RATE)]
                for span in await identifier.attribute(sound, participant=MICROPHONE):
                    begin = first + span.start / SAMPLE_RATE
                    finish = first + span.end / SAMPLE_RATE
                    name = span.speaker.person_id if span.speaker else None
                    names |= dict.fromkeys(range(round(begin / step), round(finish / step)), name)
            people = len(await directory.people())
    said = []
    for at in range(round(len(talk) / SAMPLE_RATE / step)):
        speaking = [who for start, end, who in segments if start <= at * step < end]
        if len(speaking) == 1:
            said.append((speaking[0], names.get(at), step))
    shares = np.array(tally(said)) / (step * len(said))
    right, wrong, unnamed = (round(float(share), 4) for share in shares)
    return PhoneTalk(right, wrong, unnamed, people)


async def _speed(encoder: SpeakerEncoder, sound: NDArray[np.float32]) -> Speed:
    piece = sound[7 * SAMPLE_RATE :]
    embeds, attributes = [], []
    with tempfile.TemporaryDirectory() as folder:
        async with await Store.open(folder) as store:
            identifier = VoiceIdentifier(encoder, PeopleDirectory(store))
            for number in range(6):
                begin = monotonic_ns()
                await encoder.embed(piece[: 3 * SAMPLE_RATE])
                embeds.append(monotonic_ns() - begin)
                turn = piece[number * SAMPLE_RATE : (number + 5) * SAMPLE_RATE]
                begin = monotonic_ns()
                await identifier.attribute(turn, participant=MICROPHONE)
                attributes.append(monotonic_ns() - begin)
    medians = [round(float(np.median(times[1:])) / 1e6, 1) for times in (embeds, attributes)]
    return Speed(*medians)
