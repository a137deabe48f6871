"""A real server with a token, its bot, and what goes wrong in its rooms."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import pytest

from meetbot.core.errors import RoomRefused
from meetbot_webrtc import RoomClient
from support.program import LIGHT, Program, meetbot, running, serving
from support.recordings import talk
from support.rooms import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = [pytest.mark.model, pytest.mark.server]

RATE = 48_000
FIRST_PAGES = 8_192
TOKEN = "a-token-for-tests-0123456789"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[tuple[Program, str]]:
    """The server and its address; a lost participant is dropped after two seconds."""
    limits = {"MEETBOT_WEB__TOKEN": TOKEN, "MEETBOT_ROOM__GRACE_SECONDS": 2}
    with serving(store=folder / "store", **limits) as (program, address):
        yield program, address
        assert program.end() == 0
        assert "Traceback" not in program.written()
        assert TOKEN not in program.written()


@pytest.fixture
def server(served: tuple[Program, str]) -> str:
    """Its address."""
    return served[1]


@pytest.fixture(scope="module")
def call() -> NDArray[np.int16]:
    return (talk(RATE) * 32_767).astype(np.int16)


async def message_with(client: RoomClient, pattern: str) -> dict[str, Any]:
    """The final caption or notice whose text matches; else an error with what came instead."""
    seen = []
    try:
        async with asyncio.timeout(60):
            async for _, message in client.captions:
                seen.append(message)
                if message.get("final", True) and re.search(pattern, message.get("text", "")):
                    return message
    except TimeoutError:
        pass
    raise AssertionError(f"nothing has {pattern!r}: {seen}")


async def final_with(client: RoomClient, pattern: str) -> dict[str, Any]:
    """The same, of captions alone."""
    while (message := await message_with(client, pattern))["type"] != "caption":
        pass
    return message


async def test_one_who_vanishes_in_mid_sentence_is_heard_as_far_as_they_came(
    server: str, call: NDArray[np.int16]
) -> None:
    cut = call[: round(1.9 * RATE)]
    address = f"http://{server}"
    async with RoomClient(address, "cut", "Борис", token=TOKEN, receive_video=False) as boris:
        anna = RoomClient(address, "cut", "Anna", token=TOKEN, audio=cut, receive_video=False)
        await anna.__aenter__()
        await asyncio.wait_for(anna.finished_playing.wait(), 60)
        await anna.vanish()
        final = await final_with(boris, "Diane")
        await until(lambda: "Anna" not in {peer.name for peer in boris.roster.values()}, 30)
    assert final["participant_name"] == "Anna"


async def test_captions_that_the_disk_does_not_take_are_held_back_until_it_does(
    served: tuple[Program, str], folder: Path, call: NDArray[np.int16]
) -> None:
    """The disk is full as the server sees it: it may not write beyond the first pages of a file."""
    program, address = served
    server = psutil.Process(program.process.pid)
    client = RoomClient(f"http://{address}", "full", "Anna", token=TOKEN, receive_video=False)
    async with client as anna:
        await asyncio.wait_for(anna.bot_is_here(), 60)
        server.rlimit(psutil.RLIMIT_FSIZE, (FIRST_PAGES, psutil.RLIM_INFINITY))
        try:
            await anna.play(np.concatenate((call, np.zeros(RATE, np.int16))))
            held = await message_with(anna, r"are held back, none is lost: .*disk")
        finally:
            server.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
        final = await final_with(anna, "Chicago")
    assert held["state"] == "degraded"
    text, _ = await asyncio.to_thread(_heard, folder / "store", "full")
    assert final["text"] in text


async def test_a_wrong_token_is_refused_in_one_line(server: str, tmp_path: Path) -> None:
    with pytest.raises(RoomRefused):
        async with RoomClient(f"http://{server}", "shut", "Mallory", token="a guess"):
            pass
    done = await asyncio.to_thread(
        meetbot,
        "join",
        f"webrtc://{server}/shut",
        "--token",
        "guess",
        store=tmp_path / "store",
        **LIGHT,
    )
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("meetbot: ")]
    assert "token" in line
    listed = await asyncio.to_thread(
        meetbot, "meetings", "list", "--json", store=tmp_path / "store"
    )
    assert json.loads(listed.stdout) == []


async def test_two_bots_in_one_room_both_hear_people_and_neither_hears_the_other(
    server: str, folder: Path, call: NDArray[np.int16], tmp_path: Path
) -> None:
    secret = (folder / "store" / "web" / "bot-secret").read_text().strip()
    sound = np.concatenate((call, np.zeros(RATE, np.int16)))
    store = tmp_path / "store"
    with running(
        *("join", f"webrtc://{server}/pair", "--name", "Second (AI)"),
        store=store,
        **LIGHT,
        MEETBOT_ROOM_TOKEN=TOKEN,
        MEETBOT_BOT_SECRET=secret,
    ) as second:
        client = RoomClient(f"http://{server}", "pair", "Anna", token=TOKEN, receive_video=False)
        async with client as anna:
            await until(lambda: sum(p.is_bot for p in anna.roster.values()) == 2, 60)
            await until(lambda: len(anna.connected) == 2, 60)
            await anna.play(sound)
            first = await final_with(anna, "Chicago")
            while (other := await final_with(anna, "Chicago"))["id"] == first["id"]:
                pass
        assert await asyncio.to_thread(second.end, signal.SIGINT) == 0
    for place, itself in ((folder / "store", "Meetbot (AI)"), (store, "Second (AI)")):
        text, people = await asyncio.to_thread(_heard, place, "pair")
        assert "Chicago" in text
        assert people <= {"Anna", "Guest 1", "Guest 2", itself}
    assert other["participant_name"] == first["participant_name"] == "Anna"


def _heard(store: Path, room: str) -> tuple[str, set[str]]:
    """All that was said in the room, and by whom, as the program tells it."""
    listed = json.loads(meetbot("meetings", "list", "--json", store=store).stdout)
    (meeting,) = [meeting for meeting in listed if meeting["room"] == room]
    shown = json.loads(meetbot("meetings", "show", meeting["id"], "--json", store=store).stdout)
    said = " ".join(segment["text"] for segment in shown["segments"])
    return said, {segment["speaker"] for segment in shown["segments"]}


async def test_a_bot_whose_server_is_killed_keeps_what_it_heard_and_says_so(
    call: NDArray[np.int16], tmp_path: Path
) -> None:
    """Rooms on one machine, the bot on another."""
    store = tmp_path / "bot"
    with running(
        *("serve", "--no-bot", "--host", "127.0.0.1", "--port", 0),
        store=tmp_path / "rooms",
        MEETBOT_ROOM__GRACE_SECONDS=2,
    ) as rooms:
        address = f"127.0.0.1:{rooms.until(r'http://localhost:([0-9]+)').group(1)}"
        secret = (tmp_path / "rooms" / "web" / "bot-secret").read_text().strip()
        target = f"webrtc://{address}/lost"
        with running("join", target, store=store, MEETBOT_BOT_SECRET=secret, **LIGHT) as bot:
            client = RoomClient(f"http://{address}", "lost", "Anna", receive_video=False)
            async with client as anna:
                await asyncio.wait_for(anna.bot_is_here(), 60)
                await anna.play(call[: round(1.9 * RATE)])
                await asyncio.to_thread(rooms.kill)
                assert await asyncio.to_thread(bot.process.wait, 60) == 1
            assert re.search(r"^meetbot: .+", bot.written(), re.MULTILINE)
            assert "Traceback" not in bot.written()
    text, _ = await asyncio.to_thread(_heard, store, "lost")
    assert "Diane" in text
