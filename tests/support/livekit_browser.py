"""A bot process in a LiveKit room, and a Chromium there whose microphone asks it something."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import wave
from typing import TYPE_CHECKING

import numpy as np

from e2e.conftest import FLAGS
from meetbot.demo.voices import record
from meetbot.models import ModelStore
from meetbot.transcribe.media import read_sound
from support.pages import page_address
from support.program import running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser, Page, Playwright

    from meetbot_livekit.server import LiveKitServer
    from support.program import Program

__all__ = ["ROOM", "asking", "bot_in", "joined", "wait"]

ROOM = "team"
RATE = 48_000
PITCH = 0.9
PATIENCE_MS = 60_000


@contextlib.asynccontextmanager
async def bot_in(server: LiveKitServer, folder: Path) -> AsyncIterator[Program]:
    """``meetbot join`` in the room, with its models loading, while inside."""
    settings = {
        "MEETBOT_ROOM__LIVEKIT__KEY": server.key,
        "MEETBOT_ROOM__LIVEKIT__SECRET": server.secret,
    }
    with running("join", server.target(ROOM), "--paint", store=folder / "store", **settings) as bot:
        yield bot


@contextlib.asynccontextmanager
async def asking(playwright: Playwright, text: str, folder: Path) -> AsyncIterator[Browser]:
    """A Chromium whose microphone says ``text`` once, half a second after it is opened."""
    (file,) = await record([text], (PITCH,), folder, ModelStore())
    microphone = folder / "microphone.wav"
    await asyncio.to_thread(_write_microphone, file, microphone)
    chromium = await playwright.chromium.launch(
        executable_path=shutil.which("chromium") or "/usr/bin/chromium",
        args=[*FLAGS, f"--use-file-for-fake-audio-capture={microphone}%noloop"],
    )
    try:
        yield chromium
        for context in chromium.contexts:
            for page in context.pages:
                await page.goto("about:blank")  # leaves the room
    finally:
        await chromium.close()


async def joined(
    chromium: Browser, pages: str, page: str, server: LiveKitServer, identity: str, name: str
) -> Page:
    """One of the test pages, as ``name`` in the room; an error on it fails the test."""
    opened = await chromium.new_page(viewport={"width": 1280, "height": 720})
    opened.on("pageerror", _fail)
    opened.set_default_timeout(PATIENCE_MS)
    token = server.token(identity, name, ROOM)
    await opened.goto(page_address(pages, page, server.url, token))
    return opened


async def wait(page: Page, condition: str, given: object = None) -> None:
    """Until ``condition``, a function of ``given``, holds on the page."""
    await page.wait_for_function(condition, arg=given)


def _fail(error: object) -> None:
    raise AssertionError(f"the page: {error}")


def _write_microphone(speech: Path, file: Path) -> None:
    sound = (read_sound(speech, RATE) * 32_767).astype(np.int16)
    pause = np.zeros(RATE // 2, np.int16)
    with wave.open(str(file), "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(RATE)
        target.writeframes(np.concatenate((pause, sound, pause)).tobytes())
