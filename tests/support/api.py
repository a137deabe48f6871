"""A host whose painter and rooms are made up, on a real store, and clients of its API."""

from __future__ import annotations

import asyncio
import io
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import httpx
import numpy as np
from PIL import Image

from meetbot.config import Settings
from meetbot.core.errors import EngineError, InputError
from meetbot.core.pictures import Painting
from meetbot.engines.painter.storyboard.styles import STYLES
from meetbot.gallery import Gallery
from meetbot.observe import Metrics
from meetbot.people import PeopleDirectory
from meetbot.session import Host
from meetbot.session.easel import Paints
from meetbot.store import Store
from meetbot.web import create_app
from meetbot_webrtc import SignalingHub
from support.painting import pixels

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from numpy.typing import NDArray

    from meetbot.core.pictures import PaintRequest
    from meetbot.core.types import Speaker

__all__ = [
    "TOKEN",
    "Easel",
    "MadeUpHost",
    "RoomEasel",
    "add_person",
    "client",
    "open_host",
    "png",
    "problem",
]

TOKEN = "a-token-of-at-least-32-characters!"


class Easel:
    """Painter and safety filter in one; ``gate`` holds it up while it is clear, ``begun`` is
    set with its first picture."""

    name = "made up · 1"

    def __init__(self) -> None:
        self.asked: list[PaintRequest] = []
        self.probabilities: list[float] = []
        self.error: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun = asyncio.Event()
        self.at_once = self.most_at_once = 0

    async def paint(self, request: PaintRequest) -> Painting:
        self.asked.append(request)
        self.begun.set()
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.gate.wait()
            if self.error is not None:
                raise self.error
            return Painting(pixels(request.width, request.height, request.seed), self.name)
        finally:
            self.at_once -= 1

    async def unsafe(self, shown: NDArray[np.uint8]) -> float:
        assert shown.dtype == np.uint8
        return self.probabilities.pop(0) if self.probabilities else 0.0

    async def close(self) -> None:
        pass


class RoomEasel:
    """What a session paints with: notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.talk = "we moved to Texas"
        self.busy = False

    def request(self, text: str, speaker: Speaker | None) -> str:
        if self.busy:
            raise EngineError("32 pictures are asked for already; ask again in a moment")
        if not text and not self.talk:
            raise InputError("nothing was said lately that could be painted; say what to paint")
        self.asked.append((text or self.talk, speaker.name if speaker else None))
        return f"picture-{len(self.asked)}"


class MadeUpHost(Host):
    """``bots``: by room, what each paints with; None: nothing."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.bots: dict[str, RoomEasel | None] = {}

    def session_in(self, room_name: str) -> Any:
        if room_name not in self.bots:
            return None
        return SimpleNamespace(easel=self.bots[room_name])

    @property
    def rooms(self) -> tuple[str, ...]:
        return tuple(self.bots)


async def _no_other() -> Any:
    raise EngineError("there is no other painter")


@asynccontextmanager
async def open_host(
    folder: Path, easel: Easel | None, values: dict[str, Any] | None = None
) -> AsyncIterator[MadeUpHost]:
    """A host on a store in ``folder``; no ``easel``: painting is off."""
    settings = Settings.model_validate({"painting": values or {}})
    async with await Store.open(folder) as store:
        paints = None
        if easel is not None:
            paints = Paints(
                painter=easel,
                load_painter=_no_other,
                load_spare=None,
                safety=easel,
                text=cast("Any", None),
                gallery=Gallery(store, settings.painting.references),
                styles=STYLES,
            )
        yield MadeUpHost(settings, None, None, None, paints, store, Metrics())


@asynccontextmanager
async def client(
    host: Host | None, *, token: str | None = None, shown: str | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application itself, which shows the token ``shown``."""
    settings = Settings()
    hub = SignalingHub(settings.room, token=token)
    app = create_app(settings, hub=hub, host=lambda: host)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {shown}"} if shown else {}
    url = "http://localhost:8765"
    async with httpx.AsyncClient(transport=transport, base_url=url, headers=headers) as http:
        yield http


async def add_person(host: Host, name: str) -> Speaker:
    """Someone who is known by voice."""
    prints = np.eye(2, 8, dtype=np.float32)
    return await PeopleDirectory(host.store).create(name, "m", prints, seconds=2.0)


def problem(response: httpx.Response, status: int, *hints: str) -> None:
    """The response is a problem that says ``hints``."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    detail = response.json()["detail"]
    assert [hint for hint in hints if hint not in detail] == []


def png(width: int = 64, height: int = 48, seed: int = 1) -> bytes:
    """A picture's bytes."""
    data = io.BytesIO()
    Image.fromarray(pixels(width, height, seed)).save(data, "PNG")
    return data.getvalue()
