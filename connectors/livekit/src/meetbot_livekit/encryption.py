"""Whose sound can be decrypted: noise of a wrong key is nobody's words."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from livekit import rtc

from meetbot.core.limits import shown_name
from meetbot_livekit.problems import undecryptable

if TYPE_CHECKING:
    from collections.abc import Callable

    from livekit.rtc.room import EventTypes

    from meetbot_livekit.address import Address

__all__ = ["Encryption"]

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 3.0
"""The SDK tells when it could decrypt somebody's first frame, and nothing when it could not."""
PLAIN = rtc.EncryptionType.NONE


class Encryption:
    """A ``Part``: knows who sends what the bot can decrypt, and tells of others once, in the log.

    ``with_key``: whether the bot has a key at all.
    """

    def __init__(self, address: Address, *, with_key: bool) -> None:
        self._address = address
        self._with_key = with_key
        self._readable: set[str] = set()
        self._told: set[str] = set()
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        self._room: rtc.Room | None = None
        self._handlers: dict[EventTypes, Callable[..., None]] = {
            "e2ee_state_changed": self._changed,
            "track_subscribed": lambda _, publication, who: self._wait(publication, who),
            "track_unmuted": lambda who, publication: self._wait(publication, who),
            "participant_disconnected": lambda who: self._forget(who.identity),
        }

    def readable(self, identity: str, publication: rtc.RemoteTrackPublication) -> bool:
        """Whether what ``identity`` sends in ``publication`` is sound, and not noise."""
        return publication.encryption_type == PLAIN or identity in self._readable

    # ------------------------------------------------------------------ Part

    def attach(self, room: rtc.Room) -> None:
        """Listen."""
        self._room = room
        for event, handler in self._handlers.items():
            room.on(event, handler)

    async def up(self, room: rtc.Room) -> None:
        """Nothing to do."""

    async def down(self) -> None:
        """Nobody is heard."""
        room, self._room = self._room, None
        if room is not None:
            for event, handler in self._handlers.items():
                room.off(event, handler)
        self._readable.clear()
        for timer in self._waiting.values():
            timer.cancel()
        self._waiting.clear()

    # ------------------------------------------------------------------ inside

    def _changed(self, who: rtc.Participant | None, state: rtc.EncryptionState.ValueType) -> None:
        if not isinstance(who, rtc.RemoteParticipant):
            return
        if state in {rtc.EncryptionState.OK, rtc.EncryptionState.KEY_RATCHETED}:
            self._forget(who.identity)
            self._readable.add(who.identity)
            self._told.discard(who.identity)
        elif state != rtc.EncryptionState.NEW:
            self._readable.discard(who.identity)
            self._tell(who)

    def _wait(self, publication: rtc.TrackPublication, who: rtc.Participant) -> None:
        """Decryption is found out about when sound comes."""
        identity = who.identity
        plain = publication.encryption_type == PLAIN
        if plain or publication.muted or identity in self._readable or identity in self._waiting:
            return
        if self._with_key:
            loop = asyncio.get_running_loop()
            self._waiting[identity] = loop.call_later(PATIENCE_SECONDS, self._tell, who)
        else:
            self._tell(who)

    def _forget(self, identity: str) -> None:
        self._readable.discard(identity)
        timer = self._waiting.pop(identity, None)
        if timer is not None:
            timer.cancel()

    def _tell(self, who: rtc.Participant) -> None:
        self._waiting.pop(who.identity, None)
        if who.identity not in self._told:
            self._told.add(who.identity)
            log.error(
                "%s",
                undecryptable(shown_name(who.identity), self._address, with_key=self._with_key),
            )
