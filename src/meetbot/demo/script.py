"""What the demo's third participant wants of the bot, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.demo.plan import PlannedQuestion, PlannedSound
from meetbot.demo.voices import record

if TYPE_CHECKING:
    from pathlib import Path

    from meetbot.demo.plan import GuestPlan
    from meetbot.demo.venue import Venue
    from meetbot.models import ModelStore

__all__ = ["ASKER", "asker"]

ASKER = "Nora"
PITCH = 0.9
AFTER_SECONDS = 1.5
ASKED = (
    "Meetbot, where does Diane live now?",
    "Meetbot, what did Diane say about New Jersey?",
    "Meetbot, please summarise the conversation.",
    "Meetbot, who lives in Texas?",
)
WISHES = (
    "Meetbot, paint me in watercolour.",
    "Meetbot, draw two friends moving from Chicago to Texas.",
)
"""Said before the questions; the bot paints, and says nothing."""
WISH_SECONDS = 4.0
INTERRUPTED = 2
INTERRUPTION = "Thank you, that is enough for me."


async def asker(venue: Venue, folder: Path, talk_seconds: float, models: ModelStore) -> GuestPlan:
    """Someone who, once the phone talk is over, wants pictures, then asks about the talk.

    One answer is interrupted. Raises ``EngineError`` where the voice is missing.
    """
    files = await record((*WISHES, *ASKED, INTERRUPTION), (PITCH,), folder, models)
    begin = talk_seconds + AFTER_SECONDS
    asked = zip(ASKED, files[len(WISHES) :], strict=False)
    return venue.guest(
        ASKER,
        sounds=tuple(
            PlannedSound(begin + number * WISH_SECONDS, str(file))
            for number, file in enumerate(files[: len(WISHES)])
        ),
        questions=tuple(
            PlannedQuestion(
                text=text,
                file=str(file),
                at=begin + len(WISHES) * WISH_SECONDS,
                barge_in=str(files[-1]) if number == INTERRUPTED else None,
            )
            for number, (text, file) in enumerate(asked)
        ),
    )
