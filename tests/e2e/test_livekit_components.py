"""A whole bot in LiveKit's own React conference, a client that nobody here wrote."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest

from meetbot_livekit.server import running_livekit
from support.livekit_browser import asking, bot_in, joined, wait
from support.pages import serving_pages

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Playwright

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.model]

WISH = "Please draw two friends on a boat at sea."
SHARED = ".lk-focus-layout > .lk-participant-tile"
CAMERA = ".lk-carousel .lk-participant-tile:has(video[data-lk-source=camera])"
LOOK = """(chosen) => {
  const video = document.querySelector(chosen + " video");
  if (!video?.videoWidth) return null;
  const pen = new OffscreenCanvas(64, 36).getContext("2d");
  pen.drawImage(video, 0, 0, 64, 36);
  return [...pen.getImageData(0, 0, 64, 36).data];
}"""
STILL = f"""(chosen) => {{
  const before = window.before, now = (window.before = ({LOOK})(chosen));
  return before && now.reduce((sum, v, at) => sum + Math.abs(v - before[at]), 0) / now.length < 1;
}}"""
CHANGED = f"""({{ chosen, before, least }}) => {{
  const now = ({LOOK})(chosen);
  return now && now.reduce((sum, v, at) => sum + Math.abs(v - before[at]), 0) / now.length > least;
}}"""


@pytest.mark.timeout(240)
async def test_livekits_own_conference_shows_face_pictures_name_chat_state_and_lines(
    playwright: Playwright, tmp_path: Path
) -> None:
    with serving_pages() as pages:
        async with (
            running_livekit(tmp_path) as server,
            bot_in(server, tmp_path) as bot,
            asking(playwright, WISH, tmp_path) as chromium,
        ):
            page = await joined(chromium, pages, "conference", server, "anna", "Anna")
            await page.locator(f"{SHARED} video").wait_for()
            await wait(page, f"() => ({LOOK})('{SHARED}') && ({LOOK})('{CAMERA}')")
            name = page.locator(f"{CAMERA} .lk-participant-name")
            assert await name.inner_text() == "Meetbot (AI)"
            face = {"chosen": CAMERA, "before": await page.evaluate(LOOK, CAMERA), "least": 0.2}
            await wait(page, CHANGED, given=face)
            await wait(page, "() => window.hooks?.state === 'listening'")
            before = {"chosen": SHARED, "before": await page.evaluate(LOOK, SHARED), "least": 10}
            await page.get_by_role("button", name="Microphone").first.click()
            await wait(page, "() => hooks.lines.some(([who, text]) => /draw|boat/i.test(text))")
            await wait(page, CHANGED, given=before)
            await page.wait_for_function(STILL, arg=SHARED, polling=500)
            await page.click(".lk-chat-toggle")
            greeting = page.locator(".lk-chat-entry", has_text="is an AI: it listens")
            await greeting.wait_for()
            who = greeting.locator(".lk-participant-name")
            assert await who.inner_text() == "Meetbot (AI)"
            assert await greeting.count() == 1
            await page.screenshot(path=tmp_path / "conference.png")
            await page.fill(".lk-chat-form-input", "What is the capital of France?")
            await page.click(".lk-chat-form-button")
            answer = page.locator(".lk-chat-entry:not([data-lk-message-origin=local])").nth(1)
            await answer.wait_for()
            lines = await page.evaluate("hooks.lines")
            assert await asyncio.to_thread(bot.end, signal.SIGINT) == 0
    said = [text for who, text in lines if who == "anna"]
    assert len(said) == len(set(said))
