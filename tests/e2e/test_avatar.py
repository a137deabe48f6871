"""The bot's face, voice and chat on the page of a real Chromium."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import numpy as np
import pytest

from e2e.test_page import joined, wait
from meetbot.core.types import ChatReceived
from support.rooms import RATE, RecordingBot, moments, tone, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from numpy.typing import NDArray

    from e2e.test_page import OpenBrowser
    from meetbot.web import RoomServer

pytestmark = [pytest.mark.browser, pytest.mark.server]

FACE = """() => {
  const tile = document.querySelector(".tile.bot"), video = tile?.querySelector("video");
  return tile && { width: video.videoWidth, at: video.currentTime, paused: video.paused,
    muted: video.muted, frames: video.getVideoPlaybackQuality().totalVideoFrames,
    speaking: tile.classList.contains("speaking") };
}"""
LOUDNESS = """async () => {
  const { srcObject } = document.querySelector(".tile.bot video");
  const context = new AudioContext(), analyser = new AnalyserNode(context, { fftSize: 4096 });
  await context.resume();
  context.createMediaStreamSource(new MediaStream(srcObject.getAudioTracks())).connect(analyser);
  await new Promise((later) => setTimeout(later, 400));
  const samples = new Float32Array(4096);
  analyser.getFloatTimeDomainData(samples);
  await context.close();
  return Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
}"""


@contextlib.asynccontextmanager
async def presenting(bot: RecordingBot, sound: NDArray[np.int16] | None) -> AsyncIterator[None]:
    """The bot shows its face and says ``sound`` meanwhile."""
    task = asyncio.create_task(bot.room.present(moments(bot.clock, sound, 25 * 60)))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_a_browser_sees_the_face_move_and_hears_the_voice(
    server: RoomServer, bot: RecordingBot, browser: OpenBrowser
) -> None:
    async with browser(np.zeros(RATE, np.int16)) as chromium:
        page = await joined(chromium, server.url, "Anna")
        await wait(page, "() => document.getElementById('stage').dataset.state === 'live'")
        assert await page.locator(".tile.bot").count() == 0
        async with presenting(bot, tone(400, 60)):
            await wait(page, f"() => {{ const f = ({FACE})(); return f && f.frames > 10; }}")
            face = await page.evaluate(FACE)
            assert (face["width"], face["paused"], face["muted"]) == (512, False, False)
            await wait(page, f"(at) => ({FACE})().at > at + 0.5", face["at"])
            assert await page.evaluate(LOUDNESS) > 0.05
            await wait(page, f"() => ({FACE})().speaking")
            assert await page.inner_text(".tile.bot .who") == "Tester (AI)"


async def test_the_tile_glows_only_while_the_bot_speaks(
    server: RoomServer, bot: RecordingBot, browser: OpenBrowser
) -> None:
    async with browser(np.zeros(RATE, np.int16)) as chromium:
        page = await joined(chromium, server.url, "Anna")
        await page.wait_for_selector("#stage[data-state=live]")
        async with presenting(bot, None):
            await wait(page, f"() => {{ const f = ({FACE})(); return f && f.frames > 25; }}")
            assert not (await page.evaluate(FACE))["speaking"]
            assert await page.evaluate(LOUDNESS) < 0.005
        async with presenting(bot, tone(400, 60)):
            await wait(page, f"() => ({FACE})().speaking")
        await wait(page, f"() => !({FACE})().speaking")


async def test_chat_is_shown_to_all_as_text_and_reaches_the_bot(
    server: RoomServer, bot: RecordingBot, browser: OpenBrowser
) -> None:
    async with browser(np.zeros(RATE, np.int16)) as chromium:
        anna = await joined(chromium, server.url, "Anna")
        boris = await joined(chromium, server.url, "Борис", locale="ru-RU")
        for page in (anna, boris):
            await wait(page, "() => !document.getElementById('words').disabled")
        assert (
            await anna.get_attribute("#words", "placeholder") == "Write to everyone and to the bot"
        )
        assert await boris.get_attribute("#words", "placeholder") == "Напишите всем и боту"
        assert await anna.is_disabled("#send")
        await anna.fill("#words", "Meetbot, <img src=x> что решили?")
        await anna.click("#send")
        for page in (anna, boris):
            said = page.locator("#captions .chat .said")
            await said.wait_for()
            assert await said.inner_text() == "Meetbot, <img src=x> что решили?"
            assert await page.locator("#captions img").count() == 0
        assert await anna.locator("#captions .chat.mine").count() == 1
        assert await boris.locator("#captions .chat.mine").count() == 0
        await until(lambda: any(isinstance(e, ChatReceived) for e in bot.events))
        assert await anna.input_value("#words") == ""


async def test_the_microphone_is_opened_with_echo_cancellation(
    server: RoomServer, browser: OpenBrowser
) -> None:
    async with browser(np.zeros(RATE, np.int16)) as chromium:
        page = await (await chromium.new_context()).new_page()
        await page.add_init_script(
            "const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);"
            "navigator.mediaDevices.getUserMedia = (c) => { window.asked = c; return get(c); };"
        )
        await page.goto(f"{server.url}/r/team")
        await wait(page, "() => window.asked")
        assert await page.evaluate("window.asked.audio.echoCancellation") is True
