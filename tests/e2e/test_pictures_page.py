"""The pictures of a bot on the room's page, in a real Chromium."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from meetbot.config import StageSettings
from meetbot.core.pictures import Painting, PaintRequest, Picture
from meetbot.core.types import Participant, PictureShown, Speaker
from meetbot.stage import PictureStage
from support.rooms import RecordingBot, tone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from numpy.typing import NDArray
    from playwright.async_api import Browser, Page

    from meetbot.web import RoomServer

    OpenBrowser = Callable[[NDArray[np.int16]], AbstractAsyncContextManager[Browser]]

pytestmark = [pytest.mark.browser, pytest.mark.server]

ANNA = Participant("p-1", "Anna")
VOICE = Speaker("s", "Анна", "#7cc4ff")
SHOWN = """() => {
  const video = document.getElementById("bot-video");
  const canvas = new OffscreenCanvas(64, 36), pen = canvas.getContext("2d");
  pen.drawImage(video, 0, 0, 64, 36);
  return { shows: document.getElementById("stage").dataset.shows,
           state: document.getElementById("stage").dataset.state,
           pixel: [...pen.getImageData(26, 14, 1, 1).data].slice(0, 3),
           other: !document.getElementById("screen").hidden };
}"""
LISTED = """() => [...document.querySelectorAll("#captions .picture")].map((node) => {
  const canvas = node.querySelector("canvas");
  const pen = canvas?.getContext("2d");
  return { voice: node.querySelector(".voice").textContent,
           said: node.querySelector(".said").textContent,
           markup: node.querySelectorAll(".said *").length,
           pixel: pen && [...pen.getImageData(canvas.width / 2, 60, 1, 1).data].slice(0, 3) };
})"""


def picture(number: int, colour: tuple[int, int, int], words: str) -> Picture:
    pixels = np.empty((288, 512, 3), np.uint8)
    pixels[:] = colour
    request = PaintRequest(words, words, "ru", number, 512, 288)
    return Picture(f"m-{number}", request, Painting(pixels, "x"), "timer", ANNA, (VOICE,), 0, 0)


def told(shown: Picture, at_ns: int) -> PictureShown:
    return PictureShown(shown.id, shown.request.subject, ANNA, (VOICE,), "timer", at_ns, at_ns)


@contextlib.asynccontextmanager
async def painting(bot: RecordingBot) -> AsyncIterator[PictureStage]:
    """The bot's pictures track, running."""
    stage = PictureStage(StageSettings(), bot.clock)
    task = asyncio.create_task(bot.room.publish("pictures", stage.frames()))
    try:
        yield stage
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def entered(browser: Browser, url: str) -> Page:
    page = await browser.new_page(viewport={"width": 1280, "height": 760})
    page.on("pageerror", lambda error: pytest.fail(f"the page: {error}", pytrace=False))
    await page.goto(f"{url}/r/team")
    await page.fill("#name", "Anna")
    await page.wait_for_selector("#trouble", state="hidden")
    await page.click("#enter")
    await page.wait_for_selector("#stage[data-state=live]", timeout=15_000)
    return page


def near(pixel: list[int], colour: tuple[int, int, int]) -> bool:
    return max(abs(a - b) for a, b in zip(pixel, colour, strict=True)) < 30


async def look(page: Page, wanted: Callable[[Any], bool], script: str = SHOWN) -> Any:
    """What ``script`` says, once it is as ``wanted``."""
    async with asyncio.timeout(15):
        while True:
            found = await page.evaluate(script)
            if wanted(found):
                return found
            await asyncio.sleep(0.1)


async def test_pictures_are_large_from_the_first_on_and_are_listed_with_their_words(
    server: RoomServer, bot: RecordingBot, browser: OpenBrowser
) -> None:
    red, green = picture(1, (200, 40, 40), "кот на печке"), picture(2, (40, 170, 60), "<b>лес</b>")
    async with browser(tone(660, 1)) as chromium:
        page = await entered(chromium, server.url)
        async with painting(bot) as stage:
            await asyncio.sleep(1)
            assert (await page.evaluate(SHOWN))["shows"] == "stage"
            stage.show(red)
            await bot.room.send(told(red, bot.clock.now_ns()))
            seen = await look(page, lambda found: near(found["pixel"], (200, 40, 40)))
            assert seen["shows"] == "pictures"
            assert seen["other"]
            await look(page, lambda found: bool(found[0]["pixel"]), LISTED)
            stage.show(green)
            await bot.room.send(told(green, bot.clock.now_ns()))
            listed = await look(page, lambda found: len(found) == 2 and found[1]["pixel"], LISTED)
            assert [one["said"] for one in listed] == ["кот на печке", "<b>лес</b>"]
            assert {one["voice"] for one in listed} == {"Анна"}
            assert not any(one["markup"] for one in listed)
            assert near(listed[0]["pixel"], (200, 40, 40))
            assert near(listed[1]["pixel"], (40, 170, 60))


async def test_a_click_makes_the_captions_large_again(
    server: RoomServer, bot: RecordingBot, browser: OpenBrowser
) -> None:
    red = picture(1, (200, 40, 40), "a red house")
    async with browser(tone(660, 1)) as chromium:
        page = await entered(chromium, server.url)
        async with painting(bot) as stage:
            stage.show(red)
            await bot.room.send(told(red, bot.clock.now_ns()))
            await look(page, lambda found: near(found["pixel"], (200, 40, 40)))
            await page.click("#screen")
            seen = await look(
                page, lambda found: found["state"] == "live" and found["shows"] == "stage"
            )
            assert seen["pixel"][0] == pytest.approx(seen["pixel"][1], abs=12)
            await page.click("#screen")
            await look(page, lambda found: near(found["pixel"], (200, 40, 40)))
