"""What the demo's third participant asks the bot, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meetbot.demo.plan import PlannedQuestion
from meetbot.demo.voices import record

if TYPE_CHECKING:
    from pathlib import Path

    from meetbot.models import ModelStore

__all__ = ["ASKER", "questions"]

ASKER = "Nora"
PITCH = 0.9
AFTER_SECONDS = 1.5
ASKED = (
    "Meetbot, where does Diane live now?",
    "Meetbot, what did Diane say about New Jersey?",
    "Meetbot, please summarise the conversation.",
    "Meetbot, who lives in Texas?",
)
INTERRUPTED = 2
INTERRUPTION = "Thank you, that is enough for me."


async def questions(folder: Path, talk_seconds: float, models: ModelStore) -> list[PlannedQuestion]:
    """Spoken questions about the phone talk, asked once it is over; one answer is interrupted.

    Raises ``EngineError`` where the voice is missing.
    """
    files = await record((*ASKED, INTERRUPTION), (PITCH,), folder, models)
    return [
        PlannedQuestion(
            text=text,
            file=str(file),
            at=talk_seconds + AFTER_SECONDS,
            barge_in=str(files[-1]) if number == INTERRUPTED else None,
        )
        for number, (text, file) in enumerate(zip(ASKED, files, strict=False))
    ]
