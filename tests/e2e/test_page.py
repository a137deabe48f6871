"""The room's page in a real Chromium."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from meetbot.config import RoomSettings, Settings, WebSettings
from meetbot.core.types import Activity, ActivityChanged, Caption, ChatSent, Participant, Speaker
from meetbot.web import RoomServer
from meetbot_webrtc import RoomClient
from support.rooms import RATE, RecordingBot, loud, pitch, tone, until

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from numpy.typing import NDArray
    from playwright.async_api import Browser, Page

    OpenBrowser = Callable[[NDArray[np.int16]], AbstractAsyncContextManager[Browser]]

pytestmark = [pytest.mark.browser, pytest.mark.server]

BOT_VIDEO = """() => {
  const video = document.getElementById("bot-video");
  const canvas = new OffscreenCanvas(8, 8), pen = canvas.getContext("2d");
  pen.drawImage(video, 0, 0, 8, 8);
  const [r, g, b] = pen.getImageData(4, 4, 1, 1).data;
  return { frames: video.getVideoPlaybackQuality().totalVideoFrames, width: video.videoWidth,
           pixel: [r, g, b], state: document.getElementById("stage").dataset.state };
}"""
TILE = """(name) => {
  const tile = [...document.querySelectorAll(".tile")].find((t) => t.textContent.includes(name));
  const video = tile?.querySelector("video");
  return tile && { state: tile.dataset.state, width: video.videoWidth,
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    speaking: tile.classList.contains("speaking") };
}"""


async def joined(browser: Browser, url: str, name: str, **context: Any) -> Page:
    """A page that has joined; whatever it complains of fails the test."""
    place = await browser.new_context(**{"viewport": {"width": 1280, "height": 760}, **context})
    page = await place.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"{name}'s page: {error}", pytrace=False))
    await page.goto(f"{url}/r/team")
    await page.fill("#name", name)
    await page.wait_for_selector("#trouble", state="hidden")
    await page.click("#enter")
    await page.wait_for_selector("#meeting:not([hidden])")
    return page


async def wait(page: Page, script: str, *arguments: Any) -> None:
    """Until ``script`` says something true."""
    await page.wait_for_function(script, arg=arguments[0] if arguments else None, timeout=15_000)


def caption(number: int, text: str, *, final: bool = True, name: str = "Анна") -> Caption:
    speaker = Speaker("s", name, "#7cc4ff")
    start = number * 1_000_000_000
    who = Participant("p", "Anna")
    return Caption(f"u{number}", who, speaker, text, "ru", start, start + 10**9, final)


async def test_a_browser_is_heard_and_sees_the_bot_and_its_captions(
    server: RoomServer, bot: RecordingBot, browser: OpenBrowser
) -> None:
    async with browser(tone(660, 5)) as chromium:
        page = await joined(chromium, server.url, "Anna")
        await wait(page, "() => document.getElementById('stage').dataset.state === 'live'")
        await until(lambda: len(loud(bot.heard("Anna"))) > RATE)
        assert pitch(loud(bot.heard("Anna"))[-RATE:]) == pytest.approx(660, abs=6)
        await wait(page, f"() => ({BOT_VIDEO})().frames > 5")
        seen = await page.evaluate(BOT_VIDEO)
        assert seen["width"] == 640
        assert 30 < min(seen["pixel"]) <= max(seen["pixel"]) < 240

        await bot.room.send(caption(1, "Добрый", final=False))
        partial = page.locator("#captions li.partial")
        await partial.wait_for()
        await bot.room.send(caption(1, "Добрый день. <img src=x>"))
        await page.locator("#captions li:not(.partial)").wait_for()
        assert await partial.count() == 0
        assert await page.locator("#captions .voice").inner_text() == "Анна"
        assert await page.locator("#captions .said").inner_text() == "Добрый день. <img src=x>"
        colour = "getComputedStyle(document.querySelector('#captions .by')).color"
        assert await page.evaluate(colour) == "rgb(124, 196, 255)"
        assert await page.locator("#captions img").count() == 0


async def test_the_page_shows_what_the_bot_does_and_writes(
    server: RoomServer, bot: RecordingBot, browser: OpenBrowser
) -> None:
    async with browser(tone(660, 5)) as chromium:
        page = await joined(chromium, server.url, "Anna")
        await page.locator("#roster li[data-activity=listening]").wait_for(state="attached")
        await bot.room.send(ActivityChanged(Activity.THINKING, 1))
        thinking = page.locator("#roster li[data-activity=thinking] em")
        await thinking.wait_for(state="attached")
        assert await thinking.text_content() == "AI, is thinking…"
        await bot.room.send(ChatSent("On Friday. <b>", 10**9))
        line = page.locator("#captions li.chat")
        await line.wait_for()
        assert await line.locator(".voice").inner_text() == "Tester (AI)"
        assert await line.locator(".said").inner_text() == "On Friday. <b>"


async def test_two_browsers_see_and_hear_each_other(
    server: RoomServer, bot: RecordingBot, browser: OpenBrowser
) -> None:
    async with browser(tone(440, 5)) as one, browser(tone(1200, 5)) as other:
        anna = await joined(one, server.url, "Anna")
        boris = await joined(other, server.url, "Борис", locale="ru-RU")
        for page, name in ((anna, "Борис"), (boris, "Anna")):
            await wait(
                page,
                f"(name) => {{ const t = ({TILE})(name); "
                "return t && t.state === 'connected' && t.frames > 5 && t.width > 0; }",
                name,
            )
            await wait(page, f"(name) => ({TILE})(name).speaking", name)
        await until(lambda: len(loud(bot.heard("Борис"))) > RATE)
        assert pitch(loud(bot.heard("Anna"))[-RATE:]) == pytest.approx(440, abs=6)
        assert pitch(loud(bot.heard("Борис"))[-RATE:]) == pytest.approx(1200, abs=6)
        assert await anna.inner_text("#leave") == "Leave"
        assert await boris.inner_text("#leave") == "Выйти"
        assert await anna.inner_text("#people-count") == "3"
        await boris.close(run_before_unload=True)
        await until(lambda: bot.left() == {"Борис": "left"}, 5)
        await wait(anna, "() => document.querySelectorAll('.tile').length === 1")


async def test_a_browser_and_a_python_guest_hear_each_other(
    server: RoomServer, browser: OpenBrowser
) -> None:
    async with browser(tone(660, 5)) as chromium:
        page = await joined(chromium, server.url, "Anna")
        async with RoomClient(server.url, "team", "Guido", receive_video=False) as guest:
            await until(lambda: len(guest.connected) == 2)
            playing = asyncio.create_task(guest.play(tone(900, 3)))
            await wait(page, f"(name) => ({TILE})(name).speaking", "Guido")
            await playing
            guest.received_audio.close()
            heard = [sound.samples async for sound in guest.received_audio]
            assert pitch(loud(np.concatenate(heard))[-RATE:]) == pytest.approx(660, abs=6)
        await wait(page, "() => document.querySelectorAll('.tile').length === 1")


async def test_muting_silences_the_microphone(
    server: RoomServer, bot: RecordingBot, browser: OpenBrowser
) -> None:
    async with browser(tone(660, 5)) as chromium:
        page = await joined(chromium, server.url, "Anna")
        await until(lambda: len(loud(bot.heard("Anna"))) > RATE)
        await page.click("#mic")
        assert await page.get_attribute("#mic", "aria-pressed") == "false"
        await asyncio.sleep(1.0)
        bot.sound["Anna"].clear()
        await asyncio.sleep(1.0)
        assert np.abs(bot.heard("Anna").astype(int)).max(initial=0) < 100
        await page.click("#mic")
        await until(lambda: len(loud(bot.heard("Anna"))) > RATE // 2)


async def test_silence_is_hardly_sent(
    server: RoomServer, bot: RecordingBot, browser: OpenBrowser
) -> None:
    """The bot asks for discontinuous transmission; of a silent browser nothing is left to hear."""
    async with browser(np.zeros(RATE * 5, np.int16)) as chromium:
        page = await joined(chromium, server.url, "Anna")
        await page.wait_for_selector("#stage[data-state=live]")
        await asyncio.sleep(2)
        bot.sound.setdefault("Anna", []).clear()
        await asyncio.sleep(4)
        assert len(bot.sound["Anna"]) < 5


async def test_a_cut_shows_a_banner_and_heals(
    server: RoomServer, bot: RecordingBot, browser: OpenBrowser
) -> None:
    async with browser(tone(660, 5)) as chromium:
        page = await joined(chromium, server.url, "Anna")
        await page.wait_for_selector("#stage[data-state=live]")
        await page.context.set_offline(True)
        for state in list(server.hub._rooms.values()):
            for member in list(state.members.values()):
                if not member.info.is_bot and member.connection:
                    member.connection.lost()
        await page.wait_for_selector("#banner:not([hidden])")
        await page.context.set_offline(False)
        await page.wait_for_selector("#banner", state="hidden")
        assert bot.left() == {}
        assert bot.joined() == ["Anna"]


async def test_a_shared_microphone_is_told(
    server: RoomServer, bot: RecordingBot, browser: OpenBrowser
) -> None:
    async with browser(tone(660, 5)) as chromium:
        page = await joined(chromium, server.url, "Anna")
        await page.wait_for_selector("#stage[data-state=live]")
        await page.click("#share")
        await until(lambda: bot.events[-1].participant.shared_microphone)
        assert await page.get_attribute("#share", "aria-pressed") == "true"


async def test_without_permission_one_joins_to_listen(
    server: RoomServer, bot: RecordingBot, playwright: Any
) -> None:
    flags = ["--no-sandbox", "--disable-gpu", "--deny-permission-prompts", "--no-first-run"]
    chromium = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
    try:
        page = await (await chromium.new_context()).new_page()
        await page.goto(f"{server.url}/r/team")
        trouble = page.locator("#trouble")
        await wait(
            page,
            "() => /not allowed|No microphone/.test("
            "document.getElementById('trouble').textContent)",
        )
        assert await trouble.is_visible()
        await page.fill("#name", "Listener")
        await page.click("#enter")
        await page.wait_for_selector("#stage[data-state=live]")
        assert bot.joined() == ["Listener"]
        assert bot.opened() == []
    finally:
        await chromium.close()


async def test_a_wrong_token_is_asked_for_again(browser: OpenBrowser) -> None:
    secret = "the-right-token-of-the-room"
    settings = Settings(web=WebSettings(port=0, token=secret), room=RoomSettings())
    async with RoomServer(settings) as server, browser(tone(660, 5)) as chromium:
        page = await (await chromium.new_context()).new_page()
        await page.goto(f"{server.url}/r/team#token=wrong")
        await page.fill("#name", "Anna")
        await page.click("#enter")
        await page.wait_for_selector("#token-field:not([hidden])")
        assert "token" in await page.inner_text("#trouble")
        await page.fill("#token", secret)
        await page.click("#enter")
        await page.wait_for_selector("#meeting:not([hidden])")
