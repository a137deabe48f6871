"""Who the bot is to a LiveKit server: tokens with just the rights needed, made or given."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from livekit import api

from meetbot.core.clock import wall_now
from meetbot.core.errors import ConfigError, RoomRefused
from meetbot_livekit.presence import AI, AI_METADATA, INITIALIZING, STATE

if TYPE_CHECKING:
    from collections.abc import Callable

    from meetbot.config import LiveKitSettings

__all__ = ["SOURCES", "TokenSource"]

SOURCES = ["camera", "microphone", "screen_share"]
"""All that the bot may publish."""
MAX_TOKEN = 16_384


@dataclass(frozen=True, slots=True)
class _Claims:
    identity: str
    expires: datetime | None


class TokenSource:
    """A token for each connection: ``await room.connect(url, tokens())``.

    With ``settings.key`` and ``settings.secret`` each call makes one that lives as long as
    ``settings.token_seconds``; the identity is the same in all of them, so that a reconnect is the
    same participant. Otherwise ``given`` is used, and later the newest that the server has sent
    (``refreshed``). Raises ``ConfigError`` for a token that cannot work, or where there is none.
    """

    def __init__(
        self,
        room: str,
        name: str,
        settings: LiveKitSettings,
        given: str | None = None,
        now: Callable[[], datetime] = wall_now,
    ) -> None:
        self._room = room
        self._name = name
        self._settings = settings
        self._now = now
        self._given = given.strip() if given else None
        if self._given is not None:
            claims = _claims(self._given, room)
            _refuse_expired(claims, now())
            self.identity = claims.identity
        elif settings.key is not None and settings.secret is not None:
            self.identity = settings.identity or f"meetbot-{token_hex(4)}"
        else:
            raise ConfigError(
                "a LiveKit room wants a token: give --key and --secret, or --token "
                "(LIVEKIT_API_KEY and LIVEKIT_API_SECRET, or MEETBOT_ROOM_TOKEN)"
            )

    def __repr__(self) -> str:
        return f"TokenSource({self.identity!r}, {'made' if self.own else 'given'})"

    @property
    def own(self) -> bool:
        """Whether the bot makes its tokens itself, so that a refused one means a wrong key."""
        return self._given is None

    def __call__(self) -> str:
        """A token to connect with now. Raises ``RoomRefused`` when the given one has expired."""
        if self._given is None:
            return self._made()
        _refuse_expired(_claims(self._given, self._room), self._now())
        return self._given

    def refreshed(self, token: str) -> None:
        """The server has sent a newer one: it is used for later connections."""
        if self._given is not None and _newer(token, self._given):
            self._given = token

    def moved(self, room: str) -> None:
        """The bot was taken to another room of the server."""
        self._room = room

    def _made(self) -> str:
        settings = self._settings
        secret = settings.secret.get_secret_value() if settings.secret is not None else None
        token = api.AccessToken(settings.key, secret)
        token.with_identity(self.identity).with_name(self._name).with_kind("agent")
        token.with_metadata(AI_METADATA).with_attributes({AI: "true", STATE: INITIALIZING})
        token.with_ttl(timedelta(seconds=settings.token_seconds))
        token.with_grants(
            api.VideoGrants(
                room_join=True,
                room=self._room,
                can_publish=True,
                can_publish_sources=SOURCES,
                can_publish_data=True,
                can_subscribe=True,
                can_update_own_metadata=True,
            )
        )
        return token.to_jwt()


def _claims(token: str, room: str) -> _Claims:
    """What ``token`` says, unverified: only the server can check who signed it."""
    payload = _payload(token)
    video = payload.get("video")
    grants: dict[str, Any] = video if isinstance(video, dict) else {}
    identity, named = payload.get("sub"), grants.get("room")
    if not isinstance(identity, str) or not identity or grants.get("roomJoin") is not True:
        raise ConfigError(
            "the token is not for joining a LiveKit room; make one with an identity and roomJoin"
        )
    if named != room:
        for_room = f"the room “{named}”" if named else "no room"
        raise ConfigError(f"the token is for {for_room}, not for “{room}”; make one for this room")
    try:
        expires = datetime.fromtimestamp(float(payload["exp"]), UTC) if "exp" in payload else None
    except (TypeError, ValueError, OverflowError, OSError):
        raise ConfigError("the token's expiry is not a time; make a new one") from None
    return _Claims(identity, expires)


def _payload(token: str) -> dict[str, Any]:
    pieces = token.split(".")
    try:
        if len(token) > MAX_TOKEN or len(pieces) != 3:
            raise ValueError
        padded = pieces[1] + "=" * (-len(pieces[1]) % 4)
        payload = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(payload, dict):
            raise ValueError
    except (ValueError, RecursionError):
        raise ConfigError(
            "the token is not a LiveKit access token (a JWT: three parts with dots between them)"
        ) from None
    return payload


def _refuse_expired(claims: _Claims, now: datetime) -> None:
    if claims.expires is not None and claims.expires <= now:
        when = claims.expires.strftime("%Y-%m-%d %H:%M:%S UTC")
        raise RoomRefused(
            f"the token expired at {when}; give a new one, or --key and --secret, with which the "
            "bot makes its own"
        )


def _newer(token: str, than: str) -> bool:
    try:
        return float(_payload(token)["exp"]) >= float(_payload(than).get("exp", 0))
    except (ConfigError, KeyError, TypeError, ValueError):
        return False
