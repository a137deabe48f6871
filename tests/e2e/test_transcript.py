"""The illustrated transcript in a real Chromium: from a file, without network, without script."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from meetbot.core.types import Participant, Utterance
from meetbot.gallery import Gallery
from meetbot.people import PeopleDirectory
from meetbot.store import Store
from meetbot.transcript import Illustrated, to_html
from support.painting import picture, pixels
from support.rooms import tone

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from numpy.typing import NDArray
    from playwright.async_api import Browser

    from meetbot.store.pictures import KeptPicture

    OpenBrowser = Callable[[NDArray[np.int16]], AbstractAsyncContextManager[Browser]]

pytestmark = [pytest.mark.browser]

S = 1_000_000_000
EVIL = "<script>document.title = 'taken'</script>\"><img src=x onerror=\"document.title='taken'\">"


async def test_the_page_shows_words_and_pictures_and_runs_nothing(
    browser: OpenBrowser, tmp_path: Path
) -> None:
    path = await _page(tmp_path)
    complaints: list[str] = []
    requests: list[str] = []
    async with browser(tone(440, 0.1)) as chromium:
        page = await chromium.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("request", lambda request: requests.append(request.url))
        await page.goto(path.as_uri())
        await page.locator("figure img").scroll_into_view_if_needed()
        await page.wait_for_function("[...document.images].every(image => image.naturalWidth)")
        width = "element => getComputedStyle(element).borderLeftColor"
        colour = await page.locator(".said").evaluate(width)
        shown = await page.locator("figure q").inner_text()
        title = await page.title()
    assert colour == "rgb(94, 177, 255)"
    assert shown == EVIL
    assert title == "The room"
    assert complaints == []
    assert {url.rsplit("/", 1)[-1] for url in requests} == {"transcript.html", "001.png"}


async def _page(folder: Path) -> Path:
    async with await Store.open(folder / "store") as store:
        prints = np.eye(2, 8, dtype=np.float32)
        anna = await PeopleDirectory(store).create("Anna", "m", prints, seconds=2.0)
        meeting = await store.begin_meeting("The room")
        said = Utterance("u", Participant("d", "Desk"), anna, EVIL, "en", 0, S)
        kept = await Gallery(store).keep(meeting, picture("p", anna, text=EVIL))
    await asyncio.to_thread(Image.fromarray(pixels()).save, folder / "001.png")
    await asyncio.to_thread(_write, path := folder / "transcript.html", said, kept)
    return path


def _write(path: Path, said: Utterance, kept: KeptPicture) -> None:
    meeting = Illustrated(
        "The room", datetime(2026, 3, 1, tzinfo=UTC), (said,), (("001.png", kept),)
    )
    path.write_text(to_html(meeting), "utf-8")
