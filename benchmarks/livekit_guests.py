"""People in a LiveKit room who say recorded sentences, and what the bot's captions made of them.

Shared by livekit_restarts.py and livekit_crowd.py. All of them are in this process; the bot and the
server are processes of their own.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jiwer
import numpy as np
import soxr

from meetbot.bench.accuracy import WORDS
from meetbot.core.types import SAMPLE_RATE
from meetbot_livekit.client import LiveKitClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from numpy.typing import NDArray

    from meetbot.bench.recordings import Recording
    from meetbot_livekit.server import LiveKitServer

__all__ = [
    "LISTENING_ONLY",
    "Line",
    "Person",
    "Watcher",
    "lost_of",
    "person",
]

RATE = 48_000
NS_PER_S = 1_000_000_000
TOKEN_SECONDS = 7_200
PAUSE_SECONDS = 1.5
NEAR_SECONDS = 0.6
LOST_ERROR_RATE = 0.5
LISTENING_ONLY = ("--set", "talking.enabled=false", "--set", "painting.enabled=false")


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence that was said: by whom, and when, in monotonic seconds."""

    name: str
    text: str
    begin: float
    end: float


class Person:
    """Says one recording after the other, as long as they may; ``said`` has them all."""

    def __init__(self, client: LiveKitClient, name: str, recordings: list[Recording]) -> None:
        self.client = client
        self.name = name
        self.said: list[Line] = []
        self._recordings = recordings
        self._next = 0

    async def say_one(self) -> None:
        """The next one, and a pause after it."""
        recording = self._recordings[self._next % len(self._recordings)]
        self._next += 1
        played = await self.client.play(_sound(recording))
        begin, end = played.first_ns / NS_PER_S, played.last_ns / NS_PER_S
        self.said.append(Line(self.name, recording.text, begin, end))
        await asyncio.sleep(PAUSE_SECONDS)

    async def speak(self) -> None:
        """One after the other, until cancelled."""
        while True:
            await self.say_one()


class Watcher:
    """Reads all captions. ``finals``: the last text of each, by id."""

    def __init__(self, client: LiveKitClient) -> None:
        self.client = client
        self.finals: dict[str, dict[str, Any]] = {}
        self.arrived: list[tuple[int, dict[str, Any]]] = []

    async def run(self) -> None:
        """Until cancelled."""
        async for arrival_ns, message in self.client.captions:
            if message.get("type") == "caption" and message.get("final"):
                self.finals[message["id"]] = message
                self.arrived.append((arrival_ns, message))

    async def until_quiet(self, seconds: float, at_most: float) -> None:
        """Wait until no caption has come for a while."""
        count, quiet = -1, 0.0
        for _ in range(round(at_most / 0.5)):
            quiet = quiet + 0.5 if count == len(self.arrived) else 0.0
            count = len(self.arrived)
            if quiet >= seconds:
                return
            await asyncio.sleep(0.5)


def person(
    server: LiveKitServer, room: str, name: str, recordings: list[Recording], seed: int
) -> Person:
    """Somebody with a token for the whole meeting, who hears and sees nothing."""
    token = server.token(name, name, room, seconds=TOKEN_SECONDS)
    client = LiveKitClient(server.target(room), token, receive_audio=False, receive_video=False)
    order = list(recordings)
    random.Random(seed).shuffle(order)  # noqa: S311
    return Person(client, name, order)


def _captions_of(line: Line, finals: dict[str, dict[str, Any]], offset: float) -> str:
    """What the captions have of whoever said ``line``, about that time."""
    begin, end = line.begin - offset, line.end - offset
    near = sorted(
        (
            message
            for message in finals.values()
            if message["participant_name"] == line.name
            and message["start"] < end + NEAR_SECONDS
            and message["end"] > begin - NEAR_SECONDS
        ),
        key=lambda message: float(message["start"]),
    )
    return " ".join(message["text"] for message in near)


def _is_lost(line: Line, finals: dict[str, dict[str, Any]], offset: float) -> bool:
    """Whether more than half of the words are in none of the captions of that time."""
    near = _captions_of(line, finals, offset)
    if not near.strip():
        return True
    alignment = jiwer.process_words(
        line.text, near, reference_transform=WORDS, hypothesis_transform=WORDS
    )
    missed = alignment.substitutions + alignment.deletions
    return missed / len(line.text.split()) > LOST_ERROR_RATE


def _is_misheard(line: Line, finals: dict[str, dict[str, Any]], offset: float) -> bool:
    """Whether at least half of the letters of a sentence that seems lost are in its captions."""
    near = _captions_of(line, finals, offset)
    return jiwer.cer(line.text.lower(), near.lower()) <= LOST_ERROR_RATE if near.strip() else False


async def _sound(recording: Recording) -> AsyncIterator[NDArray[np.int16]]:
    sound = await asyncio.to_thread(soxr.resample, recording.audio, SAMPLE_RATE, RATE)
    yield (np.clip(sound, -1, 1) * 32_767).astype(np.int16)


def lost_of(said: list[Line], finals: dict[str, dict[str, Any]], offset: float) -> dict[str, Any]:
    """How many of ``said`` were lost, or only misheard, and what stood there of each of them."""
    gone = [line for line in said if _is_lost(line, finals, offset)]
    misheard = sum(_is_misheard(line, finals, offset) for line in gone)
    return {
        "lost": len(gone) - misheard,
        "misheard": misheard,
        "lost_sentences": [
            {
                "name": line.name,
                "text": line.text,
                "meeting_s": round(line.begin - offset, 1),
                "captions": _captions_of(line, finals, offset),
            }
            for line in gone
        ],
    }
