"""``meetbot demo``: a real meeting on this machine, and what another participant got of it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from meetbot import __version__
from meetbot.core.errors import InputError
from meetbot.core.types import Participant, Speaker, Utterance
from meetbot.demo.live import LiveCaptions
from meetbot.demo.measure import caption_delays, picture_delays
from meetbot.demo.meeting import hold_meeting
from meetbot.demo.plan import PlannedSound
from meetbot.demo.report import (
    AnswerReport,
    CaptionReport,
    FaceReport,
    PictureReport,
    Report,
    Spread,
)
from meetbot.demo.script import asker
from meetbot.demo.venue import open_venue
from meetbot.transcribe.media import read_sound
from meetbot.transcript import write_vtt

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from rich.console import Console

    from meetbot.demo.meeting import Meeting
    from meetbot.demo.plan import GuestPlan
    from meetbot.demo.venue import RoomKind, Venue
    from meetbot.models import ModelStore

__all__ = ["DemoPlan", "run_demo"]

ROOM = "demo"
WATCHER = "Viewer"
SHARED = "Phone"
BOT = "bot"
"""The bot's id in the captions of what it says."""
NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """What to play: ``shared`` at one microphone of several people, ``own`` one person each.

    ``seconds`` None: as long as the longest recording. ``options``: of the bot's command line.
    ``port``: of the page, where ``room`` has one. ``models``: where someone who asks the bot
    questions gets a voice; None: nobody asks.
    """

    out: Path
    profile: str
    port: int = 0
    room: RoomKind = "webrtc"
    shared: tuple[Path, ...] = ()
    own: tuple[Path, ...] = ()
    seconds: float | None = None
    options: tuple[str, ...] = ()
    models: ModelStore | None = None


async def run_demo(
    plan: DemoPlan, console: Console, *, stay: Callable[[Venue], Awaitable[None]] | None = None
) -> Report:
    """Hold the meeting, write ``report.json``, ``captions.vtt`` and ``demo.mp4`` to ``plan.out``.

    ``stay`` is called at the end, while the server still runs. Raises ``InputError`` for sound
    that cannot be read, ``RoomError`` when the meeting broke off.
    """
    seconds = _length(plan)
    plan.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="meetbot-demo-") as work:
        async with open_venue(plan.room, Path(work), ROOM, plan.options, port=plan.port) as venue:
            if venue.page is not None:
                console.print(f"Watch it at {venue.page} while it runs")
            with LiveCaptions(console) as live:
                guests = _guests(plan, venue)
                if plan.models is not None:
                    guests.append(await asker(venue, Path(work), seconds, plan.models))
                meeting = await hold_meeting(
                    venue, guests, Path(work), seconds=seconds, on_message=live.show
                )
            report = build_report(meeting, plan)
            report.write(plan.out / "report.json")
            write_vtt(plan.out / "captions.vtt", _utterances(meeting))
            if stay is not None:
                await stay(venue)
    return report


def build_report(meeting: Meeting, plan: DemoPlan) -> Report:
    """The figures, from what the watching participant received."""
    finals = [item for item in meeting.finals if item.message["participant"] != BOT]
    delays = caption_delays(finals, meeting.ends, meeting.offset)
    use = meeting.server
    if use is None:
        raise InputError("the meeting was not measured")
    captions = tuple(
        CaptionReport(
            start=item.message["start"],
            end=item.message["end"],
            participant=item.message["participant_name"],
            speaker=item.message["speaker"],
            text=item.message["text"],
            language=item.message["language"],
            delay_s=delay,
        )
        for item, delay in zip(finals, delays, strict=True)
    )
    return Report(
        profile=plan.profile,
        room=plan.room,
        seconds=(meeting.end_ns - meeting.begin_ns) / NS_PER_S,
        version=__version__,
        captions=tuple(sorted(captions, key=lambda caption: caption.start)),
        peak_rss_mb=use.peak_rss_mb,
        cpu_cores_mean=use.cpu_cores_mean,
        answers=tuple(_answers(meeting)),
        pictures=tuple(_pictures(meeting)),
        face=_face(meeting),
    )


def _answers(meeting: Meeting) -> Iterator[AnswerReport]:
    """What the one who asked heard; the words are those of the bot's caption of that time."""
    said = [item.message for item in meeting.finals if item.message["participant"] == BOT]
    for exchange in meeting.exchanges:
        delay = exchange.voice_to_voice_s
        if delay is None:
            continue
        question_end = exchange.question_end_ns / NS_PER_S - meeting.offset
        first_audio = question_end + delay
        text = min(said, key=lambda one: abs(one["start"] - first_audio), default={"text": ""})
        yield AnswerReport(question_end, first_audio, delay, text["text"])


def _pictures(meeting: Meeting) -> Iterator[PictureReport]:
    """Those that the watching participant saw, and has a file of."""
    delays = picture_delays(meeting.painted, meeting.pictures, meeting.ends, meeting.offset)
    for item in meeting.painted:
        message, name = item.message, item.message["id"]
        if name in delays and name in meeting.picture_files:
            yield PictureReport(
                at=message["at"],
                file=meeting.picture_files[name],
                prompt=message["subject"],
                speakers=tuple(one["name"] for one in message["speakers"]),
                speech_to_picture_s=delays[name],
            )


def _face(meeting: Meeting) -> FaceReport | None:
    seen = meeting.face
    if seen is None:
        return None
    return FaceReport(seen["fps"], seen["late_frames"], Spread(**seen["av_skew_ms"]))


def _length(plan: DemoPlan) -> float:
    """Seconds that the meeting takes; every recording is opened before anything is started."""
    lengths = [len(read_sound(path, 16_000)) / 16_000 for path in (*plan.shared, *plan.own)]
    if not lengths:
        raise InputError("a demo needs a recording to play")
    return min(max(lengths), plan.seconds) if plan.seconds is not None else max(lengths)


def _guests(plan: DemoPlan, venue: Venue) -> list[GuestPlan]:
    watcher = venue.guest(WATCHER, watch=str(plan.out), video=True, record=True)
    shared = [
        venue.guest(SHARED, sounds=(PlannedSound(0.0, str(path)),), shared_microphone=True)
        for path in plan.shared
    ]
    own = [venue.guest(path.stem, sounds=(PlannedSound(0.0, str(path)),)) for path in plan.own]
    return [watcher, *shared, *own]


def _utterances(meeting: Meeting) -> list[Utterance]:
    """The received captions as utterances, for the transcript's writers."""
    return [
        Utterance(
            id=message["id"],
            participant=Participant(message["participant"], message["participant_name"]),
            speaker=Speaker("", message["speaker"], message["colour"])
            if message["speaker"]
            else None,
            text=message["text"],
            language=message["language"],
            start_ns=round(message["start"] * NS_PER_S),
            end_ns=round(message["end"] * NS_PER_S),
        )
        for message in (item.message for item in meeting.finals)
    ]
