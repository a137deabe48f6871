"""The server: the room's page, signalling, WHIP and WHEP, and a bot where people meet."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meetbot.web.app import create_app
    from meetbot.web.bots import BotKeeper
    from meetbot.web.server import RoomServer

__all__ = ["BotKeeper", "RoomServer", "create_app"]

_HOMES = {"BotKeeper": "bots", "RoomServer": "server", "create_app": "app"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
