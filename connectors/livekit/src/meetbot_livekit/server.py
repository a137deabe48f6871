"""A LiveKit server on this machine, for the demo, the benchmarks and the tests."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import shutil
import socket
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING
from urllib.parse import quote

from livekit import api

from meetbot.core.errors import ConfigError, RoomError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

__all__ = ["LiveKitServer", "find_server", "running_livekit"]

BINARY = "livekit-server"
READY_SECONDS = 30.0
END_SECONDS = 10.0
TOKEN_SECONDS = 600
PORTS = range(20_000, 32_000)
"""Below those that outgoing connections take, any of which may be gone a moment later."""
NO_STUN = "127.0.0.1:9"
"""Without any the server names public ones to its clients; here nobody answers, nor has to."""
STARTS = 3
TAKEN = "address already in use"


def find_server() -> Path:
    """The server's program: on PATH, or where scripts/install-livekit.sh puts it.

    Raises ``ConfigError``.
    """
    on_path = shutil.which(BINARY)
    if on_path is not None:
        return Path(on_path)
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    built = Path(cache) / "meetbot" / "bin" / BINARY
    if built.is_file():
        return built
    raise ConfigError(
        f"there is no {BINARY} on PATH or in {built.parent}; scripts/install-livekit.sh builds it"
    )


@dataclass(slots=True)
class LiveKitServer:
    """A server on loopback that ``start`` and ``stop`` run on the same ports.

    ``key``, ``secret``: its only API key. ``settings``: more of its configuration.
    """

    folder: Path
    port: int
    tcp_port: int
    udp_port: int
    key: str = "meetbot"
    secret: str = field(default_factory=lambda: token_hex(24), repr=False)
    settings: Mapping[str, object] = field(default_factory=dict)
    _process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Where clients connect to."""
        return f"ws://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Of the running process. Raises ``RoomError`` where none runs."""
        if self._process is None:
            raise RoomError("the LiveKit server is not running")
        return self._process.pid

    @property
    def log(self) -> Path:
        """What it writes."""
        return self.folder / "livekit.log"

    def target(self, room: str) -> str:
        """What ``meetbot join`` takes."""
        return f"livekit://127.0.0.1:{self.port}/{quote(room, safe='')}"

    def token(
        self,
        identity: str,
        name: str,
        room: str,
        *,
        grants: api.VideoGrants | None = None,
        kind: api.AccessToken.ParticipantKind = "standard",
        attributes: Mapping[str, str] | None = None,
        seconds: float = TOKEN_SECONDS,
    ) -> str:
        """A token to join ``room``; ``grants``: None: all that a participant needs."""
        allowed = grants or api.VideoGrants(room_join=True, room=room, can_update_own_metadata=True)
        made = api.AccessToken(self.key, self.secret).with_identity(identity).with_name(name)
        made = (
            made.with_kind(kind)
            .with_attributes(dict(attributes or {}))
            .with_ttl(timedelta(seconds=seconds))
        )
        return made.with_grants(allowed).to_jwt()

    def api(self) -> api.LiveKitAPI:
        """The server's own API; close it with ``aclose``."""
        return api.LiveKitAPI(f"http://127.0.0.1:{self.port}", self.key, self.secret)

    async def has_agent(self, room: str) -> bool:
        """Whether a bot is in ``room``, and its connection stands."""
        async with self.api() as asked:
            try:
                found = await asked.room.list_participants(api.ListParticipantsRequest(room=room))
            except (api.TwirpError, OSError):
                return False
        return any(
            one.kind == api.ParticipantInfo.Kind.AGENT
            and one.state == api.ParticipantInfo.State.ACTIVE
            for one in found.participants
        )

    async def start(self) -> None:
        """Run it until it answers. Raises ``RoomError`` with the last line it wrote."""
        program, config = await asyncio.to_thread(self._prepare)
        with self.log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                program, "--config", str(config), "--node-ip", "127.0.0.1",
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._until_it_answers(self._process)
        except TimeoutError:
            await self.stop(kill=True)
            raise RoomError(f"the LiveKit server did not answer; see {self.log}") from None

    async def stop(self, *, kill: bool = False) -> None:
        """End it: in good order, or at once."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            if kill:
                process.kill()
            else:
                process.terminate()
        try:
            await asyncio.wait_for(process.wait(), END_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _until_it_answers(self, process: asyncio.subprocess.Process) -> None:
        while True:
            if process.returncode is not None:
                log = await asyncio.to_thread(self.log.read_text, "utf-8", "replace")
                lines = log.strip().splitlines()
                raise RoomError(f"the LiveKit server did not start: {(lines or [''])[-1]}")
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(b"GET / HTTP/1.0\r\n\r\n")
                answer = await reader.read(64)
                writer.close()
                if b" 200 " in answer:
                    return
            await asyncio.sleep(0.05)

    def _prepare(self) -> tuple[str, Path]:
        """The program, and a file of settings that nobody else may read."""
        config = self.folder / "livekit.json"
        config.touch(mode=0o600)
        config.write_text(json.dumps(self._config()), "utf-8")
        return str(find_server()), config

    def _config(self) -> dict[str, object]:
        """JSON is YAML, which the server reads."""
        return {
            "port": self.port,
            "bind_addresses": ["127.0.0.1"],
            "rtc": {
                "tcp_port": self.tcp_port,
                "udp_port": self.udp_port,
                "use_external_ip": False,
                "enable_loopback_candidate": True,
                "node_ip": "127.0.0.1",
                "stun_servers": [NO_STUN],
            },
            "keys": {self.key: self.secret},
            "logging": {"level": "info", "json": False},
            **self.settings,
        }


@contextlib.asynccontextmanager
async def running_livekit(
    folder: Path, settings: Mapping[str, object] | None = None
) -> AsyncIterator[LiveKitServer]:
    """A server of one's own, with its files in ``folder``.

    Raises ``ConfigError`` where the program is missing, ``RoomError`` where it does not start.
    """
    server = await _started(folder, settings or {})
    try:
        yield server
    finally:
        await server.stop(kill=True)  # in good order, it waits for everyone to leave first


async def _started(folder: Path, settings: Mapping[str, object]) -> LiveKitServer:
    """On other ports where somebody was quicker."""
    for attempt in range(STARTS):
        server = LiveKitServer(folder, *_free_ports(), settings=settings)
        try:
            await server.start()
        except RoomError as error:
            await server.stop()
            if TAKEN not in str(error) or attempt + 1 == STARTS:
                raise
        except BaseException:
            await server.stop(kill=True)
            raise
        else:
            return server
    raise AssertionError


def _free_ports() -> tuple[int, int, int]:
    """Two for TCP and one for UDP."""
    free = (port for port in random.sample(PORTS, len(PORTS)) if _is_free(port))
    return next(free), next(free), next(free)


def _is_free(port: int) -> bool:
    try:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(socket.AF_INET, kind) as probe:
                probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True
