"""What ``livekit://HOST[:PORT]/ROOM`` means: a server's WebSocket address and a room's name."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from meetbot.core.errors import ConfigError

__all__ = ["SCHEME", "Address", "room_address"]

SCHEME = "livekit"
PLAIN_PORT = 7880
TLS_PORT = 443
MAX_ROOM_NAME = 256
"""What LiveKit servers take."""
EXAMPLE = "livekit://HOST:PORT/ROOM"


@dataclass(frozen=True, slots=True)
class Address:
    """A room of a LiveKit server. ``url``: the server's, ``ws://HOST:PORT`` or ``wss://…``."""

    url: str
    room: str

    def __str__(self) -> str:
        return f"the room “{self.room}” at {self.url}"


def room_address(target: str, *, tls: bool | None = None) -> Address:
    """The address that ``livekit://HOST[:PORT]/ROOM`` stands for.

    ``tls``: whether the server is reached by wss; None: everywhere but on this machine. The port
    is 443 with TLS and 7880 without it, unless it is given. Raises ``ConfigError``.
    """
    shown = ascii(target)[1:-1]
    try:
        parts = urlsplit(target)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigError(f"{shown}: not the address of a room: {error}") from None
    if parts.scheme != SCHEME or not host or any(char.isspace() for char in parts.netloc):
        raise ConfigError(f"{shown}: not the address of a LiveKit room; write {EXAMPLE}")
    if "@" in parts.netloc:
        raise ConfigError("an address holds no password; give --key and --secret, or --token")
    if parts.query or parts.fragment:
        raise ConfigError(f"{shown}: in a room's name write %3F for ? and %23 for #")
    if port == 0:
        raise ConfigError(f"{shown}: no server has the port 0")
    secure = not _is_this_machine(host) if tls is None else tls
    name = f"[{host}]" if ":" in host else host
    url = f"{'wss' if secure else 'ws'}://{name}:{port or (TLS_PORT if secure else PLAIN_PORT)}"
    return Address(url, _room_name(parts.path, shown))


def _room_name(path: str, shown: str) -> str:
    raw = path.removeprefix("/").removesuffix("/")
    if "/" in raw:
        raise ConfigError(f"{shown}: in a room's name write %2F for /")
    try:
        name = unquote(raw, errors="strict")
    except UnicodeDecodeError:
        raise ConfigError(f"{shown}: the room's name is not UTF-8") from None
    if not name.strip():
        raise ConfigError(f"{shown}: names no room; write {EXAMPLE}")
    if not name.isprintable() or len(name.encode()) > MAX_ROOM_NAME:
        raise ConfigError(
            f"{shown}: a room's name has {MAX_ROOM_NAME} bytes at most and no control characters"
        )
    return name


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
