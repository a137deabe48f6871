"""A real Chromium sees its own words: page, room, bot, real models, store."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from meetbot.config import Settings, StoreSettings, WebSettings
from meetbot.models import ModelStore
from meetbot.session import open_host
from meetbot.store import Store
from meetbot.transcribe.media import read_sound
from meetbot.web import RoomServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from numpy.typing import NDArray
    from playwright.async_api import Browser

    from meetbot.core.clock import Clock
    from meetbot.core.ports import Room

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.model]

RATE = 48_000
WORDS = re.compile(r"Chicago|New Jersey|Texas|Yankee", re.IGNORECASE)


@pytest.fixture
def talk() -> NDArray[np.int16]:
    """Twenty seconds of two people's call, and a pause."""
    whole = read_sound(ModelStore().path("phone-talk") / "sample.wav", RATE)
    return np.concatenate(
        ((whole[10 * RATE :] * 32767).astype(np.int16), np.zeros(3 * RATE, np.int16))
    )


@pytest.mark.timeout(180)
async def test_a_browser_sees_its_own_words_as_a_caption_and_the_store_keeps_them(
    browser: Callable[[NDArray[np.int16]], AbstractAsyncContextManager[Browser]],
    talk: NDArray[np.int16],
    tmp_path: Path,
) -> None:
    settings = Settings(web=WebSettings(port=0), store=StoreSettings(folder=tmp_path))
    async with open_host(settings) as host:

        async def bot(name: str, room: Room, clock: Clock) -> None:
            await host.session(room, name, clock).run()

        async with RoomServer(settings, bot_factory=bot) as server, browser(talk) as chromium:
            page = await chromium.new_page()
            await page.goto(f"{server.url}/r/talk")
            await page.fill("#name", "Diane")
            await page.click("#enter")
            final = page.locator("#captions li:not(.partial) .said").filter(has_text=WORDS)
            await final.first.wait_for(timeout=90_000)
            shown = await final.first.inner_text()
            moving = (
                "() => document.getElementById('bot-video').getVideoPlaybackQuality()"
                ".totalVideoFrames > 10"
            )
            await page.wait_for_function(moving)
    async with await Store.open(tmp_path) as store:
        (meeting,) = await store.meetings()
        kept = [utterance.text for utterance in await store.utterances(meeting.id)]
    assert shown in kept
