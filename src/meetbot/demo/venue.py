"""Where a meeting of the demo or a benchmark is held: a room with the bot in it, on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import httpx

from meetbot.core.clock import monotonic_ns
from meetbot.core.errors import RoomError
from meetbot.demo.plan import GuestPlan

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from meetbot_livekit.server import LiveKitServer

__all__ = ["LiveKitVenue", "RoomKind", "Server", "Venue", "end_process", "last_line", "open_venue"]

RoomKind: TypeAlias = Literal["webrtc", "livekit"]

READY_SECONDS = 60.0
LEAVE_SECONDS = 30.0
POLL_SECONDS = 0.1
GUEST_TOKEN_SECONDS = 6 * 3600
MEASURED = ("--set", "room.livekit.measured=true")
"""So that guests can tell how far the bot's face and its voice are apart."""
SHARED_MICROPHONE = {"meetbot.shared_microphone": "true"}


class Venue(Protocol):
    """A room that a bot is in. ``pid``: of the bot's process, in which it does all of its work."""

    @property
    def pid(self) -> int:
        """Of the bot's process."""

    @property
    def address(self) -> str:
        """What its guests connect to."""

    @property
    def page(self) -> str | None:
        """Where a browser can watch; None: there is no page of ours."""

    def guest(self, name: str, *, room: str | None = None, **plan: Any) -> GuestPlan:
        """A participant called ``name``; ``plan``: what else there is in a ``GuestPlan``.

        ``room``: another one of the same server, where the kind of room has the bot come to any.
        """


class Server:
    """A running ``meetbot serve``; its bot comes to whichever room is entered."""

    def __init__(self, address: str, pid: int, log: Path, room: str) -> None:
        self.address = address
        self.pid = pid
        self.log = log
        self._room = room

    @property
    def page(self) -> str:
        """The room's page."""
        return f"{self.address.replace('127.0.0.1', 'localhost')}/r/{self._room}"

    def guest(self, name: str, *, room: str | None = None, **plan: Any) -> GuestPlan:
        """A participant of the server's own rooms."""
        return GuestPlan(self.address, room or self._room, name, **plan)


class LiveKitVenue:
    """A LiveKit server and ``meetbot join`` in one of its rooms. ``pid``: of the latter."""

    page = None

    def __init__(self, server: LiveKitServer, pid: int, log: Path, room: str) -> None:
        self.server = server
        self.address = server.target(room)
        self.pid = pid
        self.log = log
        self._room = room

    def guest(self, name: str, *, room: str | None = None, **plan: Any) -> GuestPlan:
        """A participant with a token of their own. Raises ``RoomError`` for another room."""
        if room not in {None, self._room}:
            raise RoomError(f"the bot is in the LiveKit room {self._room!r}, not in {room!r}")
        shared = SHARED_MICROPHONE if plan.get("shared_microphone") else {}
        token = self.server.token(
            name, name, self._room, attributes=shared, seconds=GUEST_TOKEN_SECONDS
        )
        return GuestPlan(self.address, self._room, name, kind="livekit", token=token, **plan)


def open_venue(
    kind: RoomKind, folder: Path, room: str, options: Sequence[str] = (), *, port: int = 0
) -> AbstractAsyncContextManager[Server | LiveKitVenue]:
    """A room of ``kind`` called ``room``, with a bot whose store and logs are in ``folder``.

    ``options``: of the command line of Meetbot. ``port``: of the page, where there is one; 0: any
    free one. Raises ``RoomError`` when it does not come up, with the last line that it wrote, and
    ``ConfigError`` where there is no LiveKit server on this machine.
    """
    if kind == "livekit":
        return _livekit(folder, room, options)
    return _served(folder, room, options, port)


@contextlib.asynccontextmanager
async def _served(
    folder: Path, room: str, options: Sequence[str], port: int
) -> AsyncIterator[Server]:
    port = port or _free_port()
    command = ("serve", "--host", "127.0.0.1", "--port", str(port))
    async with _meetbot(folder, options, command, {}) as (process, log):
        server = Server(f"http://127.0.0.1:{port}", process.pid, log, room)
        await _until_ready(server, process)
        yield server


@contextlib.asynccontextmanager
async def _livekit(folder: Path, room: str, options: Sequence[str]) -> AsyncIterator[LiveKitVenue]:
    from meetbot_livekit.server import running_livekit

    stays = {"room": {"empty_timeout": 3600, "departure_timeout": 3600}}
    async with running_livekit(folder, stays) as server:
        keys = {"LIVEKIT_API_KEY": server.key, "LIVEKIT_API_SECRET": server.secret}
        command = ("join", server.target(room))
        async with _meetbot(folder, [*options, *MEASURED], command, keys) as (process, log):
            await _until_joined(server, room, process, log)
            yield LiveKitVenue(server, process.pid, log, room)


@contextlib.asynccontextmanager
async def _meetbot(
    folder: Path, options: Sequence[str], command: Sequence[str], secrets: Mapping[str, str]
) -> AsyncIterator[tuple[asyncio.subprocess.Process, Path]]:
    """``meetbot`` as a process; ``secrets`` are in its environment, where nobody else sees them."""
    log = folder / "server.log"
    store = f"store.folder={folder / 'store'}"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "meetbot", *options, "--set", store, *command),
            stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
            env={**os.environ, **secrets},
        )  # fmt: skip
    try:
        yield process, log
    finally:
        await end_process(process)


async def _until_ready(server: Server, process: asyncio.subprocess.Process) -> None:
    deadline = monotonic_ns() + round(READY_SECONDS * 1e9)
    async with httpx.AsyncClient(trust_env=False) as client:
        while monotonic_ns() < deadline:
            if process.returncode is not None:
                raise RoomError(f"the server did not start: {last_line(server.log)}")
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get(f"{server.address}/readyz")).is_success:
                    return
            await asyncio.sleep(POLL_SECONDS)
    raise RoomError(f"the server was not ready within {READY_SECONDS:.0f} s; see {server.log}")


async def _until_joined(
    server: LiveKitServer, room: str, process: asyncio.subprocess.Process, log: Path
) -> None:
    deadline = monotonic_ns() + round(READY_SECONDS * 1e9)
    while monotonic_ns() < deadline:
        if process.returncode is not None:
            raise RoomError(f"the bot did not come: {last_line(log)}")
        if await server.has_agent(room):
            return
        await asyncio.sleep(POLL_SECONDS)
    raise RoomError(f"the bot did not come within {READY_SECONDS:.0f} s; see {log}")


async def end_process(process: asyncio.subprocess.Process) -> None:
    """Ask a process to end, and make it if it does not."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), LEAVE_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


def last_line(log: Path) -> str:
    """What a process wrote last."""
    lines = log.read_text("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it wrote nothing"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
