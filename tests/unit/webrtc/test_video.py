"""One encoder for all watchers, with the real encoders."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.core.types import VideoFrame
from meetbot_webrtc.video import VideoBroadcast
from support.rooms import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from meetbot_webrtc.packets import VideoPackets

FRAME_NS = 66_666_667


async def pictures(
    count: int, begin: int = 0, seen_by: VideoPackets | None = None
) -> AsyncIterator[VideoFrame]:
    """Grey pictures, one at a time: each when the one before has come to ``seen_by``."""
    for number in range(begin, begin + count):
        before = len(seen_by._packets) if seen_by is not None else 0
        yield VideoFrame(np.full((180, 320, 3), number % 200, np.uint8), number * FRAME_NS)
        await asyncio.sleep(0.03)
        if seen_by is not None:
            await until(lambda: len(seen_by._packets) > before)  # noqa: B023


async def test_nothing_is_encoded_while_nobody_watches() -> None:
    video = VideoBroadcast("stage", "h264", 500_000)
    video.track()
    await video.run(pictures(5))
    assert video.codecs == ()
    video.close()


@pytest.mark.parametrize("codec", ["h264", "vp8"])
async def test_watchers_share_packets_and_a_latecomer_begins_with_a_key_frame(codec: str) -> None:
    video = VideoBroadcast("stage", "h264", 500_000)
    first, late = video.track(), video.track()
    video.watch(first, codec)  # type: ignore[arg-type]
    await video.run(pictures(4, seen_by=first))
    video.watch(late, codec)  # type: ignore[arg-type]
    await video.run(pictures(4, begin=4, seen_by=first))
    seen = [await first.recv() for _ in range(8)]
    shared = await late.recv()
    assert shared.is_keyframe
    assert any(packet is shared for packet in seen)
    assert video.codecs == (codec,)
    video.close()


async def test_one_who_comes_with_another_codec_while_a_picture_is_encoded_stops_nobody() -> None:
    video = VideoBroadcast("stage", "h264", 500_000)
    first, other = video.track(), video.track()
    video.watch(first, "h264")
    encode = video._thread.run

    async def encode_as_someone_joins(*arguments: object) -> object:
        packets = await encode(*arguments)  # type: ignore[arg-type]
        video.watch(other, "vp8")
        return packets

    video._thread.run = encode_as_someone_joins  # type: ignore[method-assign, assignment]
    await video.run(pictures(3, seen_by=first))
    assert len([await first.recv() for _ in range(3)]) == 3
    assert (await other.recv()).is_keyframe
    video.close()


async def test_a_key_frame_comes_every_two_seconds_and_when_asked_but_not_more_often() -> None:
    video = VideoBroadcast("stage", "h264", 500_000)
    track = video.track()
    video.watch(track, "h264")
    keys: list[bool] = []

    async def asking() -> AsyncIterator[VideoFrame]:
        async for picture in pictures(40):
            if 3 <= len(keys) <= 12:
                video.request_key()
            yield picture
            keys.append((await track.recv()).is_keyframe)

    await video.run(asking())
    places = [number for number, key in enumerate(keys) if key]
    assert places[:3] == [0, 8, 16]
    assert len(places) == 3
    video.close()
