"""The bot's camera and microphone without a network, with the real encoders."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import numpy as np

from meetbot.core.voice import MOMENT_NS, MOMENT_SAMPLES, Moment
from meetbot_webrtc.opus_out import FRAME, OpusBroadcast
from meetbot_webrtc.presence import Presence

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from meetbot_webrtc.packets import AudioPackets

LOUD = np.full(MOMENT_SAMPLES, 5_000, np.int16)


async def moments(count: int, samples: np.ndarray | None, pace: float) -> AsyncIterator[Moment]:
    for number in range(count):
        pixels = np.full((128, 128, 3), number % 200, np.uint8)
        yield Moment(pixels, samples, number * MOMENT_NS)
        await asyncio.sleep(pace)


def waiting(track: Any) -> list[int]:
    """The time stamps of the packets that wait to be sent."""
    return [packet.pts for packet in track._packets._items]


async def test_sound_goes_out_whole_and_in_order_even_when_moments_come_in_a_heap() -> None:
    presence = Presence("h264")
    listener = presence.voice.track()
    presence.voice.listen(listener)
    await presence.run(moments(10, LOUD, 0.0))
    await asyncio.sleep(0.1)
    assert waiting(listener) == [number * FRAME for number in range(20)]
    presence.close()


async def test_sound_does_not_wait_for_a_picture_that_is_slow_and_pictures_are_left_out() -> None:
    presence = Presence("h264")
    viewer, listener = presence.camera.track(), presence.voice.track()
    presence.camera.watch(viewer, "h264")
    presence.voice.listen(listener)
    encode = presence.camera._thread.run

    async def slowly(*arguments: Any) -> Any:
        await asyncio.sleep(0.1)
        return await encode(*arguments)

    presence.camera._thread.run = slowly  # type: ignore[method-assign]
    sounds: list[int] = []
    dropped: list[int] = []

    async def count() -> None:
        while True:
            await asyncio.sleep(0.04)
            sounds.append(len(waiting(listener)))
            dropped.append(presence.dropped)

    counting = asyncio.create_task(count())
    await presence.run(moments(25, LOUD, 0.04))
    counting.cancel()
    await asyncio.sleep(0.1)
    assert sounds[10] >= 16
    assert dropped[10] >= 3
    assert len(waiting(listener)) == 50
    assert 6 <= len({packet.pts for packet in viewer._packets._items}) <= 12
    assert presence.dropped >= 12
    presence.close()


async def test_who_comes_later_gets_no_old_sound() -> None:
    presence = Presence("h264")
    late: AudioPackets = presence.voice.track()
    await presence.run(moments(5, LOUD, 0.04))
    await asyncio.sleep(0.05)
    assert waiting(late) == []
    presence.voice.listen(late)
    await presence.run(moments(1, LOUD, 0.04))
    await asyncio.sleep(0.05)
    assert len(waiting(late)) == 2
    presence.close()


def test_silence_fades_out_and_then_is_one_packet_in_400_ms() -> None:
    voice = OpusBroadcast()
    track = voice.track()
    voice.listen(track)
    voice.send(LOUD[:FRAME], 0)
    for number in range(1, 46):
        voice.send(None, number * FRAME)
    stamps = [pts // FRAME for pts in waiting(track)]
    assert stamps == [*range(16), 16, 36]
    voice.close()


async def test_what_was_presented_is_forgotten_when_the_room_is_left() -> None:
    presence = Presence("h264")
    listener = presence.voice.track()
    presence.voice.listen(listener)
    await presence.run(moments(3, LOUD, 0.0))
    presence.close()
    await asyncio.sleep(0.15)
    assert listener.readyState == "ended"
