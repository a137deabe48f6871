"""From the end of a question to the first sound of its answer, and from an interruption to silence.

A server with its bot, and one participant in a process of its own who asks by voice: alone with the
bot, so that every question is for it. The questions are spoken by the program's own English voice
at five pitches, since recorded human questions are few.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from meetbot.bench.accuracy import write_wav
from meetbot.bench.recordings import load_noises, noise_clips
from meetbot.core.types import SAMPLE_RATE
from meetbot.demo.meeting import hold_meeting
from meetbot.demo.plan import PlannedQuestion
from meetbot.demo.report import Spread
from meetbot.demo.venue import open_venue
from meetbot.demo.voices import record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from meetbot.demo.asker import Exchange
    from meetbot.demo.meeting import Meeting
    from meetbot.demo.venue import RoomKind
    from meetbot.models import ModelStore

__all__ = ["QUESTIONS", "VoiceToVoice", "measure_voice_to_voice"]

PITCHES = (0.8, 0.9, 1.0, 1.12, 1.25)
NOISE_SECONDS = 1
SETTLE_SECONDS = 1.0
STEPS = {
    "answer.guessed_s": "the words are there",
    "answer.begun_s": "the model is asked",
    "answer.taken_s": "the turn is over",
    "answer.released_s": "the answer may be said",
    "answer.first_words_s": "the model's first words",
    "talking.prepared_to_ready_s": "asked → first sound is ready",
    "talking.question_to_sound_s": "first sound is sent",
}
"""Measures of the server, in the order of events; all but one from the end of the question."""

QUESTIONS = (
    "What is the capital of France?",
    "How many days are there in a week?",
    "Can you tell me what a harbour is?",
    "Which planet is the largest one?",
    "What colour is the sky on a clear day?",
    "How many legs does a spider have?",
    "What is the opposite of hot?",
    "Who wrote the play Romeo and Juliet?",
    "Where do penguins live?",
    "How do you make a cup of tea?",
    "What do bees make?",
    "Which month comes after June?",
    "What is two plus three?",
    "In which country is the city of Rome?",
    "What is ice made of?",
    "Could you name three kinds of fruit?",
    "What does a baker do all day?",
    "Why do we sleep at night?",
    "What is the longest river in Africa?",
    "How many minutes are there in an hour?",
    "What do you call a young dog?",
    "Which animal is known for its long neck?",
    "Is the moon bigger than the earth?",
    "What do plants need to grow?",
    "How many wheels does a bicycle have?",
    "Which season comes after winter?",
    "What is the first letter of the alphabet?",
    "What do people use an umbrella for?",
    "Can a fish breathe under water?",
    "What is a library good for?",
)
LONG = (
    "Could you explain in a few sentences how the weather is made?",
    "Please tell me in several sentences what a computer does.",
    "Could you describe in a few sentences what one sees in a forest?",
    "Please explain in several sentences how bread is baked.",
)
INTERRUPTION = "Wait a moment please, I have another question about that."
INTERRUPTIONS = 8
TEXTS = (*QUESTIONS, *LONG, INTERRUPTION)


@dataclass(frozen=True, slots=True)
class Answered:
    """One question. ``voice_to_voice_s``: last sound out → first sound received; None: nothing."""

    question: str
    voice_to_voice_s: float | None


@dataclass(frozen=True, slots=True)
class BargeIn:
    """``to_silence_s``: the interrupter's first sound → the bot is silent, as received.

    ``resumed``: of ``noises`` played into an answer, after so many it was said to its end, as
    the server counts.
    """

    interruptions: int
    to_silence_s: Spread | None
    noises: int
    resumed: int


@dataclass(frozen=True, slots=True)
class VoiceToVoice:
    """Seconds. ``steps``: where the time goes, told by the server; each p50 and p95."""

    room: RoomKind
    questions: int
    answered: int
    voice_to_voice_s: Spread | None
    steps: dict[str, Spread]
    barge_in: BargeIn
    each: tuple[Answered, ...]
    face: dict[str, Any] | None


async def measure_voice_to_voice(
    folder: Path,
    options: Sequence[str],
    models: ModelStore,
    *,
    noise: Path | None,
    questions: int,
    room: RoomKind = "webrtc",
    say: Callable[[str], None],
) -> VoiceToVoice:
    """Ask ``questions`` (at most 30) questions; then interrupt answers, by voice and by noise.

    ``room``: what kind of room it is in.

    ``noise``: a folder with noise*.wav; None: only noise that is made. ``say`` is told what is on.
    """
    say("recording the questions")
    files = [str(file) for file in await record(TEXTS, PITCHES, folder, models)]
    plain = [
        PlannedQuestion(text, file, SETTLE_SECONDS)
        for text, file in zip(QUESTIONS, files, strict=False)
    ]
    long, voice = files[len(QUESTIONS) : -1], files[-1]
    say(f"{questions} questions")
    asked, figures = await _hold(room, folder, options, plain[:questions])
    say("interruptions")
    stopped, _ = await _hold(room, folder, options, _into(long, [voice] * INTERRUPTIONS))
    say("noises")
    disturbed, counted = await _hold(
        room, folder, options, _into(long, _noise_files(folder, noise))
    )
    waits = _known(one.voice_to_voice_s for one in asked.exchanges)
    return VoiceToVoice(
        room=room,
        questions=len(asked.exchanges),
        answered=len(waits),
        voice_to_voice_s=Spread.of(waits),
        steps=_steps(figures),
        barge_in=_barge_in(stopped.exchanges, disturbed.exchanges, counted),
        each=tuple(Answered(one.question, one.voice_to_voice_s) for one in asked.exchanges),
        face=dict(asked.face) if asked.face is not None else None,
    )


async def _hold(
    kind: RoomKind, folder: Path, options: Sequence[str], questions: Sequence[PlannedQuestion]
) -> tuple[Meeting, dict[str, Any]]:
    """One person alone with the bot of a server of their own, and what that server measured."""
    figures_file = folder / "figures.json"
    measured = [*options, "--set", f"observe.figures_file={figures_file}"]
    async with open_venue(kind, folder, "bench", measured) as venue:
        plan = venue.guest("Nora", watch=str(folder), video=True, questions=tuple(questions))
        meeting = await hold_meeting(venue, [plan], folder, seconds=0.0)
    text = await asyncio.to_thread(figures_file.read_text, "utf-8")
    metrics: dict[str, Any] = json.loads(text)["metrics"]
    return meeting, metrics


def _into(long: Sequence[str], interruptions: Sequence[str]) -> list[PlannedQuestion]:
    """Questions with long answers, and something to play into each."""
    return [
        PlannedQuestion(LONG[i % len(LONG)], long[i % len(long)], SETTLE_SECONDS, file)
        for i, file in enumerate(interruptions)
    ]


def _noise_files(folder: Path, noise: Path | None) -> list[str]:
    recorded = load_noises(noise) if noise is not None else ()
    files = []
    for number, clip in enumerate(noise_clips(recorded)):
        file = folder / f"noise-{number:02d}.wav"
        write_wav(file, clip[: NOISE_SECONDS * SAMPLE_RATE])
        files.append(str(file))
    return files


def _known(values: Any) -> list[float]:
    return [value for value in values if value is not None]


def _steps(metrics: dict[str, Any]) -> dict[str, Spread]:
    return {
        told: Spread(metrics[name]["p50"], metrics[name]["p95"])
        for name, told in STEPS.items()
        if name in metrics
    }


def _barge_in(
    stopped: Sequence[Exchange], disturbed: Sequence[Exchange], counted: dict[str, Any]
) -> BargeIn:
    to_silence = _known(one.barge_in_s for one in stopped)
    heard = sum(bool(one.heard) for one in disturbed)
    return BargeIn(
        interruptions=len(to_silence),
        to_silence_s=Spread.of(to_silence),
        noises=heard,
        resumed=heard - int(counted.get("talking.interrupted", 0)),
    )
