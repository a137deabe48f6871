"""Delay, loss and cost in a real room: a server, its bot, and participants in other processes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jiwer
import numpy as np

from meetbot.bench.accuracy import WORDS, write_wav
from meetbot.bench.recordings import load_recordings
from meetbot.core.types import SAMPLE_RATE
from meetbot.demo.measure import caption_delays
from meetbot.demo.meeting import hold_meeting
from meetbot.demo.plan import PlannedSound
from meetbot.demo.report import Spread
from meetbot.demo.venue import open_venue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from meetbot.bench.recordings import Recording
    from meetbot.demo.meeting import Meeting
    from meetbot.demo.plan import GuestPlan
    from meetbot.demo.venue import Venue

__all__ = ["Delays", "RoomFigures", "SilenceCost", "measure_rooms"]

GAP_SECONDS = 2.5
SILENT_GUESTS = 4
SILENT_SECONDS = 20.0
ROOM_TONE_RMS = 0.001
LOST_ERROR_RATE = 0.5
NEAR_SECONDS = 0.6


@dataclass(frozen=True, slots=True)
class Delays:
    """``delay_s``: end of speech → final caption received by another participant.

    ``lost``: sentences of which more than half the words are in no caption of their participant.
    """

    participants: int
    sentences: int
    captions: int
    lost: int
    delay_s: Spread | None
    delays_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SilenceCost:
    """Shares of a core that one more participant costs the bot's process.

    ``silent``: digital silence, sent as discontinuous Opus; ``room_tone``: a microphone that hears
    its room at −60 dB, sent without a break.
    """

    silent: float
    room_tone: float
    guests: int
    seconds: float


@dataclass(frozen=True, slots=True)
class RoomFigures:
    """``loop``: the server's event loop over all the meetings, as ``LoopReport`` has it."""

    one_speaker: Delays
    four_speakers: Delays
    silence: SilenceCost
    peak_rss_mb: float
    loop: dict[str, Any]
    drops: dict[str, int]


async def measure_rooms(
    data: Path, folder: Path, options: Sequence[str], say: Callable[[str], None]
) -> RoomFigures:
    """Hold the meetings one after the other; ``say`` is told which one is on."""
    recordings = [r for r in load_recordings(data) if r.seconds < GAP_SECONDS * 2]
    figures_file = folder / "figures.json"
    options = [*options, "--set", f"observe.figures_file={figures_file}"]
    async with open_venue("webrtc", folder, "one", options) as venue:
        bench = _Bench(venue, folder)
        say("one speaker")
        one = await bench.one_speaker(recordings)
        say("four speakers, in turn and two at once")
        four = await bench.four_speakers(recordings)
        say("silent participants")
        silence = await bench.silence()
    figures = json.loads(figures_file.read_text("utf-8"))
    return RoomFigures(
        one_speaker=one,
        four_speakers=four,
        silence=silence,
        peak_rss_mb=bench.peak_rss_mb,
        loop=figures["loop"],
        drops=figures["drops"],
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """One sentence of a script."""

    who: int
    at: float
    recording: Recording


class _Bench:
    def __init__(self, venue: Venue, folder: Path) -> None:
        self._venue = venue
        self._folder = folder
        self.peak_rss_mb = 0.0

    async def one_speaker(self, recordings: Sequence[Recording]) -> Delays:
        lines = []
        at = 1.0
        for recording in recordings:
            lines.append(_Line(0, at, recording))
            at += recording.seconds + GAP_SECONDS
        return await self._script("one", lines, 1)

    async def four_speakers(self, recordings: Sequence[Recording]) -> Delays:
        """Everyone in turn; then two at once, twice."""
        lines = []
        at = 1.0
        for index, recording in enumerate(recordings[:8]):
            lines.append(_Line(index % 4, at, recording))
            at += recording.seconds + 1.0
        for pair, (left, right) in enumerate(((0, 1), (2, 3))):
            chosen = recordings[8 + 2 * pair : 10 + 2 * pair]
            lines += [_Line(who, at, r) for who, r in zip((left, right), chosen, strict=True)]
            at += max(r.seconds for r in chosen) + GAP_SECONDS
        return await self._script("four", lines, 4)

    async def silence(self) -> SilenceCost:
        tone = self._folder / "tone.wav"
        noise = np.random.default_rng(0).standard_normal(round(SILENT_SECONDS + 5) * SAMPLE_RATE)
        write_wav(tone, (ROOM_TONE_RMS * noise).astype(np.float32))
        alone = await self._cores("alone", 0, None)
        silent = await self._cores("silent", SILENT_GUESTS, None)
        toned = await self._cores("tone", SILENT_GUESTS, tone)
        return SilenceCost(
            silent=(silent - alone) / SILENT_GUESTS,
            room_tone=(toned - alone) / SILENT_GUESTS,
            guests=SILENT_GUESTS,
            seconds=SILENT_SECONDS,
        )

    async def _cores(self, room: str, guests: int, sound: Path | None) -> float:
        """Cores that the server keeps busy with so many quiet participants."""
        sounds = (PlannedSound(0.0, str(sound)),) if sound is not None else ()
        plans = [self._watcher(room)]
        plans += [self._venue.guest(f"Quiet {i}", room=room, sounds=sounds) for i in range(guests)]
        meeting = await self._hold(plans, SILENT_SECONDS)
        return meeting.server.cpu_cores_mean if meeting.server is not None else 0.0

    async def _script(self, room: str, lines: Sequence[_Line], speakers: int) -> Delays:
        plans = [self._watcher(room)]
        for who in range(speakers):
            sounds = tuple(
                PlannedSound(line.at, self._file(line.recording))
                for line in lines
                if line.who == who
            )
            plans.append(self._venue.guest(f"Speaker {who}", room=room, sounds=sounds))
        last = max(line.at + line.recording.seconds for line in lines)
        meeting = await self._hold(plans, last)
        delays = caption_delays(meeting.finals, meeting.ends, meeting.offset)
        return Delays(
            participants=speakers,
            sentences=len(lines),
            captions=len(meeting.finals),
            lost=sum(_lost(line, meeting) for line in lines),
            delay_s=Spread.of(delays),
            delays_s=tuple(round(delay, 3) for delay in delays),
        )

    async def _hold(self, plans: Sequence[GuestPlan], seconds: float) -> Meeting:
        meeting = await hold_meeting(self._venue, plans, self._folder, seconds=seconds)
        if meeting.server is not None:
            self.peak_rss_mb = max(self.peak_rss_mb, meeting.server.peak_rss_mb)
        return meeting

    def _watcher(self, room: str) -> GuestPlan:
        return self._venue.guest("Viewer", room=room, watch=str(self._folder))

    def _file(self, recording: Recording) -> str:
        path = self._folder / f"{recording.name}.wav"
        write_wav(path, recording.audio)
        return str(path)


def _lost(line: _Line, meeting: Meeting) -> bool:
    """Whether most of a sentence's words are in none of the captions of its time."""
    begin = meeting.begin_ns / 1e9 - meeting.offset + line.at
    end = begin + line.recording.seconds
    near = " ".join(
        item.message["text"]
        for item in meeting.finals
        if item.message["participant_name"] == f"Speaker {line.who}"
        and item.message["start"] < end + NEAR_SECONDS
        and item.message["end"] > begin - NEAR_SECONDS
    )
    if not near:
        return True
    alignment = jiwer.process_words(
        line.recording.text, near, reference_transform=WORDS, hypothesis_transform=WORDS
    )
    missed = alignment.substitutions + alignment.deletions
    return missed / len(line.recording.text.split()) > LOST_ERROR_RATE
