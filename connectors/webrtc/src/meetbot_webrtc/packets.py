"""Tracks that carry packets which were encoded once for everyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from meetbot.core.channels import Channel, Overflow

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    import av

    Packet: TypeAlias = av.Packet[Any]

__all__ = ["AudioPackets", "PacketTrack", "VideoPackets"]

AUDIO_PACKETS = 50
VIDEO_PACKETS = 45


class PacketTrack(MediaStreamTrack):
    """What one peer still has to be sent of a stream. ``name`` is its id in the offer.

    ``last``: the packet that was given out last.
    """

    def __init__(self, capacity: int, name: str | None) -> None:
        super().__init__()
        self._id = name or self._id
        self._packets: Channel[Packet] = Channel(capacity, Overflow.DROP_OLDEST)
        self.last: Packet | None = None

    @property
    def dropped(self) -> int:
        """Packets that this peer was too slow for."""
        return self._packets.dropped

    async def recv(self) -> Packet:
        """The next packet to send. Raises ``MediaStreamError`` at the end."""
        try:
            self.last = await self._packets.receive()
        except StopAsyncIteration:
            raise MediaStreamError from None
        return self.last

    def stop(self) -> None:
        """No more packets are wanted."""
        super().stop()
        self._packets.close()


class AudioPackets(PacketTrack):
    """Opus packets for one peer."""

    kind = "audio"

    def __init__(self, name: str | None = None) -> None:
        super().__init__(AUDIO_PACKETS, name)

    def push(self, packet: Packet) -> None:
        """Queue a packet; the oldest goes where there are 50 (1 s)."""
        if not self._packets.closed:
            self._packets.offer(packet)


class VideoPackets(PacketTrack):
    """Encoded pictures for one peer. One that falls 3 s behind goes on at the next key frame.

    ``key_wanted`` is called when it needs one.
    """

    kind = "video"

    def __init__(self, key_wanted: Callable[[], None], name: str | None = None) -> None:
        super().__init__(VIDEO_PACKETS, name)
        self._key_wanted = key_wanted
        self._synchronised = False
        self._skipped = 0

    @property
    def dropped(self) -> int:
        """Packets that this peer was too slow for."""
        return self._skipped

    def push(self, packet: Packet) -> None:
        """Queue a packet, or leave it out until the next key frame."""
        if self._packets.closed:
            return
        if len(self._packets) >= VIDEO_PACKETS - 1:
            self._synchronised = False
            self._key_wanted()
        if packet.is_keyframe and len(self._packets) < VIDEO_PACKETS - 1:
            self._synchronised = True
        if self._synchronised:
            self._packets.offer(packet)
        else:
            self._skipped += 1
