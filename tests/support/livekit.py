"""A LiveKit server for a test, and plain participants of the SDK."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest_asyncio
from livekit import rtc

from meetbot_livekit.server import running_livekit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from livekit import api

    from meetbot_livekit.server import LiveKitServer

__all__ = ["livekit", "member", "microphone"]


@pytest_asyncio.fixture
async def livekit(tmp_path: Path) -> AsyncIterator[LiveKitServer]:
    """A server of the test's own."""
    async with running_livekit(tmp_path) as server:
        yield server


@contextlib.asynccontextmanager
async def member(
    server: LiveKitServer,
    identity: str,
    room: str = "team",
    *,
    name: str | None = None,
    kind: api.AccessToken.ParticipantKind = "standard",
    options: rtc.RoomOptions | None = None,
) -> AsyncIterator[rtc.Room]:
    """Somebody in the room by the plain SDK, who subscribes to everything unless told otherwise."""
    connection = rtc.Room()
    token = server.token(identity, name or identity.title(), room, kind=kind)
    await connection.connect(server.url, token, options or rtc.RoomOptions())
    try:
        yield connection
    finally:
        await connection.disconnect()


async def microphone(room: rtc.Room, rate: int = 48_000) -> rtc.AudioSource:
    """Opens a microphone; what to put sound into."""
    source = rtc.AudioSource(rate, 1, queue_size_ms=100)
    track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    await room.local_participant.publish_track(track, options)
    return source
