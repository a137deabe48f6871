"""The values that travel between the parts of a session.

All are frozen. Times named ``*_ns`` are nanoseconds on the meeting clock (0 = the meeting's
beginning); they are stamped once, at the connector, and travel with the data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "SAMPLE_RATE",
    "Activity",
    "ActivityChanged",
    "AudioFrame",
    "AudioOpened",
    "BotState",
    "Caption",
    "ChatReceived",
    "ChatSent",
    "Notice",
    "Participant",
    "ParticipantJoined",
    "ParticipantLeft",
    "PictureShown",
    "Recognition",
    "RoomCapabilities",
    "RoomEvent",
    "RoomMessage",
    "Speaker",
    "SpeakerSpan",
    "SpeechBegan",
    "SpeechEnded",
    "SpeechEvent",
    "SpeechWent",
    "TurnDropped",
    "TurnGuessed",
    "TurnTaken",
    "Utterance",
    "VideoFrame",
    "Word",
]

SAMPLE_RATE = 16_000
"""Sample rate in Hz of all sound that is heard, behind the connector."""


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """A slice of one participant's own sound, as the connector received it.

    ``samples``: int16 or float32 (full scale ±1), shape ``(n,)`` or ``(n, channels)``.
    ``pts_ns``: meeting time of the first sample.
    """

    samples: NDArray[np.int16] | NDArray[np.float32]
    sample_rate: int
    pts_ns: int


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """One picture: ``pixels`` uint8 RGB, shape ``(height, width, 3)``, shown at ``pts_ns``."""

    pixels: NDArray[np.uint8]
    pts_ns: int


@dataclass(frozen=True, slots=True)
class Participant:
    """Someone in the room's roster.

    ``name`` is what they typed: untrusted, at most 64 characters, control characters removed.
    ``shared_microphone``: several people sit at this microphone, so none of them bears its name.
    """

    id: str
    name: str
    is_bot: bool = False
    shared_microphone: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word with its place in meeting time. ``probability`` is in 0…1."""

    text: str
    start_ns: int
    end_ns: int
    probability: float = 1.0


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a recognizer made of a stretch of sound.

    Word times are relative to the first sample given. ``no_speech``: probability 0…1 that nobody
    spoke; ``log_probability``: mean per token, ≤ 0; ``compression_ratio``: of the text by zlib,
    high for loops. ``language``: ISO 639-1; ``language_probability``: 1.0 when it was given.
    """

    text: str
    language: str
    language_probability: float = 1.0
    words: tuple[Word, ...] = ()
    no_speech: float = 0.0
    log_probability: float = 0.0
    compression_ratio: float = 1.0


@dataclass(frozen=True, slots=True)
class Speaker:
    """A person of the people store. ``colour`` is ``#rrggbb``, distinct among those present."""

    person_id: str
    name: str
    colour: str


@dataclass(frozen=True, slots=True)
class SpeakerSpan:
    """Samples ``start`` … ``end`` (of a turn at 16 kHz) said by ``speaker``; None: not sure who."""

    start: int
    end: int
    speaker: Speaker | None
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Utterance:
    """A finished stretch of speech by one person. ``id`` is unique over all meetings."""

    id: str
    participant: Participant
    speaker: Speaker | None
    text: str
    language: str
    start_ns: int
    end_ns: int
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Caption:
    """What is shown of an utterance: a growing partial one, then the final one under the same id.

    ``speaker`` is None while it is not sure whose voice it is; the participant's name is shown.
    """

    utterance_id: str
    participant: Participant
    speaker: Speaker | None
    text: str
    language: str
    start_ns: int
    end_ns: int
    final: bool


class BotState(StrEnum):
    """What the bot says of itself to the room."""

    JOINING = "joining"
    LISTENING = "listening"
    DEGRADED = "degraded"
    LEAVING = "leaving"


@dataclass(frozen=True, slots=True)
class Notice:
    """A line for everyone in the room: a state change, or a part that failed and was restarted."""

    state: BotState
    text: str


@dataclass(frozen=True, slots=True)
class PictureShown:
    """A new picture is being shown on the track ``pictures``.

    ``subject``: the words it shows (untrusted); ``speakers``: whose; ``participant``: from whose
    microphone, None where a program asked. ``said_end_ns``: where those words ended.
    """

    picture_id: str
    subject: str
    participant: Participant | None
    speakers: tuple[Speaker, ...]
    trigger: str
    said_end_ns: int
    at_ns: int


class Activity(StrEnum):
    """What the bot is doing, as a participant sees it."""

    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"


@dataclass(frozen=True, slots=True)
class ActivityChanged:
    """The bot does something else than before, from ``at_ns`` on."""

    activity: Activity
    at_ns: int


@dataclass(frozen=True, slots=True)
class ChatSent:
    """The bot writes ``text`` to the room's chat."""

    text: str
    at_ns: int


RoomMessage = Caption | Notice | PictureShown | ActivityChanged | ChatSent


@dataclass(frozen=True, slots=True)
class ParticipantJoined:
    """Someone came in (not sent for the bot itself)."""

    participant: Participant
    at_ns: int


@dataclass(frozen=True, slots=True)
class ParticipantLeft:
    """Someone is gone for good: they left, or their grace ran out."""

    participant: Participant
    at_ns: int
    reason: str = "left"


@dataclass(frozen=True, slots=True)
class AudioOpened:
    """A participant's microphone began. ``frames`` ends when it does; a reconnect opens another."""

    participant: Participant
    frames: AsyncIterator[AudioFrame] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChatReceived:
    """A participant wrote ``text`` (untrusted, at most 2,000 characters) to the room."""

    participant: Participant
    text: str
    at_ns: int


RoomEvent = ParticipantJoined | ParticipantLeft | AudioOpened | ChatReceived


@dataclass(frozen=True, slots=True)
class RoomCapabilities:
    """What a room can do, so that nothing is asked of it that it cannot.

    ``video_tracks``: how many videos the bot may send at once, its camera among them.
    """

    separate_audio: bool = True
    video_tracks: int = 1
    captions: bool = True
    voice: bool = True


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """Someone began to make sounds that voice activity takes for speech, at ``at_ns``."""

    participant: Participant
    at_ns: int


@dataclass(frozen=True, slots=True)
class SpeechWent:
    """They are still at it: told with every 32 ms window that is voiced.

    ``voiced_ms``: speech since ``SpeechBegan``. ``at_ns``: end of that window.
    """

    participant: Participant
    at_ns: int
    voiced_ms: float


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The turn is over; what it said, if anything, follows as ``TurnTaken``."""

    participant: Participant
    at_ns: int


@dataclass(frozen=True, slots=True)
class TurnGuessed:
    """What a turn said if it ends with the pause that has just begun.

    ``turn_id`` is the id of the utterance that comes of it. ``TurnTaken`` or ``TurnDropped``
    follows. ``end_ns``: where the last speech in it ends.
    """

    turn_id: str
    participant: Participant
    text: str
    language: str
    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class TurnDropped:
    """The speaker went on (or said nothing): what was guessed of the turn is void."""

    turn_id: str
    participant: Participant


@dataclass(frozen=True, slots=True)
class TurnTaken:
    """A turn is over and this was said; whose voice it was is still being found out."""

    turn_id: str
    participant: Participant
    text: str
    language: str
    start_ns: int
    end_ns: int


SpeechEvent = SpeechBegan | SpeechWent | SpeechEnded | TurnGuessed | TurnDropped | TurnTaken
"""What hearing tells at once, before captions: for barge-in and for answering in time."""
