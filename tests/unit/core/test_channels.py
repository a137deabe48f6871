"""Channels keep their promises: bounded, in order, closing with the reason."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetbot.core.channels import Channel, ChannelClosed, Overflow


async def _everything(channel: Channel[int]) -> list[int]:
    return [item async for item in channel]


async def test_items_come_out_in_the_order_they_went_in() -> None:
    channel = Channel[int](3, Overflow.WAIT)
    for item in (1, 2, 3):
        await channel.send(item)
    channel.close()
    assert await _everything(channel) == [1, 2, 3]


async def test_drop_oldest_keeps_the_newest_and_counts_the_rest() -> None:
    channel = Channel[int](2, Overflow.DROP_OLDEST)
    for item in range(5):
        channel.offer(item)
    channel.close()
    assert channel.dropped == 3
    assert await _everything(channel) == [3, 4]


async def test_keep_latest_holds_one_item_whatever_its_capacity() -> None:
    channel = Channel[int](10, Overflow.KEEP_LATEST)
    for item in range(4):
        channel.offer(item)
    assert len(channel) == 1
    assert await channel.receive() == 3
    assert channel.dropped == 3


async def test_a_full_waiting_channel_holds_its_sender_until_there_is_room() -> None:
    channel = Channel[int](1, Overflow.WAIT)
    await channel.send(1)
    sending = asyncio.create_task(channel.send(2))
    await asyncio.sleep(0)
    assert not sending.done()
    assert await channel.receive() == 1
    await sending
    assert await channel.receive() == 2
    assert channel.dropped == 0


async def test_offering_to_a_full_waiting_channel_is_refused() -> None:
    channel = Channel[int](1, Overflow.WAIT)
    channel.offer(1)
    with pytest.raises(asyncio.QueueFull):
        channel.offer(2)


async def test_a_reader_that_waits_gets_what_comes() -> None:
    channel = Channel[int](1, Overflow.WAIT)
    reading = asyncio.create_task(channel.receive())
    await asyncio.sleep(0)
    await channel.send(7)
    assert await reading == 7


async def test_closing_with_an_error_gives_it_to_the_reader_after_the_last_item() -> None:
    channel = Channel[int](2, Overflow.WAIT)
    await channel.send(1)
    channel.close(RuntimeError("the other side broke"))
    channel.close(ValueError("too late to count"))
    assert await channel.receive() == 1
    with pytest.raises(RuntimeError, match="the other side broke"):
        await channel.receive()


async def test_sending_to_a_closed_channel_fails_even_for_one_who_was_waiting() -> None:
    channel = Channel[int](1, Overflow.WAIT)
    await channel.send(1)
    waiting = asyncio.create_task(channel.send(2))
    await asyncio.sleep(0)
    channel.close()
    with pytest.raises(ChannelClosed):
        await waiting
    with pytest.raises(ChannelClosed):
        channel.offer(3)


def test_a_channel_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="one item at least"):
        Channel[int](0, Overflow.WAIT)


@given(
    capacity=st.integers(1, 5),
    items=st.lists(st.integers(), max_size=40),
    reads=st.lists(st.booleans(), max_size=40),
)
def test_nothing_is_lost_without_being_counted(
    capacity: int, items: list[int], reads: list[bool]
) -> None:
    async def scenario() -> tuple[list[int], int]:
        channel = Channel[int](capacity, Overflow.DROP_OLDEST)
        got: list[int] = []
        for item, read in zip(items, [*reads, *[False] * len(items)], strict=False):
            channel.offer(item)
            assert len(channel) <= capacity
            if read:
                got.append(await channel.receive())
        channel.close()
        return got + await _everything(channel), channel.dropped

    got, dropped = asyncio.run(scenario())
    assert len(got) + dropped == len(items)
    remaining = iter(items)
    assert all(item in remaining for item in got)
