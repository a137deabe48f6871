"""What a LiveKit server's refusals mean, in one line each: what, where, what to do.

The SDK tells them as texts. They hold what servers wrote, sometimes with the token in it, so none
is passed on as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from meetbot.core.errors import RoomError, RoomLost, RoomRefused

if TYPE_CHECKING:
    from livekit.rtc._proto.participant_pb2 import ParticipantPermission

    from meetbot_livekit.address import Address

__all__ = [
    "OLDEST_SERVER",
    "RoomFull",
    "detail",
    "missing_rights",
    "no_media",
    "reason_of",
    "refused",
    "too_old",
    "undecryptable",
]

OLDEST_SERVER = "1.7"
"""The first that knows participants' attributes."""
MAX_DETAIL = 160
"""Characters of what a server wrote."""
_ANSWER = re.compile(r"(client|server|handshake) error: (\d{3})\s*([^-]*)(?:-\s*(.*))?$", re.S)
_PREFIXES = re.compile(
    r"^((engine|room error engine|signal failure|transport connection error|IO error): )+"
)
_SECRET = re.compile(r"[\w\-]{4,}\.[\w\-]{4,}\.[\w\-]*|[\w\-+/=]{24,}")

_TOKENS = (
    (
        "invalid API key",
        (
            "{} does not know the API key; give one of its own as --key (LIVEKIT_API_KEY), or a "
            "token made with it"
        ),
    ),
    (
        "expired",
        (
            "{} finds the token expired; give a new one, or --key and --secret; check this "
            "machine's clock if it is new"
        ),
    ),
    (
        "not valid yet",
        "{} finds the token not valid yet; set this machine's clock, or the server's",
    ),
    (
        "signature",
        (
            "{} finds the token signed with another secret; give the one that belongs to the key "
            "as --secret (LIVEKIT_API_SECRET), or a token made with it"
        ),
    ),
    (
        "permissions denied",
        "{} does not let the token join; make one with the grant roomJoin for this room",
    ),
)
"""What LiveKit writes with 401, and what it means."""
_NOT_TAKEN = "{} does not take the token; make a new one, or give --key and --secret"
_NOT_LIVEKIT = (
    "{0} cannot be joined: what answers there is no LiveKit server ({1}); check the host and port"
)
_CONNECTIONS = (
    (
        ("InvalidContentType", "InvalidMessage", "wrong version"),
        "{} speaks no TLS; set room.livekit.tls: false, or give the port that does",
    ),
    (
        ("Handshake not finished", "httparse", "reset by peer"),
        (
            "{} cannot be joined: what answers there is no LiveKit server, or one with TLS; check "
            "the host and port, and room.livekit.tls"
        ),
    ),
    (
        ("certificate",),
        (
            "{} has a certificate that this machine does not trust ({detail}); have it renewed, "
            "or add its authority to the system's"
        ),
    ),
    (
        ("lookup",),
        "{} cannot be reached: no such host; check the name, and this machine's network",
    ),
    (
        ("refused",),
        "{} cannot be reached: nothing listens there; start the server, or check the port",
    ),
    (
        ("timed out", "timeout"),
        "{} does not answer; check that the server runs, the address and the firewall",
    ),
)
_MEDIA = ("wait_pc_connection", "publisher connection", "peer connection")


class RoomFull(RoomRefused):
    """There is no place in the room now; there may be one later."""


def refused(error: Exception, address: Address, *, relay_only: bool = False) -> RoomError:
    """What to raise where the SDK could not connect.

    ``RoomRefused`` where the server said no, ``RoomLost`` where it may say yes another time.
    """
    text = str(getattr(error, "message", "") or error)
    if isinstance(error, TimeoutError) or any(words in text for words in _MEDIA):
        return no_media(address, relay_only=relay_only)
    answer = _ANSWER.search(text)
    if answer is not None:
        kind, code, title, body = answer.groups()
        return _answered(kind, int(code), title.strip(), body or "", address)
    for words, meaning in _CONNECTIONS:
        if any(word in text for word in words):
            return RoomLost(meaning.format(address, detail=detail(text)))
    return RoomLost(f"{address} cannot be reached: {detail(text)}")


def no_media(address: Address, *, relay_only: bool = False) -> RoomLost:
    """The server answers, but no sound or picture gets through."""
    if relay_only:
        return RoomLost(
            f"{address} answers, but no TURN server relays its media; configure one there or in "
            "room.ice_servers, or set room.livekit.relay_only: false"
        )
    return RoomLost(
        f"{address} answers, but its media ports do not; open them in the firewall (UDP, or the "
        "TCP port of its rtc section), or name a TURN server in room.ice_servers"
    )


def missing_rights(permissions: ParticipantPermission, address: Address) -> tuple[str, ...]:
    """Lines for the log: what the token keeps the bot from, and which grant would allow it.

    What it may publish is each track's own matter.
    """
    wanted = (
        (permissions.can_subscribe, "hears nobody", "canSubscribe"),
        (permissions.can_publish_data, "can write no captions", "canPublishData"),
    )
    return tuple(
        f"{address}: the bot {effect}; a moderator or a new token has to give it {grant}"
        for allowed, effect, grant in wanted
        if not allowed
    )


def too_old(address: Address) -> RoomRefused:
    """The server does not know what the bot needs of it."""
    return RoomRefused(
        f"{address} runs a LiveKit server that is too old: it keeps no attributes of "
        f"participants; upgrade it to {OLDEST_SERVER} or later"
    )


def undecryptable(name: str, address: Address, *, with_key: bool) -> str:
    """A line for the log: what ``name`` sends is encrypted with a key that the bot has not."""
    has = "another key than the bot's" if with_key else "a key, and the bot has none"
    return f"{address}: {name} encrypts with {has}; give the room's as room.livekit.encryption_key"


def reason_of(error: BaseException) -> str:
    """What an error of the SDK's says, as ``detail`` does; its kind where it says nothing."""
    return detail(str(getattr(error, "message", None) or error)) or type(error).__name__


def detail(text: str) -> str:
    """The end of what an SDK or a server wrote, in one line, without anything like a token."""
    said = _SECRET.sub("…", _PREFIXES.sub("", text))
    line = " ".join("".join(c if c.isprintable() else " " for c in said).split())
    return line if len(line) <= MAX_DETAIL else f"{line[: MAX_DETAIL - 1]}…"


def _answered(kind: str, code: int, title: str, body: str, address: Address) -> RoomError:
    status = detail(f"{code} {title}")
    if code == 401:
        meaning = next((text for word, text in _TOKENS if word in body), _NOT_TAKEN)
        return RoomRefused(meaning.format(address))
    if code == 404 and "room does not exist" in body:
        return RoomRefused(f"{address} is not open, and the server opens none by itself; open it")
    if code == 500 and kind == "handshake":
        return RoomFull(f"{address} is full; wait until somebody leaves, or raise its limit")
    if code == 503 and "limit" in body:
        return RoomFull(f"{address}: the server is at its limit; wait, or give it more room")
    if "HTTPS" in body or 300 <= code < 400:
        return RoomLost(f"{address} wants TLS, or is elsewhere ({status}); set room.livekit.tls")
    if code == 400:
        return RoomRefused(f"{address} does not take the bot's request: {detail(body)}")
    if code == 403:
        return RoomRefused(f"{address} is closed to this machine ({status}); ask who runs it")
    if code == 429 or code >= 500:
        return RoomLost(f"{address} is not served now ({status}); check that LiveKit runs there")
    return RoomLost(_NOT_LIVEKIT.format(address, status))
