"""End of speech → the picture of it, as another participant of a real room receives it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from meetbot.demo.measure import picture_delays
from meetbot.demo.meeting import hold_meeting
from meetbot.demo.plan import PlannedSound
from meetbot.demo.report import Spread
from meetbot.demo.venue import open_venue
from meetbot.demo.voices import record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from meetbot.demo.meeting import Meeting
    from meetbot.models import ModelStore

__all__ = ["PicturesInRoom", "measure_pictures_in_room"]

PITCH = 0.9
LEAD_SECONDS = 2.0
APART_SECONDS = 7.0
STEPS = {
    "answer.guessed_s": "end of speech → the words are there",
    "answer.taken_s": "end of speech → the turn is over",
    "painting.paint_s": "painting and looking at it",
    "painting.said_to_painted_s": "end of speech → kept and handed to the track",
}
ASKED = (
    "Meetbot, draw a lighthouse by the sea at sunset.",
    "Meetbot, draw a cat asleep on a sofa.",
    "Meetbot, paint a train in the snowy mountains.",
    "Meetbot, draw two friends having coffee.",
    "Meetbot, draw a rocket flying to the moon.",
    "Meetbot, paint a farm with cows and a tractor.",
    "Meetbot, draw a birthday cake with candles.",
    "Meetbot, draw a bicycle in the park.",
    "Meetbot, paint a castle on a hill at night.",
    "Meetbot, draw a robot in a factory.",
)
SAID = (
    "Last summer we went camping in the forest and saw a bear near the tent.",
    "My grandmother bakes bread in the kitchen every Sunday morning.",
    "The new office has large windows and a coffee machine on every floor.",
    "Our dog ran into the river and came back with a fish.",
    "The doctor said that the hospital will call me about the results.",
    "I would like to buy a guitar and play in a band again.",
    "The children built a snowman behind the school yesterday.",
    "Traffic was terrible because of an accident on the bridge.",
    "We planted tomatoes and sunflowers in the garden last week.",
    "The plane to Paris was late, so we slept at the airport.",
)


@dataclass(frozen=True, slots=True)
class PicturesInRoom:
    """Seconds, as received; one person speaks, the bot's face is on, and another watches.

    ``asked``, ``said``: how many sentences asked for a picture, how many only told something;
    ``seen``: pictures that the watcher saw for sure, ``missed``: announced and not seen.
    ``steps``: where the time goes, told by the server.
    """

    asked: int
    said: int
    seen: int
    missed: int
    speech_to_picture_s: Spread | None
    by_trigger: dict[str, Spread]
    steps: dict[str, Spread]
    each_s: tuple[float, ...]
    peak_rss_mb: float
    cpu_cores_mean: float
    drops: dict[str, int]


async def measure_pictures_in_room(
    folder: Path, options: Sequence[str], models: ModelStore, say: Callable[[str], None]
) -> PicturesInRoom:
    """Say twenty sentences, every other one a request, on a server of its own."""
    say("recording the sentences")
    texts = [text for pair in zip(ASKED, SAID, strict=True) for text in pair]
    files = await record(texts, (PITCH,), folder, models)
    sounds = tuple(
        PlannedSound(LEAD_SECONDS + number * APART_SECONDS, str(file))
        for number, file in enumerate(files)
    )
    figures_file = folder / "figures.json"
    measured = [*options, "--set", f"observe.figures_file={figures_file}"]
    say(f"{len(texts)} sentences in a room")
    async with open_venue("webrtc", folder, "bench", measured) as venue:
        guests = [
            venue.guest("Viewer", watch=str(folder), video=True),
            venue.guest("Nora", sounds=sounds),
        ]
        seconds = LEAD_SECONDS + len(texts) * APART_SECONDS
        meeting = await hold_meeting(venue, guests, folder, seconds=seconds)
    return _figures(meeting, json.loads(figures_file.read_text("utf-8")))


def _figures(meeting: Meeting, told: dict[str, Any]) -> PicturesInRoom:
    delays = picture_delays(meeting.painted, meeting.pictures, meeting.ends, meeting.offset)
    triggers = {item.message["id"]: item.message["trigger"] for item in meeting.painted}
    by_trigger = {
        trigger: Spread.of(delays[name] for name in delays if triggers[name] == trigger)
        for trigger in sorted({triggers[name] for name in delays})
    }
    use = meeting.server
    metrics = told["metrics"]
    return PicturesInRoom(
        asked=len(ASKED),
        said=len(SAID),
        seen=len(delays),
        missed=len(meeting.painted) - len(delays),
        speech_to_picture_s=Spread.of(delays.values()),
        by_trigger={trigger: spread for trigger, spread in by_trigger.items() if spread},
        steps={
            words: Spread(metrics[name]["p50"], metrics[name]["p95"])
            for name, words in STEPS.items()
            if name in metrics
        },
        each_s=tuple(round(delay, 3) for delay in delays.values()),
        peak_rss_mb=use.peak_rss_mb if use else 0.0,
        cpu_cores_mean=use.cpu_cores_mean if use else 0.0,
        drops=told["drops"],
    )
