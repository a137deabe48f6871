"""A real Chromium on the page of a real server."""

from __future__ import annotations

import contextlib
import shutil
import wave
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from meetbot.config import RoomSettings, Settings, WebSettings
from meetbot.web import RoomServer
from support.rooms import RATE, RecordingBot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from playwright.async_api import Browser, Playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def bot() -> RecordingBot:
    """The bot that comes when somebody joins."""
    return RecordingBot()


@pytest_asyncio.fixture
async def server(bot: RecordingBot) -> AsyncIterator[RoomServer]:
    """A server on any free port."""
    settings = Settings(
        web=WebSettings(port=0), room=RoomSettings(grace_seconds=2, bot_name="Tester (AI)")
    )
    async with RoomServer(settings, bot_factory=bot, empty_seconds=0.5) as server:
        yield server


@pytest_asyncio.fixture
async def playwright() -> AsyncIterator[Playwright]:
    """The driver of browsers."""
    async with async_playwright() as driver:
        yield driver


@pytest.fixture
def browser(
    playwright: Playwright, tmp_path: Path
) -> Callable[[NDArray[np.int16]], AbstractAsyncContextManager[Browser]]:
    """Opens a Chromium whose microphone plays a sound, again and again."""

    @contextlib.asynccontextmanager
    async def open_browser(sound: NDArray[np.int16]) -> AsyncIterator[Browser]:
        path = tmp_path / f"microphone-{abs(hash(sound.tobytes()))}.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(sound.tobytes())
        chromium = await playwright.chromium.launch(
            executable_path=shutil.which("chromium") or "/usr/bin/chromium",
            args=[*FLAGS, f"--use-file-for-fake-audio-capture={path}"],
        )
        try:
            yield chromium
        finally:
            await chromium.close()

    return open_browser
