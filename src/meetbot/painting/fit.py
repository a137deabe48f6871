"""Paints what may be seen: what was asked for, or else a neutral picture, or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from meetbot.painting.prompt import neutral

if TYPE_CHECKING:
    import asyncio

    from meetbot.core.pictures import Painting, PaintRequest
    from meetbot.painting.safety import Guard
    from meetbot.painting.steady import SteadyPainter

__all__ = ["Fit", "paint_fit"]


@dataclass(frozen=True, slots=True)
class Fit:
    """``request``: what was painted in the end; ``safe`` False: not what was asked for."""

    request: PaintRequest
    painting: Painting
    safe: bool


async def paint_fit(
    request: PaintRequest,
    painter: SteadyPainter,
    guard: Guard,
    due_ns: int,
    void: asyncio.Event,
    *,
    blocked: bool,
) -> Fit | None:
    """None where not even a picture without the words may be seen.

    ``blocked``: the words are not to be painted. Raises ``TooLate``, ``Unseen``, ``EngineError``.
    """
    if not blocked:
        painting = await painter.paint(request, due_ns, void)
        if not await guard.unfit(painting, due_ns, void):
            return Fit(request, painting, True)
    calm = neutral(request)
    painting = await painter.paint(calm, due_ns, void)
    if await guard.unfit(painting, due_ns, void):
        return None
    return Fit(calm, painting, False)
