"""A whole bot in a real LiveKit room, as a browser with LiveKit's own client meets it."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any

import pytest

from meetbot_livekit.server import running_livekit
from support.livekit_browser import asking, bot_in, joined, wait
from support.pages import serving_pages

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Playwright

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.model]

QUESTION = "What is the capital of France?"
BOT = "Object.keys(seen.tracks)[0]"
FACE_AND_PICTURES = f"""() => {{
  const {{ camera, screen_share: pictures }} = seen.tracks[{BOT}] ?? {{}};
  return camera?.changes > 10 && pictures?.frames > 3;
}}"""
ANSWERED = f"""() => {{
  const said = seen.transcriptions.filter(({{ identity, final }}) => final && identity === {BOT});
  return said.length > 0 && seen.tracks[{BOT}].microphone.loud_ms > 300
    && seen.states.at(-1).state === "listening" && seen.states.some((s) => s.state === "speaking");
}}"""


def check_captions(seen: dict[str, Any], speaker: str, track: str, words: str) -> None:
    """What ``speaker`` said is theirs, in both forms and as data, and nobody has a line twice."""
    packets = [one for one in seen["transcriptions"] if one["identity"] == speaker]
    assert packets
    assert {one["track"] for one in packets} == {track}
    finals = [one["text"] for one in packets if one["final"]]
    assert words in " ".join(finals).casefold()
    ids = [one["id"] for one in packets if one["final"]]
    assert len(ids) == len(set(ids))
    streams = [one for one in seen["streams"] if one["identity"] == speaker]
    assert {one["lk.transcribed_track_id"] for one in streams} == {track}
    done = [one for one in streams if one["lk.transcription_final"] == "true"]
    assert [one["text"] for one in done] == finals
    assert [one["lk.segment_id"] for one in done] == ids


@pytest.mark.timeout(240)
async def test_a_browser_asks_by_voice_and_sees_hears_and_reads_the_answer(
    playwright: Playwright, tmp_path: Path
) -> None:
    with serving_pages() as pages:
        async with (
            running_livekit(tmp_path) as server,
            bot_in(server, tmp_path) as bot,
            asking(playwright, QUESTION, tmp_path) as chromium,
        ):
            page = await joined(chromium, pages, "plain", server, "anna", "Anna")
            await wait(page, "() => seen.connected")
            await wait(page, FACE_AND_PICTURES)
            await wait(page, "() => seen.states.at(-1)?.state === 'listening'")
            microphone = await page.evaluate("speak()")
            await wait(page, ANSWERED)
            seen = await page.evaluate("seen")
            identity = await page.evaluate(BOT)
            assert await asyncio.to_thread(bot.end, signal.SIGINT) == 0
    tracks = seen["tracks"][identity]
    assert (tracks["camera"]["width"], tracks["camera"]["mime"]) == (512, "video/H264")
    assert tracks["screen_share"]["width"] == 1280
    check_captions(seen, "anna", microphone, "france")
    check_captions(seen, identity, tracks["microphone"]["sid"], "")
    states = [one["state"] for one in seen["states"] if one["identity"] == identity]
    asked = states[states.index("thinking") :]
    assert asked[:3] == ["thinking", "speaking", "listening"]
    (greeting,) = [one["text"] for one in seen["chat"] if "ИИ" in one["text"]]
    assert "is an AI" in greeting
