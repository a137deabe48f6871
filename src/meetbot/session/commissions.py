"""Pictures that programs ask for outside of a meeting, by the painter of all meetings."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meetbot.core.errors import EngineError
from meetbot.painting.commission import as_picture, as_request
from meetbot.painting.fit import paint_fit
from meetbot.painting.safety import Guard
from meetbot.painting.steady import SteadyPainter, within

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from meetbot.config import PaintingSettings
    from meetbot.core.clock import Clock
    from meetbot.core.pictures import Picture
    from meetbot.core.types import Speaker
    from meetbot.gallery import KeptPicture
    from meetbot.painting.commission import Commission
    from meetbot.session.easel import Paints

__all__ = ["MOST_WAITING", "Commissioned", "Commissions", "TooMany"]

log = logging.getLogger(__name__)

NS_PER_S = 1_000_000_000
MOST_WAITING = 8
"""Pictures that are painted or wait; one more is refused."""
LONGEST_SECONDS = 120.0
UNFIT = "the safety filter is against this picture and against a neutral one"


class TooMany(EngineError):
    """As many pictures as may wait are waiting."""


@dataclass(frozen=True, slots=True)
class Commissioned:
    """``kept``: as it is in the person's history; None: it was painted for nobody."""

    picture: Picture
    kept: KeptPicture | None


class Commissions:
    """Paints one after the other. ``seconds``: from asking to painted, waiting included."""

    def __init__(
        self,
        paints: Paints,
        settings: PaintingSettings,
        clock: Clock,
        seconds: float = LONGEST_SECONDS,
    ) -> None:
        self._gallery = paints.gallery
        self._settings = settings
        self._clock = clock
        self._longest_ns = round(seconds * NS_PER_S)
        self._painter = SteadyPainter(
            paints.painter, paints.load_spare, paints.rebuild, _told, clock
        )
        self._guard = Guard(settings.safety, paints.safety, clock)
        self._easel = asyncio.Lock()
        self._waiting = 0

    @property
    def waiting(self) -> int:
        """How many were asked for and are not painted yet."""
        return self._waiting

    async def paint(
        self,
        draw_up: Callable[[], Awaitable[Commission]],
        person: Speaker | None,
        void: asyncio.Event,
    ) -> Commissioned:
        """Paint what ``draw_up`` says, and keep it where it is for a ``person``.

        ``void`` is set when nobody waits for it any more. Raises ``TooMany``, ``TooLate``,
        ``Hung``, ``Unseen``, ``EngineError``, ``InputError``, ``StoreError``.
        """
        if self._waiting >= MOST_WAITING:
            raise TooMany(f"{MOST_WAITING} pictures are asked for already; ask again in a moment")
        self._waiting += 1
        due_ns = self._clock.now_ns() + self._longest_ns
        try:
            commission = await within(_drawn_up(draw_up), self._clock, due_ns, void, "the request")
            await within(self._easel.acquire(), self._clock, due_ns, void, "the picture before")
            try:
                picture = await self._paint(commission, person, due_ns, void)
            finally:
                self._easel.release()
        finally:
            self._waiting -= 1
        return Commissioned(picture, await self._gallery.keep(None, picture) if person else None)

    async def _paint(
        self, commission: Commission, person: Speaker | None, due_ns: int, void: asyncio.Event
    ) -> Picture:
        began_ns = self._clock.now_ns()
        request = await as_request(commission, self._settings, person, self._gallery)
        blocked = self._guard.objects(request)
        fit = await paint_fit(request, self._painter, self._guard, due_ns, void, blocked=blocked)
        if fit is None:
            raise EngineError(UNFIT)
        return as_picture(fit, person, self._clock.now_ns() - began_ns)


async def _drawn_up(draw_up: Callable[[], Awaitable[Commission]]) -> Commission:
    return await draw_up()


async def _told(text: str) -> None:
    log.warning("%s", text)
