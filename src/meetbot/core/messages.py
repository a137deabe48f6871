"""What the bot and a room tell each other as JSON: the same on every kind of data channel."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from meetbot.core.clock import NS_PER_S
from meetbot.core.types import ActivityChanged, ChatSent, Notice, PictureShown

if TYPE_CHECKING:
    from meetbot.core.types import Caption, RoomMessage

__all__ = ["BOT_ID", "CHANNEL", "as_json", "from_json", "question_number"]

CHANNEL = "meetbot"
"""The label of the data channel, or the topic of the data messages."""

BOT_ID = "bot"
"""The bot's own id as a participant of its utterances."""


MOST_NUMBER = 2**53
"""What every client can count to."""


def from_json(raw: str | bytes) -> dict[str, Any]:
    """The object that somebody sent as JSON; empty: it is none."""
    with contextlib.suppress(ValueError, RecursionError):
        message = json.loads(raw)
        if isinstance(message, dict):
            return message
    return {}


def question_number(message: dict[str, Any]) -> int | None:
    """Of a question for the time, ``{"type": "time", "id": …}``; None: ``message`` is none."""
    number = message.get("id")
    if message.get("type") != "time" or not isinstance(number, int):
        return None
    return number if 0 <= number < MOST_NUMBER else None


def as_json(message: RoomMessage) -> dict[str, object]:
    """A message with its ``type``; times are seconds of the meeting."""
    match message:
        case Notice():
            return {"type": "notice", "state": str(message.state), "text": message.text}
        case PictureShown():
            return _picture(message)
        case ActivityChanged():
            return {"type": "activity", "activity": str(message.activity), "at": _s(message.at_ns)}
        case ChatSent():
            return {
                "type": "chat",
                "id": f"{BOT_ID}-{message.at_ns}",
                "participant": BOT_ID,
                "participant_name": None,
                "text": message.text,
                "at": _s(message.at_ns),
            }
        case _:
            return _caption(message)


def _caption(message: Caption) -> dict[str, object]:
    speaker = message.speaker
    return {
        "type": "caption",
        "id": message.utterance_id,
        "participant": message.participant.id,
        "participant_name": message.participant.name,
        "speaker": speaker.name if speaker else None,
        "colour": speaker.colour if speaker else None,
        "text": message.text,
        "language": message.language,
        "start": _s(message.start_ns),
        "end": _s(message.end_ns),
        "final": message.final,
    }


def _picture(message: PictureShown) -> dict[str, object]:
    participant = message.participant
    return {
        "type": "picture",
        "id": message.picture_id,
        "subject": message.subject,
        "participant": participant.id if participant else None,
        "participant_name": participant.name if participant else None,
        "speakers": [{"name": one.name, "colour": one.colour} for one in message.speakers],
        "trigger": message.trigger,
        "said_end": _s(message.said_end_ns),
        "at": _s(message.at_ns),
    }


def _s(time_ns: int) -> float:
    return round(time_ns / NS_PER_S, 3)
