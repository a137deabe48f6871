"""What each participant says: their microphone alone, as soon as it arrives."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from livekit import rtc

from meetbot.core.limits import shown_name
from meetbot.core.types import AudioOpened
from meetbot_livekit.microphone import Microphone
from meetbot_livekit.problems import detail

if TYPE_CHECKING:
    from collections.abc import Callable

    from livekit.rtc.room import EventTypes

    from meetbot.core.clock import Clock
    from meetbot.core.types import Participant, RoomEvent

__all__ = ["Hearing"]

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
RETRIES = 5


class Hearing:
    """A ``Part``: opens the microphones of people, each with a stream of its own.

    Nothing else is received. A stream lasts as long as its microphone is published and may be
    listened to; while it is muted nothing comes. ``who(identity)``: as they were announced; bots
    are not listened to. ``readable(identity, publication)``: whether it is sound; what cannot be
    decrypted is not.
    """

    def __init__(
        self,
        clock: Clock,
        who: Callable[[str], Participant | None],
        tell: Callable[[RoomEvent], None],
        readable: Callable[[str, rtc.RemoteTrackPublication], bool],
    ) -> None:
        self._clock = clock
        self._readable = readable
        self._who = who
        self._tell = tell
        self._dropped = 0
        self._room: rtc.Room | None = None
        self._open: dict[str, Microphone] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._retries: dict[str, tuple[int, asyncio.TimerHandle]] = {}
        self._handlers: dict[EventTypes, Callable[..., None]] = {
            "track_published": self._published,
            "track_subscribed": self._subscribed,
            "track_unsubscribed": lambda _, publication, __: self._stop(publication.sid),
            "track_unpublished": lambda publication, _: self._stop(publication.sid),
            "track_subscription_failed": self._failed,
            "track_muted": lambda _, publication: self._mute(publication.sid, muted=True),
            "track_unmuted": lambda _, publication: self._mute(publication.sid, muted=False),
            "participant_disconnected": self._went,
            "participant_permissions_changed": lambda _, __: self._subscribe_all(),
            "reconnected": self._subscribe_all,
            "moved": self._subscribe_all,
        }

    @property
    def dropped(self) -> int:
        """Frames that nobody took in time."""
        return self._dropped + sum(one.frames.dropped for one in self._open.values())

    @property
    def streams(self) -> int:
        """How many microphones cost anything at the moment."""
        return sum(one.running for one in self._open.values())

    def announced_anew(self, participant: Participant) -> None:
        """Somebody's name changed: what they say from now on is under the new one."""
        self._stop_all_of(participant.id)
        self._subscribe_all()

    # ------------------------------------------------------------------ Part

    def attach(self, room: rtc.Room) -> None:
        """Listen to who publishes."""
        self._room = room
        for event, handler in self._handlers.items():
            room.on(event, handler)

    async def up(self, room: rtc.Room) -> None:
        """Ask for the microphones that are there."""
        self._subscribe_all()

    async def down(self) -> None:
        """All streams end."""
        room, self._room = self._room, None
        if room is not None:
            for event, handler in self._handlers.items():
                room.off(event, handler)
        for _, timer in self._retries.values():
            timer.cancel()
        self._retries.clear()
        for sid in list(self._open):
            self._stop(sid)
        await asyncio.gather(*self._closing, return_exceptions=True)

    # ------------------------------------------------------------------ inside

    def _subscribe_all(self) -> None:
        if self._room is None:
            return
        for one in self._room.remote_participants.values():
            for publication in one.track_publications.values():
                self._published(publication, one)

    def _published(
        self, publication: rtc.RemoteTrackPublication, who: rtc.RemoteParticipant
    ) -> None:
        participant = self._who(who.identity)
        if participant is None or participant.is_bot or not _is_microphone(publication):
            return
        if not publication.subscribed:
            publication.set_subscribed(True)
        elif publication.track is not None and publication.sid not in self._open:
            self._subscribed(publication.track, publication, who)

    def _subscribed(
        self,
        track: rtc.Track,
        publication: rtc.RemoteTrackPublication,
        who: rtc.RemoteParticipant,
    ) -> None:
        self._forget_failures(publication.sid)
        participant = self._who(who.identity)
        if participant is None or participant.is_bot or not _is_microphone(publication):
            return
        if not isinstance(track, rtc.RemoteAudioTrack):
            log.warning("%s has a microphone that is not sound", participant.name)
            return
        self._stop(publication.sid)
        one = Microphone(
            participant.id,
            track,
            self._clock,
            lambda: self._readable(who.identity, publication),
            muted=publication.muted,
        )
        self._open[publication.sid] = one
        self._tell(AudioOpened(participant, one.frames))

    def _stop(self, sid: str) -> None:
        self._forget_failures(sid)
        one = self._open.pop(sid, None)
        if one is not None:
            self._dropped += one.frames.dropped
            task = asyncio.create_task(one.close(), name="microphone")
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def _mute(self, sid: str, *, muted: bool) -> None:
        one = self._open.get(sid)
        if one is not None:
            one.mute(muted)

    def _went(self, who: rtc.RemoteParticipant) -> None:
        self._stop_all_of(who.identity)

    def _stop_all_of(self, identity: str) -> None:
        for sid in [sid for sid, one in self._open.items() if one.identity == identity]:
            self._stop(sid)

    def _failed(self, who: rtc.RemoteParticipant, sid: str, error: object) -> None:
        tried = self._retries[sid][0] if sid in self._retries else 0
        name = shown_name(who.identity)
        log.warning("the microphone of %s cannot be received: %s", name, detail(str(error)))
        if tried < RETRIES:
            delay = RETRY_SECONDS * (tried + 1)
            timer = asyncio.get_running_loop().call_later(delay, self._retry, who.identity, sid)
            self._retries[sid] = (tried + 1, timer)

    def _retry(self, identity: str, sid: str) -> None:
        one = self._room.remote_participants.get(identity) if self._room is not None else None
        publication = one.track_publications.get(sid) if one is not None else None
        if publication is not None and sid not in self._open:
            publication.set_subscribed(True)

    def _forget_failures(self, sid: str) -> None:
        failed = self._retries.pop(sid, None)
        if failed is not None:
            failed[1].cancel()


def _is_microphone(publication: rtc.RemoteTrackPublication) -> bool:
    return publication.source == rtc.TrackSource.SOURCE_MICROPHONE
