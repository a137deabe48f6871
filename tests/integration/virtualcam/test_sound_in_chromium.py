"""A browser, as Meet or Teams run in, lists the virtual microphone and hears the bot in it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from meetbot.config.rooms import CameraSettings
from meetbot.core.clock import MeetingClock
from meetbot_virtualcam.sound import SoundDesk
from support.pulse import tone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Page

    from support.pulse import PulseServer

pytestmark = [pytest.mark.server, pytest.mark.browser]

ADDRESS = "http://localhost:9/"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def source() -> str:
    """A page with a list of microphones; nothing is fetched from anywhere."""
    return (Path(__file__).parent / "microphones.html").read_text(encoding="utf-8")


@pytest_asyncio.fixture
async def page(pulse: PulseServer, source: str) -> AsyncIterator[Page]:
    """The page in a Chromium whose sound server is the test's."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=shutil.which("chromium") or "/usr/bin/chromium",
            args=FLAGS,
            env=dict(pulse.env),
        )
        page = await browser.new_page(viewport={"width": 520, "height": 300})
        await page.route("**/*", lambda route: route.fulfill(body=source, content_type="text/html"))
        await page.goto(ADDRESS)
        yield page
        await browser.close()


async def test_a_browser_lists_the_virtual_microphone_and_hears_the_bot(page: Page) -> None:
    clock = MeetingClock()
    settings = CameraSettings(pass_microphone=False)
    async with SoundDesk(settings, clock) as desk:
        names = await page.evaluate("show()")
        assert desk.microphone in names
        assert not any("not for listening" in name for name in names)
        await page.evaluate("choose", desk.microphone)
        speaking = asyncio.create_task(_hum(desk, clock))
        await page.wait_for_function(
            "() => { const at = hear(); return at.level > 0.1 && Math.abs(at.hertz - 1000) < 20 }"
        )
        speaking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await speaking
        await page.wait_for_function("() => hear().level < 0.001")


async def _hum(desk: SoundDesk, clock: MeetingClock) -> None:
    sound, at_ns = tone(1_000, 0.04), clock.now_ns()
    while True:
        desk.play(sound, at_ns)
        at_ns += 40_000_000
        await clock.sleep_until(at_ns)
