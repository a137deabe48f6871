"""The talking face as one participant of a real room receives it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from meetbot.core.errors import EngineError
from meetbot.demo.meeting import hold_meeting
from meetbot.demo.plan import PlannedQuestion
from meetbot.demo.venue import open_venue
from meetbot.demo.voices import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from meetbot.models import ModelStore

__all__ = ["FaceReceived", "measure_face_in_room"]

QUESTIONS = (
    "Could you explain in a few sentences how the weather is made?",
    "Please tell me in several sentences what a computer does.",
    "Could you describe in a few sentences what one sees in a forest?",
)
PITCHES = (0.8, 1.2)
SETTLE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class FaceReceived:
    """``answered``: of so many questions. ``face``: see ``demo.face_seen``, over the whole meeting.

    ``loop``: delays of the server's event loop, as ``LoopReport`` has it. ``server_cores``: how
    many the server kept busy with everything, its language model included.
    """

    questions: int
    answered: int
    face: dict[str, Any]
    loop: dict[str, Any]
    server_cores: float | None


async def measure_face_in_room(
    folder: Path, options: Sequence[str], models: ModelStore
) -> FaceReceived:
    """A server, and a participant in another process who asks it for long answers, and watches.

    The bot hears, thinks, speaks and shows its face on the same machine. Raises ``EngineError``
    where it was never seen to talk.
    """
    files = await record(QUESTIONS, PITCHES, folder, models)
    questions = tuple(
        PlannedQuestion(text, str(file), SETTLE_SECONDS)
        for text, file in zip(QUESTIONS, files, strict=True)
    )
    figures_file = folder / "figures.json"
    measured = [*options, "--set", f"observe.figures_file={figures_file}"]
    async with open_venue("webrtc", folder, "face", measured) as venue:
        plan = venue.guest("Nora", watch=str(folder), video=True, questions=questions)
        meeting = await hold_meeting(venue, [plan], folder, seconds=0.0)
    if meeting.face is None:
        raise EngineError("the bot was never seen to talk in the room; see the server's log")
    told = json.loads(await asyncio.to_thread(figures_file.read_text, "utf-8"))
    return FaceReceived(
        questions=len(questions),
        answered=sum(one.voice_to_voice_s is not None for one in meeting.exchanges),
        face=dict(meeting.face),
        loop=told["loop"],
        server_cores=meeting.server.cpu_cores_mean if meeting.server is not None else None,
    )
