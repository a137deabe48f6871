"""The bot's place in a LiveKit room: hears each alone, shows its picture, writes captions."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Self

from meetbot.core.channels import Channel, ChannelClosed, Overflow
from meetbot.core.errors import RoomError, RoomLost
from meetbot.core.types import ChatReceived, RoomCapabilities
from meetbot_livekit.address import room_address
from meetbot_livekit.encryption import Encryption
from meetbot_livekit.hearing import Hearing
from meetbot_livekit.link import ServerLink
from meetbot_livekit.problems import reason_of
from meetbot_livekit.roster import Roster
from meetbot_livekit.showing import Showing
from meetbot_livekit.tokens import TokenSource
from meetbot_livekit.words import Words

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from meetbot.config import RoomSettings
    from meetbot.core.clock import Clock
    from meetbot.core.types import RoomEvent, RoomMessage, VideoFrame
    from meetbot.core.voice import Moment

__all__ = ["LiveKitRoom"]

log = logging.getLogger(__name__)

EVENTS = 1024
LAST_MESSAGES_SECONDS = 1.0
MOST_TRACKS = 2
"""A camera and a screen share: what LiveKit's clients show of a participant."""


class LiveKitRoom:
    """Implements ``core.ports.Room`` for a room of a LiveKit server.

    ``target``: ``livekit://HOST[:PORT]/ROOM``. ``token``: made by somebody else; None: made with
    the settings' key and secret. ``tracks``: the videos that the bot would send: the first goes
    out as its camera, the second as its screen share, more do not. Raises ``ConfigError`` for an
    address or a token that cannot work, ``RoomRefused`` for one that has expired.
    """

    def __init__(
        self,
        target: str,
        name: str,
        clock: Clock,
        settings: RoomSettings,
        *,
        token: str | None = None,
        tracks: tuple[str, ...] = ("stage",),
    ) -> None:
        livekit = settings.livekit
        address = room_address(target, tls=livekit.tls)
        self._tokens = TokenSource(address.room, name, livekit, token)
        self._clock = clock
        self._events: Channel[RoomEvent] = Channel(EVENTS, Overflow.WAIT)
        self._roster = Roster(
            clock,
            settings.grace_seconds,
            self._tell,
            lambda participant: self._hearing.announced_anew(participant),  # noqa: PLW0108
        )
        self._encryption = Encryption(address, with_key=livekit.encryption_key is not None)
        self._hearing = Hearing(clock, self._roster.get, self._tell, self._encryption.readable)
        self._tracks = tracks[:MOST_TRACKS]
        self._showing = Showing(self._tracks, livekit, clock)
        self._words = Words(clock, name, self._wrote)
        parts = (self._encryption, self._roster, self._hearing, self._showing, self._words)
        self._link = ServerLink(address, self._tokens, settings, clock, parts)
        self._follower: asyncio.Task[None] | None = None

    # ------------------------------------------------------------------ Room

    @property
    def capabilities(self) -> RoomCapabilities:
        """Everyone's own sound, captions, a voice, and a camera and a screen share."""
        return RoomCapabilities(video_tracks=len(self._tracks))

    @property
    def drops(self) -> dict[str, int]:
        """What was thrown away so far, by kind."""
        return {
            "audio": self._hearing.dropped,
            "captions": self._words.dropped,
            **self._showing.drops,
        }

    @property
    def identity(self) -> str:
        """The bot's own, on the server."""
        return self._tokens.identity

    @property
    def reconnects(self) -> int:
        """How often it has joined again."""
        return self._link.reconnects

    async def events(self) -> AsyncIterator[RoomEvent]:
        """Who comes, goes and opens a microphone. Raises ``RoomLost``."""
        async for event in self._events:
            yield event

    async def send(self, message: RoomMessage) -> None:
        """Write ``message`` to everyone; what cannot be written now is, when there is a way."""
        self._words.send(message)

    async def publish(self, track: str, frames: AsyncIterator[VideoFrame]) -> None:
        """Show ``frames`` as ``track`` until they end. Raises ``RoomError`` for another name."""
        await self._showing.publish(track, frames)

    async def present(self, moments: AsyncIterator[Moment]) -> None:
        """Be the bot's camera and microphone until ``moments`` end; one call at a time."""
        await self._showing.present(moments)

    def finish(self) -> None:
        """End ``events``, so that the one who runs the bot leaves in good order."""
        self._events.close()

    async def __aenter__(self) -> Self:
        try:
            await self._link.join()
        except BaseException:
            await self._showing.close()
            raise
        self._follower = asyncio.create_task(self._follow(), name="room")
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._link.connected:
            await self._words.drain(LAST_MESSAGES_SECONDS)
        if self._follower is not None:
            self._follower.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._follower
        await self._link.leave()
        await self._showing.close()
        self._events.close()

    # ------------------------------------------------------------------ inside

    async def _follow(self) -> None:
        try:
            await self._link.run()
        except RoomError as error:
            self._events.close(error if isinstance(error, RoomLost) else RoomLost(str(error)))
        except Exception as error:
            log.exception("the connection to the room broke")
            self._events.close(RoomLost(f"{self._link.address} was lost: {reason_of(error)}"))

    def _wrote(self, identity: str, text: str) -> None:
        writer = self._roster.get(identity)
        if writer is not None:
            self._tell(ChatReceived(writer, text, self._clock.now_ns()))

    def _tell(self, event: RoomEvent) -> None:
        try:
            self._events.offer(event)
        except ChannelClosed:
            log.debug("the room is being left: %s", event)
        except asyncio.QueueFull:
            self._events.close(RoomLost(f"nobody takes the room's events; {EVENTS} are waiting"))
