"""One picture, painted as a meeting would have it: steadily, and looked at before it is shown."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from meetbot.core.errors import EngineError
from meetbot.engines.registry import load_engine
from meetbot.models import ModelStore
from meetbot.painting.fit import paint_fit
from meetbot.painting.safety import Guard
from meetbot.painting.steady import SteadyPainter

if TYPE_CHECKING:
    from meetbot.config import Settings
    from meetbot.core.clock import Clock
    from meetbot.core.pictures import PaintRequest
    from meetbot.core.ports import Painter
    from meetbot.painting.fit import Fit

__all__ = ["paint_once"]

LATEST_NS = 600_000_000_000
"""Nobody waits in a room for a picture painted by command."""
STORYBOARD = "storyboard"
UNFIT = "the safety filter is against this picture and against a neutral one; nothing is written"
NEUTRAL = "a neutral picture was painted instead: the safety filter is against this one"


async def paint_once(
    chosen: Settings, request: PaintRequest, clock: Clock
) -> tuple[Fit, list[str]]:
    """The picture, and notes about what is other than asked for.

    A neutral picture where the words or the pixels are unfit; a smaller one, and then the embedded
    painter, where memory is short. Raises ``EngineError``, ``ModelError``, ``ConfigError``.
    """
    settings = chosen.painting
    models = ModelStore.configured(chosen.models)
    loaded: list[Painter] = []
    notes: list[str] = []

    async def load(kind: str, name: str, section: object) -> Any:
        return await asyncio.to_thread(load_engine, kind, name, models, section)

    async def painter(name: str) -> Painter:
        section = settings.painter.model_copy(update={"engine": name, "model": "auto"})
        made: Painter = await load("painter", name, section if loaded else settings.painter)
        loaded.append(made)
        return made

    async def note(text: str) -> None:
        notes.append(text)

    safety = settings.safety
    looker = None if safety.engine == "off" else await load("safety", safety.engine, safety)
    first = await painter(settings.painter.engine)
    spare = None if settings.painter.engine == STORYBOARD else lambda: painter(STORYBOARD)
    steady = SteadyPainter(first, spare, None, note, clock)
    try:
        guard = Guard(safety, looker, clock)
        due_ns, blocked = clock.now_ns() + LATEST_NS, guard.objects(request)
        fit = await paint_fit(request, steady, guard, due_ns, asyncio.Event(), blocked=blocked)
    finally:
        steady.close()
        for one in loaded:
            await one.close()
    if fit is None:
        raise EngineError(UNFIT)
    return fit, notes if fit.safe else [*notes, NEUTRAL]
