"""``kill -9`` of a server in a meeting: what was announced is there afterwards."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from meetbot.store import Store
from meetbot_webrtc import RoomClient
from support.program import LIGHT, serving
from support.recordings import talk

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = [pytest.mark.model, pytest.mark.server]

RATE = 48_000


def _sound() -> NDArray[np.int16]:
    """A sentence again and again, so that there are many finals."""
    once = (talk(RATE)[: round(1.9 * RATE)] * 32_767).astype(np.int16)
    return np.tile(np.concatenate((once, np.zeros(RATE, np.int16))), 10)


async def test_every_announced_utterance_is_there_after_a_kill_and_a_restart(
    tmp_path: Path,
) -> None:
    store = tmp_path / "store"
    finals: list[dict[str, Any]] = []
    with serving(store=store, **LIGHT) as (program, server):
        sound = await asyncio.to_thread(_sound)
        anna = RoomClient(f"http://{server}", "talk", "Anna", audio=sound, receive_video=False)
        boris = RoomClient(f"http://{server}", "talk", "Борис", receive_video=False)
        async with anna, boris:
            async with asyncio.timeout(90):
                async for _, message in boris.captions:
                    if message["type"] == "caption" and message["final"]:
                        finals.append(message)
                    if len(finals) == 2:
                        await asyncio.to_thread(program.kill)
                        break
            finals += await _arrived(boris)
    with serving(store=store, **LIGHT):
        async with await Store.open(store) as kept:
            (meeting,) = await kept.meetings()
            ids = {utterance.id: utterance.text for utterance in await kept.utterances(meeting.id)}
    assert (meeting.room, meeting.ended_at) == ("talk", None)
    assert len(finals) >= 2
    for final in finals:
        assert ids[final["id"]] == final["text"]


async def _arrived(client: RoomClient) -> list[dict[str, Any]]:
    """Finals that had come by the time of the kill and were not read yet."""
    found = []
    while len(client.captions):
        _, message = await client.captions.receive()
        if message["type"] == "caption" and message["final"]:
            found.append(message)
    return found
