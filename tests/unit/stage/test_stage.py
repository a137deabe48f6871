from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass

import numpy as np
from blockbuster import blockbuster_ctx

from meetbot.core.clock import MeetingClock
from meetbot.core.types import BotState, Caption, Notice, Participant
from meetbot.stage import Stage

S = 1_000_000_000


@dataclass(frozen=True)
class Small:
    width: int = 320
    height: int = 180
    fps: int = 15


class SteppedClock:
    """Time that goes exactly as far as somebody sleeps, and by jumps."""

    def __init__(self) -> None:
        self.now = 7 * S

    def now_ns(self) -> int:
        return self.now

    async def sleep_until(self, deadline_ns: int) -> None:
        self.now = max(self.now, deadline_ns)
        await asyncio.sleep(0)


async def test_frames_come_at_absolute_times() -> None:
    stage = Stage(Small(), SteppedClock(), "Bot")
    times = []
    async for frame in stage.frames():
        times.append(frame.pts_ns)
        if len(times) == 31:
            stage.close()
    assert times[0] == 7 * S
    assert times[15] == 8 * S
    assert times[30] == 9 * S
    assert stage.late_frames == 0


async def test_late_frames_are_left_out_and_counted() -> None:
    clock = SteppedClock()
    stage = Stage(Small(), clock, "Bot")
    times = []
    async for frame in stage.frames():
        times.append(frame.pts_ns)
        if len(times) == 5:
            clock.now += 2 * S
        if len(times) == 10:
            stage.close()
    assert stage.late_frames == 29
    assert times[5] == 7 * S + 34 * S // 15
    assert all(b > a for a, b in itertools.pairwise(times))


async def test_what_is_told_is_seen_in_the_next_frames() -> None:
    stage = Stage(Small(), SteppedClock(), "Bot")
    anna = Participant("a", "Anna")
    frames = []
    async for frame in stage.frames():
        frames.append(frame.pixels)
        if len(frames) == 10:
            stage.participants((anna,))
            stage.show(Notice(BotState.LISTENING, ""))
            stage.show(Caption("1", anna, None, "Доброе утро", "ru", 0, 0, False))
            stage.speaking("a", 0.7)
        if len(frames) == 20:
            stage.close()
    assert np.abs(frames[9].astype(int) - frames[19].astype(int)).sum() > 10_000
    assert [line.text for line in stage.scene.lines] == ["Доброе утро"]


async def test_frames_can_be_read_again_after_their_reader_went() -> None:
    stage = Stage(Small(), SteppedClock(), "Bot")
    first = stage.frames()
    await anext(first)
    await first.aclose()  # type: ignore[attr-defined]
    second = stage.frames()
    assert (await anext(second)).pixels.shape == (180, 320, 3)
    await second.aclose()  # type: ignore[attr-defined]


async def test_the_event_loop_is_never_blocked() -> None:
    with blockbuster_ctx():
        stage = Stage(Small(), MeetingClock(), "Bot")
        count = 0
        async for _ in stage.frames():
            stage.show(Caption("1", Participant("a", "A"), None, f"{count}", "en", 0, 0, False))
            count += 1
            if count == 8:
                stage.close()
    assert count == 8
