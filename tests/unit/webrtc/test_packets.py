"""What a slow peer is spared, and what nobody is."""

from __future__ import annotations

import asyncio
import json

import av
import pytest
from aiortc.exceptions import InvalidStateError
from aiortc.mediastreams import MediaStreamError
from pyee.asyncio import AsyncIOEventEmitter

from meetbot.core.types import Caption, Participant
from meetbot_webrtc.captions import CaptionBoard
from meetbot_webrtc.packets import AudioPackets, VideoPackets


def picture(number: int, *, key: bool = False) -> av.Packet:
    packet = av.Packet(bytes([number % 256]) * 10)
    packet.pts = number
    packet.is_keyframe = key
    return packet


async def test_a_picture_track_begins_at_a_key_frame() -> None:
    track = VideoPackets(lambda: None)
    for number in range(5):
        track.push(picture(number, key=number == 2))
    assert [(await track.recv()).pts for _ in range(3)] == [2, 3, 4]


async def test_a_peer_that_falls_behind_goes_on_at_the_next_key_frame() -> None:
    asked: list[int] = []
    track = VideoPackets(lambda: asked.append(1))
    track.push(picture(0, key=True))
    for number in range(1, 100):
        track.push(picture(number))
    assert asked
    taken = [(await track.recv()).pts for _ in range(44)]
    assert taken == list(range(44))
    track.push(picture(100))
    track.push(picture(101, key=True))
    track.push(picture(102))
    assert [(await track.recv()).pts for _ in range(2)] == [101, 102]
    assert track.dropped == 57


async def test_sound_keeps_the_latest_second() -> None:
    track = AudioPackets()
    for number in range(80):
        track.push(picture(number))
    assert (await track.recv()).pts == 30
    assert track.dropped == 30


async def test_a_stopped_track_ends() -> None:
    track = AudioPackets()
    track.stop()
    with pytest.raises(MediaStreamError):
        await track.recv()


class Channel(AsyncIOEventEmitter):
    """A data channel that takes what it is given, or nothing when it is stuck."""

    def __init__(self, *, stuck: bool = False) -> None:
        super().__init__()
        self.sent: list[dict[str, object]] = []
        self.readyState = "open"
        self.bufferedAmount = 1 << 20 if stuck else 0
        self.bufferedAmountLowThreshold = 0

    def send(self, text: str) -> None:
        if self.readyState != "open":
            raise InvalidStateError
        self.sent.append(json.loads(text))


def said(number: int, *, final: bool, text: str = "words") -> Caption:
    return Caption(f"u{number}", Participant("p", "Anna"), None, text, "en", 0, 1, final)


async def test_a_stuck_peer_is_dropped_and_delays_nobody() -> None:
    board = CaptionBoard()
    stuck: list[str] = []
    slow, quick = Channel(stuck=True), Channel()
    board.open(slow, lambda: stuck.append("slow"))
    board.open(quick, lambda: stuck.append("quick"))
    for number in range(501):
        board.send(said(number, final=True))
        await asyncio.sleep(0)
    assert [message["id"] for message in quick.sent] == [f"u{n}" for n in range(501)]
    assert stuck == ["slow"]
    for channel in (slow, quick):
        await board.close(channel)


async def test_of_partial_captions_only_the_latest_waits_and_a_final_replaces_it() -> None:
    board = CaptionBoard()
    channel = Channel(stuck=True)
    board.open(channel, lambda: None)
    for text in ("a", "a b", "a b c"):
        board.send(said(1, final=False, text=text))
        board.send(said(2, final=False, text=text))
    board.send(said(1, final=True, text="a b c d"))
    channel.bufferedAmount = 0
    channel.emit("bufferedamountlow")
    await asyncio.sleep(0.01)
    assert [(m["id"], m["text"], m["final"]) for m in channel.sent] == [
        ("u1", "a b c d", True),
        ("u2", "a b c", False),
    ]
    await board.close(channel)


async def test_a_latecomer_gets_the_last_fifty_finals_and_no_partials() -> None:
    board = CaptionBoard()
    for number in range(70):
        board.send(said(number, final=True))
    board.send(said(99, final=False))
    channel = Channel()
    board.open(channel, lambda: None)
    await asyncio.sleep(0.01)
    assert [message["id"] for message in channel.sent] == [f"u{n}" for n in range(20, 70)]
    await board.close(channel)
