"""``kill -9`` of a server in a meeting: what was announced is there afterwards."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from meetbot_webrtc import RoomClient
from support.program import LIGHT, meetbot, serving
from support.recordings import talk

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = [pytest.mark.model, pytest.mark.server]

RATE = 48_000


def _sound() -> NDArray[np.int16]:
    """The call again and again, with short pauses, so that there are many finals."""
    once = (talk(RATE) * 32_767).astype(np.int16)
    return np.tile(np.concatenate((once, np.zeros(RATE, np.int16))), 6)


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
        listed = await asyncio.to_thread(meetbot, "meetings", "list", "--json", store=store)
        (meeting,) = json.loads(listed.stdout)
        shown = await asyncio.to_thread(
            meetbot, "meetings", "show", meeting["id"], "--json", store=store
        )
    assert meeting["room"] == "talk"
    assert meeting["ended_at"] is None
    kept = {(s["start"], s["end"], s["text"]) for s in json.loads(shown.stdout)["segments"]}
    assert len(finals) >= 2
    for final in finals:
        assert (final["start"], final["end"], final["text"]) in kept


async def _arrived(client: RoomClient) -> list[dict[str, Any]]:
    """Finals that had come by the time of the kill and were not read yet."""
    found = []
    while len(client.captions):
        _, message = await client.captions.receive()
        if message["type"] == "caption" and message["final"]:
            found.append(message)
    return found
