"""The media between two members: one ``RTCPeerConnection`` and its negotiation."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import secrets
from typing import TYPE_CHECKING, Literal

from aiortc import RTCPeerConnection, RTCSessionDescription
from cryptography.hazmat.primitives import serialization

from meetbot.core.channels import Channel, Overflow
from meetbot_webrtc.decoders import end_decoder
from meetbot_webrtc.ice import configuration, ice_candidate, loopback_addresses, reachable
from meetbot_webrtc.messages import Answer, Candidate, Decline, Offer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from meetbot_webrtc.messages import ClientMessage, IceServerInfo, PeerInfo

__all__ = ["LinkState", "PeerLink", "with_opus_settings"]

log = logging.getLogger(__name__)

_LOADED = (serialization,)
"""pyOpenSSL would import it at the first connection, on the event loop."""

LinkState = Literal["new", "connected", "failed", "closed"]
CONNECT_SECONDS = 20.0
CLOSE_SECONDS = 5.0
SETTLE_SECONDS = 0.05
OPUS_SETTINGS = "minptime=10;useinbandfec=1;usedtx=1"
OPUS_LINE = re.compile(r"^a=rtpmap:(\d+) opus/48000/2\r?$", re.MULTILINE | re.IGNORECASE)


def with_opus_settings(sdp: str) -> str:
    """``sdp`` asking the other side to send little in silence (RFC 7587: ``usedtx``)."""
    for payload_type in OPUS_LINE.findall(sdp):
        if f"a=fmtp:{payload_type} " not in sdp:
            line = f"a=rtpmap:{payload_type} opus/48000/2"
            sdp = sdp.replace(line, f"{line}\r\na=fmtp:{payload_type} {OPUS_SETTINGS}", 1)
    return sdp


class PeerLink:
    """One negotiation with ``peer`` and the media that comes of it.

    ``build(link)`` adds tracks and channels: before an offer is made, or once one was received.
    ``changed(link)`` is told of every new ``state``.
    """

    def __init__(
        self,
        peer: PeerInfo,
        *,
        send: Callable[[ClientMessage], Awaitable[None]],
        build: Callable[[PeerLink], None],
        changed: Callable[[PeerLink], None],
        servers: Iterable[IceServerInfo],
        loopback: bool,
        offer: Offer | None = None,
    ) -> None:
        self.peer = peer
        self.offer = offer
        self.session = offer.session if offer else secrets.token_urlsafe(9)
        self.connection = RTCPeerConnection(configuration(servers))
        self.state: LinkState = "new"
        self._send = send
        self._build = build
        self._changed = changed
        self._loopback = loopback
        self._inbox: Channel[Answer | Candidate] = Channel(256, Overflow.DROP_OLDEST)
        self._described = False
        self._early: list[Candidate] = []
        self._ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.connection.on("connectionstatechange", self._on_state)

    def start(self) -> None:
        """Negotiate, in a task of its own."""
        self._task = asyncio.create_task(self._run(), name=f"link to {self.peer.id}")

    def handle(self, message: Answer | Candidate) -> None:
        """Take a message of this negotiation; one of another is ignored."""
        if message.session == self.session and not self._inbox.closed:
            self._inbox.offer(message)

    async def close(self) -> None:
        """End the media; safe to call again."""
        self._inbox.close()
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await _end_decoders(self.connection)
                await _close(self.connection)
        self._set_state("closed")

    # ------------------------------------------------------------------ inside

    async def _run(self) -> None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._negotiate()
            async for message in self._inbox:
                await self._take(message)
        except asyncio.CancelledError:
            raise
        except TimeoutError:
            log.warning("no media with %s within %.0f s", self.peer.id, CONNECT_SECONDS)
            self._set_state("failed")
        except Exception as error:
            log.warning("negotiation with %s failed: %s", self.peer.id, error)
            await self._decline(error)
            self._set_state("failed")

    async def _negotiate(self) -> None:
        if self.offer is not None:
            await self._set_remote("offer", self.offer.sdp)
            self._build(self)
            await self._describe()
        else:
            self._build(self)
            await self._describe()
        ready = asyncio.create_task(self._ready.wait())
        try:
            while not ready.done():
                message = asyncio.create_task(self._inbox.receive())
                await asyncio.wait({ready, message}, return_when=asyncio.FIRST_COMPLETED)
                if message.done():
                    await self._take(message.result())
                message.cancel()
        finally:
            ready.cancel()

    async def _describe(self) -> None:
        """Make this side's description and send it; it comes with all of its candidates."""
        with loopback_addresses(self._loopback):
            await self.connection.setLocalDescription()
        sdp = with_opus_settings(self.connection.localDescription.sdp)
        kind = Offer if self.offer is None else Answer
        await self._send(kind(peer=self.peer.id, session=self.session, sdp=sdp))

    async def _take(self, message: Answer | Candidate) -> None:
        if isinstance(message, Answer):
            if self.connection.signalingState == "have-local-offer":
                await self._set_remote("answer", message.sdp)
                early, self._early = self._early, []
                for candidate in early:
                    await self._add(candidate)
        elif self._described:
            await self._add(message)
        else:
            self._early.append(message)

    async def _set_remote(self, kind: str, sdp: str) -> None:
        description = RTCSessionDescription(reachable(sdp, self._loopback), kind)
        await self.connection.setRemoteDescription(description)
        self._described = True

    async def _add(self, message: Candidate) -> None:
        try:
            candidate = ice_candidate(message)
        except ValueError as error:
            log.warning("from %s: %s", self.peer.id, error)
            return
        if self._loopback and (candidate is None or not candidate.ip.startswith("127.")):
            return
        await self.connection.addIceCandidate(candidate)

    async def _decline(self, error: Exception) -> None:
        if self.offer is not None:
            text = f"{type(error).__name__}: {error}"[:400]
            await self._send(Decline(peer=self.peer.id, session=self.session, text=text))

    def _on_state(self) -> None:
        state = self.connection.connectionState
        if state == "connected":
            self._ready.set()
            self._set_state("connected")
        elif state == "failed":
            self._set_state("failed")
        elif state == "closed":
            self._set_state("closed")

    def _set_state(self, state: LinkState) -> None:
        if state != self.state and self.state != "closed":
            self.state = state
            self._changed(self)


async def _end_decoders(connection: RTCPeerConnection) -> None:
    for receiver in connection.getReceivers():
        await end_decoder(receiver)


async def _close(connection: RTCPeerConnection) -> None:
    """Close, and end what aiortc starts even after that when it is closed while it connects."""
    unsettled = connection.connectionState in {"new", "connecting"}
    transports = {receiver.transport.transport for receiver in connection.getReceivers()}
    await connection.close()
    if unsettled:
        await asyncio.sleep(SETTLE_SECONDS)
    for transport in transports:
        consent = transport._connection._query_consent_task
        if consent is not None:
            consent.cancel()
    await _end_decoders(connection)
    for transceiver in connection.getTransceivers():
        await transceiver.sender.stop()
        await transceiver.receiver.stop()
