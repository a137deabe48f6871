"""A painter that paints smaller where memory is short, and that another one stands in for."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from meetbot.core.errors import EngineError, ModelError, OutOfMemory

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from meetbot.core.clock import Clock
    from meetbot.core.pictures import Painting, PaintRequest
    from meetbot.core.ports import Painter

__all__ = ["Hung", "SteadyPainter", "TooLate", "within"]

log = logging.getLogger(__name__)

T = TypeVar("T")

NS_PER_S = 1_000_000_000
GRACE_NS = 2 * NS_PER_S
SMALLEST = 256
MOST_ERRORS = 3
FIRST_REST_S = 30
LONGEST_REST_S = 600


class TooLate(EngineError):
    """It was not there by its deadline, or nobody wants it any more."""


class Hung(EngineError):
    """It did not even stop when it was told to."""


async def within(
    work: Awaitable[T], clock: Clock, due_ns: int, void: asyncio.Event, name: str
) -> T:
    """What ``work`` returns by ``due_ns``, unless ``void`` is set before.

    Raises ``TooLate``; ``Hung`` where it did not end when it was cancelled; its own error.
    """
    task = asyncio.ensure_future(work)
    others = [
        asyncio.ensure_future(clock.sleep_until(due_ns)),
        asyncio.ensure_future(void.wait()),
    ]
    try:
        await asyncio.wait({task, *others}, return_when=asyncio.FIRST_COMPLETED)
        if task.cancelled():
            raise EngineError(f"{name} was stopped by someone else")
        if task.done():
            return task.result()
        task.cancel()
        others.append(asyncio.ensure_future(clock.sleep_until(clock.now_ns() + GRACE_NS)))
        await asyncio.wait({task, others[-1]}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        task.cancel()
        task.add_done_callback(_forget)
        for other in others:
            other.cancel()
    if not task.done():
        raise Hung(f"{name} hangs: it did not stop when it was told to")
    raise TooLate(f"{name} was not done in time")


def _forget(task: asyncio.Future[T]) -> None:
    """Take note of an error that nobody waits for any more."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.debug("abandoned work failed: %s", error)


class SteadyPainter:
    """``first`` paints. Where it fails, smaller pictures or a spare painter help on.

    Out of memory: half the size, down to 256 pixels, and from then on. Still too much, three
    errors in a row, or not stopping when told to: the spare, until ``rebuild`` has made a new one
    (of one that hangs), or until ``first`` is tried again: after 30 s, then after twice as long
    each time, at most 10 minutes. ``report`` is told once of each change.
    """

    def __init__(
        self,
        first: Painter,
        load_spare: Callable[[], Awaitable[Painter]] | None,
        rebuild: Callable[[], Awaitable[Painter]] | None,
        report: Callable[[str], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self._first = first
        self._load_spare = load_spare
        self._rebuild = rebuild
        self._report = report
        self._clock = clock
        self._spare: Painter | None = None
        self._building: asyncio.Future[Painter] | None = None
        self._largest: int | None = None
        self._errors = 0
        self._rest_s = 0
        self._again_ns = 0

    async def paint(self, request: PaintRequest, due_ns: int, void: asyncio.Event) -> Painting:
        """Raises ``TooLate``; ``EngineError`` where nobody could paint it."""
        if not self._resting():
            try:
                return await self._by_first(request, due_ns, void)
            except TooLate:
                raise
            except EngineError as error:
                if not await self._broke(error):
                    raise
        return await self._once(await self._stand_in(), request, due_ns, void)

    def close(self) -> None:
        """Build nothing more. The painters are not closed: they are others' as well."""
        if self._building is not None:
            self._building.cancel()
            self._building = None

    def _resting(self) -> bool:
        """Whether it is not ``first``'s turn; one that was built anew takes its place."""
        if self._building is not None and self._building.done():
            built, self._building = self._building, None
            if not built.cancelled() and (error := built.exception()) is not None:
                log.warning("the painter could not be built anew: %s", error)
            elif not built.cancelled():
                self._first, self._errors, self._rest_s, self._again_ns = built.result(), 0, 0, 0
        return self._building is not None or self._clock.now_ns() < self._again_ns

    async def _by_first(self, request: PaintRequest, due_ns: int, void: asyncio.Event) -> Painting:
        while True:
            fitted = _fitted(request, self._largest)
            try:
                painting = await self._once(self._first, fitted, due_ns, void)
            except OutOfMemory:
                if not await self._shrink(fitted):
                    raise
            else:
                self._errors = self._rest_s = 0
                return painting

    async def _once(
        self, painter: Painter, request: PaintRequest, due_ns: int, void: asyncio.Event
    ) -> Painting:
        try:
            return await within(painter.paint(request), self._clock, due_ns, void, painter.name)
        except EngineError:
            raise
        except Exception as error:
            raise EngineError(f"{painter.name} failed: {error}") from error

    async def _shrink(self, request: PaintRequest) -> bool:
        """Halve the pictures from now on; False where they are as small as can be."""
        longest = max(request.width, request.height)
        if longest <= SMALLEST:
            return False
        self._largest = max(SMALLEST, longest // 2)
        smaller = _fitted(request, self._largest)
        await self._report(
            f"There is not enough memory for pictures of {request.width} × {request.height}; "
            f"they are painted at {smaller.width} × {smaller.height} from now on."
        )
        return True

    async def _broke(self, error: EngineError) -> bool:
        """Whether the spare has to paint this very picture."""
        self._errors += 1
        if self._errors < MOST_ERRORS and not isinstance(error, OutOfMemory | Hung):
            return False
        fresh = not self._rest_s
        self._rest_s = min(self._rest_s * 2 or FIRST_REST_S, LONGEST_REST_S)
        self._again_ns = self._clock.now_ns() + self._rest_s * NS_PER_S
        self._largest = None
        if isinstance(error, Hung) and self._rebuild is not None:
            self._building = asyncio.ensure_future(self._rebuild())
        log.warning("%s; it is tried again in %d s", error, self._rest_s)
        try:
            spare = await self._stand_in()
        except EngineError as missing:
            if fresh:
                await self._report(f"{error}. There are no pictures until it is back ({missing}).")
            return False
        if fresh:
            await self._report(f"{error}. Until it is back, {spare.name} paints.")
        return True

    async def _stand_in(self) -> Painter:
        if self._spare is None:
            if self._load_spare is None:
                raise EngineError("no other painter is there")
            try:
                self._spare = await self._load_spare()
            except ModelError as error:
                raise EngineError(f"no other painter is there: {error}") from error
        return self._spare


def _fitted(request: PaintRequest, largest: int | None) -> PaintRequest:
    """The request with no side over ``largest`` pixels, both of them multiples of 8."""
    longest = max(request.width, request.height)
    if largest is None or longest <= largest:
        return request
    width = max(64, round(request.width * largest / longest / 8) * 8)
    height = max(64, round(request.height * largest / longest / 8) * 8)
    return replace(request, width=width, height=height)
