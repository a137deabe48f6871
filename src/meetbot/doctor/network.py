"""The server's port, and how other machines could reach it. Sends nothing."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import psutil

from meetbot.config.schema import is_loopback
from meetbot.doctor.findings import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meetbot.config import Settings

__all__ = ["check"]

_GROUP = "network"


def check(settings: Settings) -> Iterator[Finding]:
    """Whether the configured port is free, sound can use UDP, and who can come."""
    web = settings.web
    yield _port(web.host.strip("[]"), web.port)
    yield _udp()
    if web.is_public:
        yield Finding(
            _GROUP, "who can come", Verdict.OK, f"anyone who reaches {web.host}, by token"
        )
        return
    others = sorted(_addresses())
    found = "this machine only" + (f"; its addresses: {', '.join(others)}" if others else "")
    yield Finding(_GROUP, "who can come", Verdict.OK, found)


def _port(host: str, port: int) -> Finding:
    name = "port"
    if port == 0:
        return Finding(_GROUP, name, Verdict.OK, "any free one")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            advice = "end the program that has it, or set web.port (0: any free one)"
            found = f"{host}:{port}: {error.strerror or error}"
            return Finding(_GROUP, name, Verdict.FAIL, found, advice)
    return Finding(_GROUP, name, Verdict.OK, f"{host}:{port} is free")


def _udp() -> Finding:
    """WebRTC's sound and pictures travel by UDP: is a datagram to ourselves let through?"""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        receiver.settimeout(1)
        try:
            receiver.bind(("127.0.0.1", 0))
            sender.sendto(b"meetbot", receiver.getsockname())
            receiver.recv(16)
        except OSError as error:
            advice = "let this program use UDP on the loopback address"
            return Finding(_GROUP, "UDP", Verdict.FAIL, f"loopback: {error}", advice)
    return Finding(_GROUP, "UDP", Verdict.OK, "loopback works")


def _addresses() -> set[str]:
    return {
        address.address
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family == socket.AF_INET and not is_loopback(address.address)
    }
