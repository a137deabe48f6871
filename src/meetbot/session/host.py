"""What all sessions of a process share: loaded engines and the store."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from meetbot.core.clock import MeetingClock
from meetbot.gallery import Gallery
from meetbot.models import ModelStore
from meetbot.observe import Metrics, kept_figures
from meetbot.people import PeopleDirectory
from meetbot.personas import PersonaDirectory
from meetbot.session.commissions import Commissions
from meetbot.session.engines import load_answers, load_engines, load_paints
from meetbot.session.session import Parts, Session
from meetbot.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from meetbot.config import Settings
    from meetbot.core.clock import Clock
    from meetbot.core.ports import Room
    from meetbot.session.answering import Answers
    from meetbot.session.easel import Paints
    from meetbot.session.engines import Engines

__all__ = ["Host", "open_host"]


class Host:
    """Makes sessions; see ``open_host``.

    ``paints``: what paints, and ``commissions``: pictures outside of meetings; None where painting
    is off. ``gallery``, ``people``: of the ``store``.
    """

    def __init__(
        self,
        settings: Settings,
        models: ModelStore,
        engines: Engines,
        answers: Answers | None,
        paints: Paints | None,
        store: Store,
        metrics: Metrics,
    ) -> None:
        self._models = models
        self._engines = engines
        self._answers = answers
        self.paints = paints
        self._sessions: WeakValueDictionary[str, Session] = WeakValueDictionary()
        self.store = store
        self._metrics = metrics
        self.settings = settings
        self.people = PeopleDirectory(store)
        self.gallery = paints.gallery if paints else Gallery(store, settings.painting.references)
        self.commissions: Commissions | None = None
        if paints is not None:
            self.commissions = Commissions(paints, settings.painting, MeetingClock())

    @property
    def rooms(self) -> tuple[str, ...]:
        """Where a bot paints now, by name."""
        return tuple(sorted(name for name, one in self._sessions.items() if one.easel is not None))

    def session(self, room: Room, room_name: str, clock: Clock) -> Session:
        """A session in ``room``, which its meeting is filed under as ``room_name``."""
        named = self.settings.room.model_copy(update={"name": room_name})
        settings = self.settings.model_copy(update={"room": named})
        parts = Parts(
            self._engines, self._models, self.store, self._metrics, self._answers, self.paints
        )
        session = Session(room, settings, parts, clock)
        self._sessions[room_name] = session
        return session

    def session_in(self, room_name: str) -> Session | None:
        """The session in that room, if there is one."""
        return self._sessions.get(room_name)


@asynccontextmanager
async def open_host(settings: Settings) -> AsyncIterator[Host]:
    """Load the engines and open the store, before any room is joined.

    Raises ``ModelError``, ``EngineError``, ``ConfigError`` or ``StoreError``.
    """
    models = ModelStore.configured(settings.models)
    async with await Store.open(settings.store.location) as store:
        engines = await load_engines(settings, models)
        answers = await load_answers(settings, models, store)
        paints = await load_paints(settings, models, store)
        metrics = Metrics()
        await PeopleDirectory(store).purge(settings.people.retention_days)
        personas = PersonaDirectory.configured(store, settings.store)
        await personas.purge(settings.people.retention_days)
        await Gallery(store).purge(settings.people.retention_days)
        try:
            with kept_figures(settings.observe.figures_file, metrics):
                yield Host(settings, models, engines, answers, paints, store, metrics)
        finally:
            for loaded in (answers, paints):
                if loaded is not None:
                    await loaded.close()
