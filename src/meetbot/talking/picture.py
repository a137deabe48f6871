"""The face's pictures, each made just before it is shown; fewer of them when that takes long."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from meetbot.core.voice import MOMENT_NS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from meetbot.core.clock import Clock
    from meetbot.core.ports import FaceStream
    from meetbot.observe import Metrics

__all__ = ["Illustrator", "Pace"]

log = logging.getLogger(__name__)

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
BLANK = 32
PAUSE_AFTER_FAILURE_NS = NS_PER_S


class Pace:
    """How far ahead to begin a picture, and every how many moments, from how long they took.

    Slower at once when the slowest of the last few does not fit; faster after two quiet seconds.
    """

    SHORTEST_LEAD_NS = 20 * NS_PER_MS
    SLOWEST = 10
    FULL = 0.85
    EASY = 0.6
    REMEMBERED = 50
    JUDGED = 5

    def __init__(self) -> None:
        self.stride = 1
        self._took: deque[int] = deque(maxlen=self.REMEMBERED)
        self._steady = 0

    def took(self, ns: int) -> None:
        """One picture was made in ``ns``."""
        self._took.append(ns)
        self._steady += 1
        if self._steady < self.JUDGED:
            return
        typical = sorted(list(self._took)[-self.JUDGED :])[self.JUDGED // 2]
        needed = math.ceil(typical / (self.FULL * MOMENT_NS))
        if needed > self.stride:
            self._change(min(needed, self.SLOWEST))
        elif self.stride > 1 and self._steady >= self.REMEMBERED:
            fits = self.EASY * MOMENT_NS * (self.stride - 1)
            if sorted(self._took)[-3] <= fits:
                self._change(self.stride - 1)

    def _change(self, stride: int) -> None:
        self.stride = stride
        self._steady = 0

    @property
    def lead_ns(self) -> int:
        """How long before it is due a picture is begun: long enough for all but the slowest."""
        slow = sorted(self._took)[-2] if len(self._took) > 1 else 0
        most = self.stride * MOMENT_NS - 2 * NS_PER_MS
        return min(max(self.SHORTEST_LEAD_NS, round(1.25 * slow)), most)


class Illustrator:
    """Renders the face for the moments to come; the player asks for each when it is due.

    A moment's number is its meeting time over 40 ms, and the face's time is meeting time.
    """

    def __init__(
        self,
        face: FaceStream,
        clock: Clock,
        metrics: Metrics,
        trouble: Callable[[str], None],
    ) -> None:
        self._face = face
        self._clock = clock
        self._metrics = metrics
        self._trouble = trouble
        self._pace = Pace()
        self._ready: deque[tuple[int, NDArray[np.uint8]]] = deque(maxlen=4)
        self._first = asyncio.Event()
        self._failed = False
        width, height = face.size
        self._shown = np.full((height, width, 3), BLANK, np.uint8)
        self._shown_number = -1
        self._begun_number = 0

    async def first(self) -> None:
        """Returns when there is a picture, or rendering has failed."""
        await self._first.wait()

    def picture(self, number: int) -> NDArray[np.uint8]:
        """The newest picture for moments up to ``number``; counts one that is late."""
        while self._ready and self._ready[0][0] <= number:
            self._shown_number, self._shown = self._ready.popleft()
        if self._shown_number != number and number % self._pace.stride == 0:
            self._metrics.count("face.late_frames")
        return self._shown

    async def run(self) -> None:
        """Render until cancelled. A face that fails stays as it is; it is tried again."""
        while True:
            soonest = self._clock.now_ns() // MOMENT_NS + 1
            number = max(self._begun_number + 1, soonest)
            number += -number % self._pace.stride
            begin = max(self._clock.now_ns(), number * MOMENT_NS - self._pace.lead_ns)
            await self._clock.sleep_until(begin)
            self._begun_number = number
            try:
                await self._render(number, begin)
            except Exception as error:
                await self._fail(error)

    async def _render(self, number: int, begin: int) -> None:
        """What the loop and the thread lose by being busy counts as the face's slowness."""
        pixels = await self._face.render(number * MOMENT_NS / NS_PER_S)
        took = self._clock.now_ns() - begin
        self._ready.append((number, pixels))
        self._first.set()
        self._failed = False
        self._pace.took(took)
        self._metrics.measure("face.render_ms", took / NS_PER_MS)
        self._metrics.gauge("face.fps", NS_PER_S / MOMENT_NS / self._pace.stride)

    async def _fail(self, error: Exception) -> None:
        self._first.set()
        self._metrics.count("face.failures")
        if not self._failed:
            self._failed = True
            log.error("the face could not be drawn", exc_info=error)
            self._trouble(f"The bot's face stands still, it cannot be drawn: {error}")
        await self._clock.sleep_until(self._clock.now_ns() + PAUSE_AFTER_FAILURE_NS)
