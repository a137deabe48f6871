"""One track of the bot, published on whichever connection there is, while the room lets it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from livekit import rtc

from meetbot.core.errors import RoomError
from meetbot_livekit.problems import reason_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from livekit.rtc.room import EventTypes

__all__ = ["Publisher"]

log = logging.getLogger(__name__)

PUBLISH_SECONDS = 10.0
RETRY_SECONDS = 3.0
UNPUBLISH_SECONDS = 2.0
SETTLE_SECONDS = 0.2
"""The SDK may publish anew by itself what it has just taken back."""
KINDS = {
    rtc.TrackSource.SOURCE_CAMERA: "camera",
    rtc.TrackSource.SOURCE_SCREENSHARE: "screen share",
    rtc.TrackSource.SOURCE_MICROPHONE: "microphone",
}


class Publisher:
    """Keeps one track published once ``want`` was called.

    ``make`` makes a fresh track. What the room does not permit is told once in the log, and
    published as soon as it does. A track that a moderator has muted stays muted. ``turn``: of all
    tracks, since the SDK mixes up the codecs of tracks that are published at the same time.
    """

    def __init__(
        self,
        options: rtc.TrackPublishOptions,
        make: Callable[[], rtc.LocalTrack],
        turn: asyncio.Lock,
    ) -> None:
        self._options = options
        self._turn = turn
        self._make = make
        self._wanted = asyncio.Event()
        self._changed = asyncio.Event()
        self._room: rtc.Room | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._sid: str | None = None
        self._muted = False
        self._revoked = False
        self._told = ""
        self._handlers: dict[EventTypes, Callable[..., None]] = {
            "participant_permissions_changed": self._permitted,
            "local_track_unpublished": self._unpublished,
            "local_track_republished": self._republished,
            "track_muted": lambda _, publication: self._mute(publication, muted=True),
            "track_unmuted": lambda _, publication: self._mute(publication, muted=False),
        }

    @property
    def published(self) -> bool:
        """Whether it is in the room now."""
        return self._sid is not None

    def want(self) -> None:
        """There is something to send."""
        self._wanted.set()

    def up(self, room: rtc.Room) -> None:
        """``room`` is connected."""
        self._room = room
        for event, handler in self._handlers.items():
            room.on(event, handler)
        self._keeping = asyncio.create_task(self._keep(room))

    async def down(self) -> None:
        """The connection is gone, and the track with it."""
        room, self._room, self._sid, self._revoked = self._room, None, None, False
        if room is not None:
            for event, handler in self._handlers.items():
                room.off(event, handler)
        keeping, self._keeping = self._keeping, None
        if keeping is not None:
            keeping.cancel()
            (end,) = await asyncio.gather(keeping, return_exceptions=True)
            if isinstance(end, Exception):
                kind = KINDS[self._options.source]
                log.error("publishing the bot's %s broke: %s", kind, reason_of(end))

    # ------------------------------------------------------------------ inside

    async def _keep(self, room: rtc.Room) -> None:
        await self._wanted.wait()
        while True:
            self._changed.clear()
            self._sid = self._there(room)
            if self._sid is not None:
                await self._changed.wait()
                await asyncio.sleep(SETTLE_SECONDS)
                await self._take_back(room)
            elif not self._is_permitted(room):
                self._tell("its token or a moderator must give it canPublish")
                await self._changed.wait()
            elif not await self._publish(room):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), RETRY_SECONDS)

    async def _publish(self, room: rtc.Room) -> bool:
        try:
            track = self._make()
            if self._muted:
                track.mute()
            async with self._turn, asyncio.timeout(PUBLISH_SECONDS):
                await room.local_participant.publish_track(track, self._options)
        except Exception as error:  # the SDK raises whatever it likes
            self._tell(reason_of(error))
            return False
        self._told = ""
        return True

    async def _take_back(self, room: rtc.Room) -> None:
        """The server has dropped what was not permitted for a moment; the SDK may not know."""
        sid = self._there(room)
        revoked, self._revoked = self._revoked, False
        if not revoked or sid is None:
            return
        try:
            async with asyncio.timeout(UNPUBLISH_SECONDS):
                await room.local_participant.unpublish_track(sid)
        except Exception as error:  # the SDK raises whatever it likes
            log.debug("a track of the bot's was gone already: %s", reason_of(error))

    def _there(self, room: rtc.Room) -> str | None:
        for sid, publication in room.local_participant.track_publications.items():
            if publication.source == self._options.source:
                return sid
        return None

    def _is_permitted(self, room: rtc.Room) -> bool:
        permissions = room.local_participant.permissions
        sources = permissions.can_publish_sources
        return permissions.can_publish and (not sources or self._options.source in sources)

    def _tell(self, reason: str) -> None:
        if reason != self._told:
            self._told = reason
            kind = KINDS[self._options.source]
            log.error("%s", RoomError(f"the room does not take the bot's {kind}: {reason}"))

    def _permitted(self, participant: rtc.Participant, _: object) -> None:
        if self._room is not None and participant.identity == self._room.local_participant.identity:
            self._revoked = self._revoked or not self._is_permitted(self._room)
            self._changed.set()

    def _unpublished(self, publication: rtc.LocalTrackPublication) -> None:
        if publication.sid == self._sid:
            self._changed.set()

    def _republished(self, publication: rtc.LocalTrackPublication, previous: str) -> None:
        if previous == self._sid:
            self._sid = publication.sid

    def _mute(self, publication: rtc.TrackPublication, *, muted: bool) -> None:
        if publication.sid == self._sid:
            self._muted = muted
            kind = KINDS[self._options.source]
            log.warning("a moderator has %s the bot's %s", "muted" if muted else "unmuted", kind)
