"""``meetbot serve`` as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import ssl
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from meetbot_webrtc import RoomClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.server

ADDRESS = re.compile(r"(https?)://([^:]+):(\d+)")


class Served:
    """The process, and what it has printed so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.printed = ""

    async def line(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Read until a line matches."""
        async with asyncio.timeout(30):
            while True:
                assert self.process.stdout is not None
                line = (await self.process.stdout.readline()).decode()
                assert line, f"it ended: {self.printed}"
                self.printed += line
                if found := pattern.search(line):
                    return found

    async def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end; its exit code."""
        self.process.send_signal(number)
        async with asyncio.timeout(10):
            rest, _ = await self.process.communicate()
        self.printed += rest.decode()
        return self.process.returncode or 0


@contextlib.asynccontextmanager
async def serve(folder: Path, *options: str) -> AsyncIterator[Served]:
    """``meetbot serve --no-bot`` with its data in ``folder``."""
    environment = {**os.environ, "MEETBOT_STORE__FOLDER": str(folder), "COLUMNS": "200"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "meetbot", "serve", "--no-bot", *options),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Served(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_says_where_it_is_and_ends_well_when_asked(tmp_path: Path, number: int) -> None:
    async with serve(tmp_path, "--port", "0") as served:
        scheme, host, port = (await served.line(ADDRESS)).groups()
        assert (scheme, host) == ("http", "localhost")
        async with RoomClient(f"http://127.0.0.1:{port}", "r", "Anna") as anna:
            assert anna.roster == {}
            assert await served.stop(number) == 0
    assert "Traceback" not in served.printed


async def test_a_port_that_is_taken_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        async with serve(tmp_path, "--port", str(port)) as served:
            async with asyncio.timeout(30):
                output, _ = await served.process.communicate()
    assert served.process.returncode == 1
    lines = output.decode().splitlines()
    assert len(lines) == 1
    assert f"port {port} of 127.0.0.1 is taken" in lines[0]


async def test_beyond_loopback_it_makes_a_token_and_a_certificate_and_tells_no_token(
    tmp_path: Path,
) -> None:
    async with serve(tmp_path, "--host", "0.0.0.0", "--port", "0") as served:
        scheme, _, port = (await served.line(ADDRESS)).groups()
        assert scheme == "https"
        printed = (await served.line(re.compile(r"SHA-256 ([0-9A-F:]{95})"))).group(1)
        token_file = tmp_path / "web" / "token"
        token = token_file.read_text().strip()
        assert token_file.stat().st_mode & 0o077 == 0
        trust = ssl.create_default_context(cafile=tmp_path / "web" / "certificate.pem")
        address = f"https://localhost:{port}"
        async with httpx.AsyncClient(verify=trust, trust_env=False) as http:
            page = await http.get(address + "/")
            assert page.status_code == 200
            assert "max-age" in page.headers["strict-transport-security"]
            refused = await http.post(address + "/whip/r", content=b"x")
            assert refused.status_code == 401
        async with RoomClient(address, "r", "Anna", token=token, tls=trust) as anna:
            assert anna.id
        assert await served.stop() == 0
    assert token not in served.printed
    assert str(token_file) in served.printed
    assert len(printed.split(":")) == 32
