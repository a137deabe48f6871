"""Meetbot in LiveKit rooms: the bot's peer, and a Python guest for demo, benchmarks and tests.

Names are imported when they are first used, since the SDK takes a while to load.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meetbot_livekit.connector import LiveKitConnector

__all__ = ["LiveKitConnector"]

_HOMES = {"LiveKitConnector": "connector"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
