"""Captions as LiveKit's own transcriptions, under the identity and the track of who spoke.

A LiveKit server passes words on under another participant's identity only where they come from a
participant of kind AGENT; anybody else's transcription packets are dropped, and anybody else's
text streams go out under their own identity. So a bot that has another kind of token, or that is
in an encrypted room (where the server cannot see whose words they are, and the SDK encrypts no
transcription packets), writes under its own identity, with the speaker's name before the text.

Both forms are sent, as LiveKit's agents do, since each of today's clients reads one: the packets
are what ``RoomEvent.TranscriptionReceived`` and ``useTrackTranscription`` tell of, the text streams
what ``useTranscriptions`` and ``useSessionMessages`` do. Both keep one line per segment id, which
is the utterance's in both forms, and replace its text: no client shows a line twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from livekit import rtc

from meetbot.core.messages import BOT_ID

if TYPE_CHECKING:
    from meetbot.core.types import Caption, Speaker

__all__ = ["TRANSCRIPTION", "Line", "as_line", "microphone_sid", "publish_packet", "publish_text"]

TRANSCRIPTION = "lk.transcription"
"""The topic of text streams that clients take for transcriptions."""
NS_PER_MS = 1_000_000
WITHDRAWN = " "
"""A text stream without any text tells nothing; a blank takes the place of what was shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """A caption as clients get it. ``signed``: under the identity of who spoke."""

    identity: str
    track_sid: str
    text: str
    final: bool
    signed: bool
    attributes: dict[str, str]


def as_line(caption: Caption, room: rtc.Room) -> Line:
    """``caption`` as ``room``, which is connected, lets it be told.

    The speaker's own name, where a voice-print tells it, is the attribute ``meetbot.speaker``. It
    is in the text as well where a client would show another: several people at one microphone, or
    a participant whose name has no word in common with it. An empty text withdraws the line.
    """
    me = room.local_participant
    participant = caption.participant
    own = participant.is_bot and participant.id == BOT_ID
    spoken_by = me.identity if own else participant.id
    signed = own or _may_sign(room)
    track_sid = microphone_sid(room, spoken_by)
    return Line(
        identity=spoken_by if signed else me.identity,
        track_sid=track_sid,
        text=_text(caption, signed=signed),
        final=caption.final or not caption.text,
        signed=signed,
        attributes=_attributes(caption, track_sid, spoken_by),
    )


def microphone_sid(room: rtc.Room, identity: str) -> str:
    """The sid of that participant's microphone track, the bot's own too; empty: there is none."""
    me = room.local_participant
    one = me if identity == me.identity else room.remote_participants.get(identity)
    publications = one.track_publications.values() if one is not None else ()
    for publication in publications:
        if publication.source == rtc.TrackSource.SOURCE_MICROPHONE:
            return publication.sid
    return ""


async def publish_packet(room: rtc.Room, caption: Caption, line: Line) -> None:
    """As a transcription packet; only where it would be passed on, and needs no encryption.

    Never without a track: the receiving side of LiveKit's Rust SDK, and so of its Python SDK,
    takes the whole process down over a packet whose track id is empty.
    """
    if not line.track_sid or not _may_sign(room):
        return
    segment = rtc.TranscriptionSegment(
        id=caption.utterance_id,
        text=line.text,
        start_time=max(0, caption.start_ns) // NS_PER_MS,
        end_time=max(0, caption.end_ns) // NS_PER_MS,
        language=caption.language,
        final=line.final,
    )
    await room.local_participant.publish_transcription(
        rtc.Transcription(line.identity, line.track_sid, [segment])
    )


async def publish_text(room: rtc.Room, line: Line) -> None:
    """As a text stream; each carries the whole text so far."""
    writer = await room.local_participant.stream_text(
        topic=TRANSCRIPTION, attributes=line.attributes, sender_identity=line.identity
    )
    await writer.write(line.text or WITHDRAWN)
    await writer.aclose()


def _may_sign(room: rtc.Room) -> bool:
    kind = room.local_participant.kind
    return kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT and not room.e2ee_manager.enabled


def _attributes(caption: Caption, track_sid: str, spoken_by: str) -> dict[str, str]:
    attributes = {
        "lk.segment_id": caption.utterance_id,
        "lk.transcribed_track_id": track_sid,
        "lk.transcription_final": "true" if caption.final or not caption.text else "false",
        "meetbot.participant": spoken_by,
        "meetbot.language": caption.language,
    }
    if caption.speaker is not None:
        attributes["meetbot.speaker"] = caption.speaker.name
        attributes["meetbot.speaker_colour"] = caption.speaker.colour
    return attributes


def _text(caption: Caption, *, signed: bool) -> str:
    if not caption.text:
        return ""
    participant, speaker = caption.participant, caption.speaker
    if not signed:
        return f"{speaker.name if speaker else participant.name}: {caption.text}"
    if speaker is not None and (participant.shared_microphone or _another(speaker, caption)):
        return f"{speaker.name}: {caption.text}"
    return caption.text


def _another(speaker: Speaker, caption: Caption) -> bool:
    """Whether nobody would take the participant's name for this speaker's."""
    names = (speaker.name, caption.participant.name)
    first, second = ({*name.casefold().split()} for name in names)
    return first.isdisjoint(second)
