"""A member of the mesh: keeps a media link with everyone it should, as they come and go."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from meetbot_webrtc.messages import (
    Answer,
    Away,
    Back,
    Candidate,
    Changed,
    Decline,
    Gone,
    Joined,
    Left,
    Offer,
    Renew,
    Welcome,
    link_role,
)
from meetbot_webrtc.peer import PeerLink

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from meetbot_webrtc.messages import PeerInfo, Relayed, ServerMessage
    from meetbot_webrtc.signalling import Signalling

__all__ = ["Mesh", "MeshMember"]

log = logging.getLogger(__name__)

RENEW_SECONDS = 1.0
LONGEST_RENEW_SECONDS = 8.0


class MeshMember(Protocol):
    """What a member does as others come and go, and with its links to them."""

    def peer_joined(self, peer: PeerInfo) -> None: ...
    def peer_changed(self, peer: PeerInfo) -> None: ...
    def peer_left(self, peer: PeerInfo, reason: str) -> None: ...
    def build(self, link: PeerLink) -> None: ...
    def link_up(self, link: PeerLink) -> None: ...
    def link_down(self, link: PeerLink) -> None: ...


class Mesh:
    """Follows the signalling of one member. ``run`` ends with ``RoomLost`` or ``RoomRefused``."""

    def __init__(self, signalling: Signalling, member: MeshMember) -> None:
        self.peers: dict[str, PeerInfo] = {}
        self.links: dict[str, PeerLink] = {}
        self.me: PeerInfo
        self._signalling = signalling
        self._member = member
        self._welcome: Welcome
        self._failures: dict[str, int] = {}
        self._renewals: set[asyncio.Task[None]] = set()
        self._closings: set[asyncio.Task[None]] = set()

    def connected_peers(self) -> tuple[str, ...]:
        """The ids of those whose media is up."""
        return tuple(id_ for id_, link in self.links.items() if link.state == "connected")

    def begin(self, welcome: Welcome) -> None:
        """Take the roster in and start the links that are this side's to offer."""
        self._welcome = welcome
        self.me = welcome.me
        for peer in welcome.peers:
            self._meet(peer)

    async def run(self) -> None:
        """Follow the room until it is lost."""
        while True:
            self._handle(await self._signalling.receive())

    async def close(self) -> None:
        """Close all links."""
        for renewal in list(self._renewals):
            renewal.cancel()
        for link in list(self.links.values()):
            self._retire(link)
        await asyncio.gather(*self._renewals, return_exceptions=True)
        await asyncio.gather(*self._closings)

    def drop(self, peer_id: str) -> None:
        """Close the link to one peer; it is made anew if they are still there."""
        link = self.links.get(peer_id)
        if link is not None:
            self._retire(link)
            self._renew(link.peer)

    # ------------------------------------------------------------------ messages

    def _handle(self, message: ServerMessage) -> None:
        match message:
            case Offer() | Answer() | Candidate() | Renew() | Decline():
                self._negotiate(message)
            case Welcome():
                self._come_back(message)
            case Joined(peer=peer):
                self._meet(peer)
            case Changed(peer=peer):
                if peer.id in self.peers:
                    self.peers[peer.id] = peer
                    self._member.peer_changed(peer)
            case Away(peer=peer_id):
                self._mark(peer_id, away=True)
            case Back(peer=peer_id, links=links):
                self._mark(peer_id, away=False)
                self._media_after(peer_id, still_up=self.me.id in links)
            case Left(peer=peer_id, reason=reason):
                self._part(peer_id, reason)
            case _:
                pass

    def _negotiate(self, message: Relayed) -> None:
        match message:
            case Offer():
                self._answer(message)
            case Answer() | Candidate():
                link = self.links.get(message.peer)
                if link is not None:
                    link.handle(message)
            case Renew(peer=peer_id):
                self._restart(peer_id)
            case Decline(peer=peer_id, text=text):
                log.warning("%s cannot answer: %s", peer_id, text)

    def _meet(self, peer: PeerInfo) -> None:
        self.peers[peer.id] = peer
        self._member.peer_joined(peer)
        if link_role(self.me, peer) == "offer" and not peer.away:
            self._open(peer)

    def _part(self, peer_id: str, reason: str) -> None:
        peer = self.peers.pop(peer_id, None)
        self._failures.pop(peer_id, None)
        link = self.links.pop(peer_id, None)
        if link is not None:
            self._retire(link)
        if peer is not None:
            self._member.peer_left(peer, reason)

    def _mark(self, peer_id: str, *, away: bool) -> None:
        if peer_id in self.peers:
            peer = self.peers[peer_id].model_copy(update={"away": away})
            self.peers[peer_id] = peer
            self._member.peer_changed(peer)

    def _come_back(self, welcome: Welcome) -> None:
        """After a cut: compare the roster, renew what broke."""
        if welcome.me.id != self.me.id:
            for link in list(self.links.values()):
                self._retire(link)
        self._welcome, self.me = welcome, welcome.me
        present = {peer.id: peer for peer in welcome.peers}
        for gone in set(self.peers) - set(present):
            self._part(gone, "left")
        for peer in welcome.peers:
            if peer.id not in self.peers:
                self._meet(peer)
            elif peer.id not in self.connected_peers():
                self._restart(peer.id)

    def _media_after(self, peer_id: str, *, still_up: bool) -> None:
        """Someone is back; ``still_up``: their side of the media is. Both sides must be."""
        if not still_up:
            self._restart(peer_id)
        elif peer_id in self.peers and peer_id not in self.links:
            self._renew(self.peers[peer_id])

    def _restart(self, peer_id: str) -> None:
        """Throw the link away and, where this side offers, make another."""
        peer = self.peers.get(peer_id)
        if peer is None:
            return
        link = self.links.pop(peer_id, None)
        if link is not None:
            self._retire(link)
        if link_role(self.me, peer) == "offer":
            self._open(peer)

    # ------------------------------------------------------------------ links

    def _answer(self, offer: Offer) -> None:
        peer = self.peers.get(offer.peer)
        if peer is None or link_role(self.me, peer) != "answer":
            return
        old = self.links.pop(peer.id, None)
        if old is not None:
            self._retire(old)
        self._open(peer, offer)

    def _open(self, peer: PeerInfo, offer: Offer | None = None) -> None:
        link = PeerLink(
            peer,
            send=self._signalling.send,
            build=self._member.build,
            changed=self._link_changed,
            servers=self._welcome.ice_servers,
            loopback=self._welcome.loopback,
            offer=offer,
        )
        self.links[peer.id] = link
        link.start()

    def _link_changed(self, link: PeerLink) -> None:
        if self.links.get(link.peer.id) is not link:
            return
        if link.state == "connected":
            self._failures.pop(link.peer.id, None)
            self._member.link_up(link)
        elif link.state in {"failed", "closed"}:
            self._retire(link)
            self._renew(link.peer)

    def _retire(self, link: PeerLink) -> None:
        if self.links.get(link.peer.id) is link:
            del self.links[link.peer.id]
        self._member.link_down(link)
        _spawn(link.close(), self._closings)

    def _renew(self, peer: PeerInfo) -> None:
        if link_role(self.me, peer) != "none":
            _spawn(self._renew_later(peer), self._renewals)

    async def _renew_later(self, peer: PeerInfo) -> None:
        """Someone who has just gone is not called back: first see whether they have left."""
        failures = self._failures.get(peer.id, 0)
        self._failures[peer.id] = failures + 1
        await asyncio.sleep(min(RENEW_SECONDS * 2**failures, LONGEST_RENEW_SECONDS))
        now = self.peers.get(peer.id)
        if now is None or now.away or peer.id in self.links:
            return
        if now.kind != "peer":
            await self._signalling.send(Gone(peer=peer.id))
        elif link_role(self.me, now) == "offer":
            self._open(now)
        else:
            await self._signalling.send(Renew(peer=peer.id))


def _spawn(work: Coroutine[object, object, None], tasks: set[asyncio.Task[None]]) -> None:
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
