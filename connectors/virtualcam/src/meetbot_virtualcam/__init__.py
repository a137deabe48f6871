"""Meetbot as somebody's webcam and microphone, in Zoom, Meet, Teams or OBS.

Names are imported when they are first used, since devices' libraries may not be there.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meetbot_virtualcam.connector import CameraConnector

__all__ = ["CameraConnector"]

_HOMES = {"CameraConnector": "connector"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
