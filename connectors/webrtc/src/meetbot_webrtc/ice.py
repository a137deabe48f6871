"""How Python members are reached: real addresses, or 127.0.0.1 alone in a loopback room.

aioice offers every interface's address but loopback. A room that is bound to loopback must use
nothing else, so its address list is chosen here, for the negotiation that is being made.
"""

from __future__ import annotations

import contextlib
from contextvars import ContextVar
from typing import TYPE_CHECKING

import aioice.ice
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCIceCandidate, RTCIceServer
from aiortc.sdp import SessionDescription, candidate_from_sdp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from meetbot_webrtc.messages import Candidate, IceServerInfo

__all__ = ["LOOPBACK", "configuration", "ice_candidate", "loopback_addresses", "reachable"]

LOOPBACK = "127.0.0.1"

_loopback: ContextVar[bool] = ContextVar("meetbot_loopback", default=False)
_all_host_addresses = aioice.ice.get_host_addresses


def _host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    return [LOOPBACK] if _loopback.get() else _all_host_addresses(use_ipv4, use_ipv6)


aioice.ice.get_host_addresses = _host_addresses


@contextlib.contextmanager
def loopback_addresses(wanted: bool) -> Iterator[None]:
    """Inside, candidates that aioice gathers are on 127.0.0.1 alone, if ``wanted``."""
    token = _loopback.set(wanted)
    try:
        yield
    finally:
        _loopback.reset(token)


def configuration(servers: Iterable[IceServerInfo]) -> RTCConfiguration:
    """One transport for everything, and no server but ``servers`` (aiortc has a public default)."""
    return RTCConfiguration(
        iceServers=[RTCIceServer(s.urls, s.username, s.credential) for s in servers],
        bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
    )


def ice_candidate(message: Candidate) -> RTCIceCandidate | None:
    """aiortc's form of a candidate; None for the end of candidates. Raises ``ValueError``."""
    text = message.candidate.removeprefix("a=").removeprefix("candidate:").strip()
    if not text:
        return None
    try:
        candidate = candidate_from_sdp(text)
    except (AssertionError, IndexError, KeyError, ValueError) as error:
        raise ValueError(f"not an ICE candidate: {text[:80]}") from error
    candidate.sdpMid = message.sdp_mid
    candidate.sdpMLineIndex = message.sdp_mline_index
    return candidate


def reachable(sdp: str, loopback: bool) -> str:
    """``sdp`` less what a loopback room does not use: candidates on other addresses.

    A browser does not offer 127.0.0.1; it is found there all the same, by its own checks.
    """
    if not loopback:
        return sdp
    description = SessionDescription.parse(sdp)
    kept = [
        line
        for line in sdp.splitlines()
        if not line.startswith("a=candidate:") or _is_loopback(line)
    ]
    if any(line.startswith("a=candidate:") for line in kept) or not description.media:
        return "\r\n".join(kept) + "\r\n"
    return "\r\n".join(line for line in kept if line != "a=end-of-candidates") + "\r\n"


def _is_loopback(line: str) -> bool:
    fields = line.split()
    return len(fields) > 4 and fields[4] == LOOPBACK
